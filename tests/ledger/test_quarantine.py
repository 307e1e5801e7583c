"""A bad row is kept aside with its place and its reason; all others arrive."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from incasso.contract.errors import RejectedError
from incasso.contract.ledger import DocumentKind
from incasso.services.ledger import reading as sync_reading
from tests.ledger.office import (
    ON,
    Books,
    Export,
    bad_row,
    client,
    codes,
    item,
    items,
)

LATER = ON + timedelta(days=1)

WRONG: dict[str, tuple[Any, str]] = {
    "no key": (item(""), "key"),
    "blank key": (item("  "), "key"),
    "endless key": (item("K" * 129), "key"),
    "no client": (item("X", client=""), "client"),
    "unknown client": (item("X", client="nobody"), "client"),
    "date before computers": (item("X", due_date=date(1899, 12, 30)), "due_date"),
    "date after us all": (item("X", due_date=date(2062, 1, 1)), "due_date"),
    "impossible day of return": (item("X", unpaid_on=date(1900, 1, 1)), "unpaid_on"),
    "more left than there was": (item("X", "120", amount=Decimal(100)), "residual"),
    "left on the wrong side": (item("X", "20", amount=Decimal(-100)), "residual"),
    "positive credit note": (item("X", "20", document_kind=DocumentKind.CREDIT_NOTE), "residual"),
    "half a cent": (item("X", "1.005"), "residual"),
    "a fraction of a yen": (item("X", "10.5", currency="JPY"), "residual"),
    "no number": (item("X", "NaN"), "residual"),
    "endless number": (item("X", "Infinity"), "residual"),
    "a missing comma": (item("X", "1e30"), "residual"),
    "no currency": (item("X", currency="EURO"), "currency"),
    "small letters": (item("X", currency="eur"), "currency"),
    "a swallowed file": (item("X", notes="x" * 1_000_000), "notes"),
    "a NUL": (item("X", notes="a\0b"), "notes"),
    "half a character": (item("X", notes="\ud800"), "notes"),
    "half a character in the key": (item("X\ud800"), "key"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_one_bad_row_is_quarantined_and_the_others_arrive(books: Books, wrong: str) -> None:
    row, field = WRONG[wrong]
    report = books.read(*items(9)[:5], row, *items(9)[5:])
    assert report.good and (report.counts.new, report.counts.quarantined) == (9, 1)
    (entry,) = books.waiting()
    assert (entry.file, entry.row, entry.field) == ("scadenzario.csv", 7, field)
    assert entry.problem and entry.record == "installment" and len(entry.raw) <= 2000


@pytest.mark.parametrize(
    "row",
    [
        item("X", "-20", amount=Decimal(100)),
        item("X", "100.03", amount=Decimal(100)),
        item("X", "-100", amount=Decimal(-100)),
        item("X", "100", currency="JPY"),
        item("X", notes="n" * 4000),
        item("X" * 128),
        item("X\xa0é", notes="\N{GRINNING FACE} د'\n"),
    ],
    ids=["overpaid", "rounded", "negative", "yen", "long", "long key", "odd text"],
)
def test_odd_but_true_rows_are_taken(books: Books, row: Any) -> None:
    assert books.read(row).counts.new == 1
    assert books.read(row).counts.unchanged == 1


def test_clients_are_refused_too_and_their_items_with_them(books: Books) -> None:
    export = books.export
    assert isinstance(export, Export)
    export.clients = [
        client(),
        client("C2", name=" "),
        client("C3", credit_limit=Decimal("1.001")),
        client(""),
    ]
    report = books.read(item("A-1"), item("B-1", client="C2"))
    assert (report.counts.clients_new, report.counts.new) == (1, 1)
    assert codes(books.waiting()) == ["empty", "empty", "fraction", "unknown_client"]


def test_an_unreadable_row_leaves_the_ledger_as_it_was(books: Books) -> None:
    books.read(*items(9))
    for _ in range(3):
        assert books.read(*items(8), bad_row(10, "A-0008")).good
    kept = books.installment("A-0008")
    assert (kept.status, kept.absences) == ("open", 0)
    (entry,) = books.waiting()
    assert (entry.key, entry.row, entry.field, entry.raw) == ("A-0008", 10, "due_date", "row 10")
    assert entry.hint == "look at it"


def test_a_row_without_a_key_may_be_any_absent_item(books: Books) -> None:
    books.read(*items(9))
    for _ in range(3):
        books.read(*items(8), bad_row(10))
    kept = books.installment("A-0008")
    assert (kept.status, kept.absences) == ("open", 1)
    books.read(*items(8))
    assert books.installment("A-0008").status == "vanished"


def test_the_same_trouble_is_kept_once_and_follows_its_row(books: Books) -> None:
    wrong = item("X", "1.005")
    books.read(wrong, *items(3))
    books.read(*items(3), wrong)
    (entry,) = books.waiting()
    assert (entry.row, entry.run_id) == (5, books.runs()[0].id)


def test_a_record_that_arrives_well_is_resolved(books: Books) -> None:
    books.read(item("X", "1.005"), bad_row(3, "Y"), *items(3))
    report = books.read(item("X", "1.00"), bad_row(3, "Y"), *items(3), on=LATER)
    assert report.counts.resolved == 1
    (entry,) = books.waiting()
    assert entry.key == "Y"
    report = books.read(item("X", "1.00"), *items(3), on=LATER)
    assert report.counts.resolved == 1 and not books.waiting()


def test_a_partial_read_resolves_only_what_it_brings(books: Books) -> None:
    books.read(item("X", "1.005"), item("Y", "2.005"), *items(3))
    books.export.complete = False
    books.read(item("X", "1.00"))
    assert [entry.key for entry in books.waiting()] == ["Y"]


def test_equal_rows_count_once(books: Books) -> None:
    report = books.read(*items(4), *items(2))
    assert (report.counts.new, report.counts.quarantined) == (4, 2)
    assert codes(books.waiting()) == ["doubled", "doubled"]
    again = books.read(*items(4), *items(2))
    assert (again.counts.new, again.counts.changed) == (0, 0)
    assert len(books.waiting()) == 2


def test_rows_that_contradict_each_other_change_nothing(books: Books) -> None:
    books.read(*items(12))
    kept = books.contents()["installments"]
    for rows in (
        [*items(12), item("A-0003", "1.00")],
        [item("A-0003", "1.00"), *items(12)],
        [*items(3), item("A-0003", "1.00"), item("A-0003", "2.00"), *items(12)[4:]],
    ):
        report = books.read(*rows)
        assert report.good and report.counts.changed == 0
        assert books.contents()["installments"] == kept
        assert codes(books.waiting()) == ["contradiction"]


def test_new_rows_that_contradict_each_other_stay_out(books: Books) -> None:
    report = books.read(*items(3), item("X", "1"), item("X", "2"), item("Y", "1"), item("Y", "1"))
    assert (report.counts.new, codes(books.waiting())) == (4, ["contradiction", "doubled"])
    assert "X" not in books.statuses()


def test_one_changed_row_written_twice_alike_is_taken_once(books: Books) -> None:
    books.read(*items(12))
    twice = item("A-0003", "1.00")
    books.read(*items(3), twice, *items(12)[4:], twice)
    assert books.installment("A-0003").residual == 100
    assert codes(books.waiting()) == ["doubled"]


@pytest.mark.parametrize("known", [True, False])
def test_an_export_written_twice_over_is_refused_as_a_whole(
    books: Books, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    monkeypatch.setattr(sync_reading, "SHOWN", 5)
    if known:
        books.read(*items(9))
    before = books.contents()["installments"]
    report = books.read(*items(9), *items(9))
    assert report.status == "failed" and "written twice" in report.reasons[0]
    assert books.contents()["installments"] == before


def test_words_are_kept_for_some_and_numbers_for_all(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync_reading, "SHOWN", 5)
    report = books.read(*items(9), *(bad_row(number) for number in range(20)))
    assert (report.counts.quarantined, len(books.waiting())) == (20, 5)


def test_a_client_twice_with_two_names_keeps_the_known_one(books: Books) -> None:
    export = books.export
    assert isinstance(export, Export)
    books.read(*items(3))
    export.clients = [client(), client(name="Verdi srl")]
    books.sync()
    assert books.client().name == "Rossi srl"
    assert codes(books.waiting()) == ["contradiction"]


def test_a_connector_that_invents_keys_is_told_so(books: Books) -> None:
    export = books.export
    assert isinstance(export, Export)
    books.read(*items(3))
    export.invented = ("never seen",)
    report = books.sync()
    assert report.status == "failed" and "never seen" in report.reasons[0]
    assert set(books.statuses().values()) == {"open"}


def test_a_read_that_breaks_off_changes_nothing(books: Books) -> None:
    export = books.export
    assert isinstance(export, Export)
    books.read(*items(9))
    before = books.contents()
    export.fails_after, export.failure = 3, RejectedError("the server went away")
    report = books.read(*[item(f"N-{number}") for number in range(9)], *items(9))
    assert (report.status, report.counts.new) == ("failed", 0)
    assert "server went away" in report.reasons[0]
    assert books.contents() == before
    assert [run.status for run in books.runs()] == ["good", "failed"]
