"""A listing is read whole or not at all, whatever the server does with its pages."""

from __future__ import annotations

from typing import Any

import pytest

from incasso.api import ConfigurationError, RejectedError, TemporaryError
from incasso_mexal.web import webapi
from incasso_mexal.web.answers import BusyError, MissingError, RefusedError, TooSlowError
from incasso_mexal.web.paging import Filter, Listing, Stream
from tests.mexal_parts.parts import Lists, page

LISTING = Listing("ledger", "scadenzario", None, ("codice", "causale", "nota"), ("codice",))
STALE = RefusedError("refused", "Token next non valido", "6001")


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waited: list[float] = []
    monkeypatch.setattr(webapi, "pause", waited.append)
    return waited


def rows(lists: Lists, listing: Listing = LISTING) -> list[Any]:
    return [row for batch in Stream(lists.api, listing) for row in batch.records]


def test_only_the_absence_of_next_ends_a_listing() -> None:
    lists = Lists(page([1], "a"), page([], "b"), page([2, 3]))
    assert rows(lists) == [1, 2, 3]
    assert [ask.params.get("next") for ask in lists.asked] == [None, "a", "b"]


def test_the_mark_for_the_next_reading_is_the_server_s_time_of_the_first_page() -> None:
    lists = Lists(page([1], "a", "20261123 060000"), page([2], "", "20261123 060500"))
    stream = Stream(lists.api, LISTING)
    assert list(stream) and stream.elaborated == "20261123 060000"


def test_a_search_sends_its_conditions_in_the_body_and_its_place_in_the_query() -> None:
    lists = Lists(page([1], "a"), page([2]))
    rows(lists, Listing("x", "scadenzario", None, filters=(Filter("codice", "=", ("a", "b")),)))
    for ask in lists.asked:
        assert (ask.method, ask.path) == ("POST", "risorse/scadenzario/ricerca")
        assert ask.body == {
            "filtri": [{"campo": "codice", "condizione": "=", "valore": ["a", "b"]}]
        }
    assert lists.asked[1].params["next"] == "a"


def test_a_stale_next_begins_anew_once() -> None:
    lists = Lists(page([1], "a"), STALE, page([1], "b"), page([2]))
    assert rows(lists) == [1, 1, 2]


def test_a_next_that_goes_stale_again_fails_and_never_just_stops() -> None:
    lists = Lists(page([1], "a"), STALE, page([1], "b"), STALE)
    with pytest.raises(TemporaryError, match="lost its place"):
        rows(lists)


def test_a_server_that_gives_the_same_place_for_ever_is_left() -> None:
    with pytest.raises(TemporaryError, match="keeps giving the same page"):
        rows(Lists(page([1], "a")))


def test_a_slow_page_is_asked_for_smaller_down_to_a_limit() -> None:
    lists = Lists(TooSlowError("slow"), TooSlowError("slow"), page([1]), page_size=400)
    assert rows(lists) == [1]
    assert [ask.params["max"] for ask in lists.asked] == ["400", "200", "100"]
    with pytest.raises(TooSlowError):
        rows(Lists(TooSlowError("slow")))


def test_a_broken_line_is_tried_again_twice(pauses: list[float]) -> None:
    lists = Lists(TemporaryError("cut"), TemporaryError("cut"), page([1]))
    assert rows(lists) == [1] and len(pauses) == 2
    with pytest.raises(TemporaryError, match="cut"):
        rows(Lists(TemporaryError("cut")))


def test_a_short_call_is_not_stretched_by_retries() -> None:
    lists = Lists(TemporaryError("cut"), page([1]), streaming=False)
    with pytest.raises(TemporaryError):
        rows(lists)
    assert len(lists.asked) == 1


def test_a_server_without_slots_is_left_alone() -> None:
    lists = Lists(BusyError("busy"))
    with pytest.raises(BusyError):
        rows(lists)
    assert len(lists.asked) == 1, "the line itself has waited already"


def test_an_optional_field_that_is_unknown_is_left_out() -> None:
    unknown = RefusedError("no", "Nome campo 'nota' non valido", "6001")
    lists = Lists(unknown, page([1]))
    assert rows(lists) == [1]
    assert lists.asked[1].params["fields"] == "codice,causale"


def test_a_field_without_which_records_mean_nothing_is_told() -> None:
    unknown = RefusedError("no", "Nome campo 'codice' non valido", "6001")
    with pytest.raises(ConfigurationError, match="no field codice"):
        rows(Lists(unknown))


def test_another_refusal_is_told_as_it_is() -> None:
    with pytest.raises(RejectedError, match="refused"):
        rows(Lists(RefusedError("refused", "Valore non valido", "6001")))
    with pytest.raises(MissingError):
        rows(Lists(MissingError("no such resource")))


@pytest.mark.parametrize("answer", [[], "text", 7, {"altro": 1}, {"dati": {"a": 1}}, {}])
def test_an_answer_without_data_is_no_empty_list(answer: Any) -> None:
    with pytest.raises(TemporaryError):
        rows(Lists(answer))


def test_small_tables_come_under_a_name_of_their_own() -> None:
    assert rows(Lists({"Aziende": [{"sigla": "ACM"}]})) == [{"sigla": "ACM"}]
