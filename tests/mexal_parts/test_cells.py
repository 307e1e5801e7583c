"""Fields as Mexal sends them: padded, empty, typed wrongly, and what is refused."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from incasso_mexal.cells import CellError, amount, day, is_yes, text, whole
from incasso_mexal.web.arrays import by_index, by_two_indices


@pytest.mark.parametrize("none", ["", "0", "00000000", "17991231", "18991230", "19000101", None])
def test_a_sentinel_is_no_date(none: Any) -> None:
    assert day(none, "d") is None


@pytest.mark.parametrize(
    "written", ["20261031", "2026-10-31", "20261031 093000", date(2026, 10, 31),
                datetime(2026, 10, 31, 9, 30)]  # noqa: DTZ001
)  # fmt: skip
def test_a_date_however_it_is_written(written: Any) -> None:
    assert day(written, "d") == date(2026, 10, 31)


@pytest.mark.parametrize("written", ["20260230", "31/10/2026", "2026103", "domani", True, [1]])
def test_what_is_no_date_is_refused(written: Any) -> None:
    with pytest.raises(CellError) as raised:
        day(written, "dt_sca_pg")
    assert raised.value.problem.field == "dt_sca_pg"


@pytest.mark.parametrize(
    ("written", "told"),
    [(100, "100.00"), ("100.5", "100.50"), (Decimal("0.1"), "0.10"), (0.1 + 0.2, "0.30"),
     (-7, "-7.00"), (Decimal("12.300000000000001"), "12.30"), (Decimal("1E+2"), "100.00")],
)  # fmt: skip
def test_amounts_are_exact(written: Any, told: str) -> None:
    assert str(amount(written, "imp_scadenza")) == told


@pytest.mark.parametrize(
    "written", ["12,50", "NaN", Decimal("NaN"), Decimal("Infinity"), "1e400", True, [1], "cento",
                Decimal("10.005"), 10**14]
)  # fmt: skip
def test_what_is_no_amount_is_refused_and_never_rounded(written: Any) -> None:
    with pytest.raises(CellError):
        amount(written, "imp_scadenza")


def test_no_amount_is_none_and_not_zero() -> None:
    assert amount(None, "a") is amount("", "a") is amount("  ", "a") is None


def test_codes_lose_their_padding_and_keep_their_zeros() -> None:
    assert text(" 501.00001   ", "codice") == "501.00001"
    assert text("CAFFE'\x00 NERO\x1f", "nome") == "CAFFE' NERO"
    assert text(7, "id") == "7"


@pytest.mark.parametrize("written", [True, ["a"], {"a": 1}, "x" * 10_001])
def test_what_is_no_text_is_refused(written: Any) -> None:
    with pytest.raises(CellError):
        text(written, "nome")


def test_whole_numbers() -> None:
    assert [whole(each, "n") for each in (None, "", "  7 ", 7, Decimal("7.0"))] == [0, 0, 7, 7, 7]
    for bad in ("7.5", "sette", [7], True):
        with pytest.raises(CellError):
            whole(bad, "n")


def test_flags() -> None:
    assert [is_yes(each) for each in ("S", "s ", True, "X")] == [True] * 4
    assert [is_yes(each) for each in ("N", "", None, 0, "0", False)] == [False] * 6


def test_arrays_are_rebuilt_by_index_because_empty_positions_are_missing() -> None:
    assert by_index([[1, "a"], [4, "d"]], "f") == {1: "a", 4: "d"}
    assert by_index([], "f") == by_index(None, "f") == by_index("", "f") == {}
    assert by_two_indices([[1, 2, "x"]], "f") == {(1, 2): "x"}


@pytest.mark.parametrize(
    "broken",
    [["a"], [[1]], [[1, 2, 3]], [["1", "a"]], [[0, "a"]], [[251, "a"]], [[True, "a"]],
     [[1, "a"], [1, "b"]], {"1": "a"}, "a", 7],
)  # fmt: skip
def test_what_is_no_array_is_refused(broken: Any) -> None:
    with pytest.raises(CellError):
        by_index(broken, "dt_sca_pg")
