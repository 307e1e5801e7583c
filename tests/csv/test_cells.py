"""Amounts, dates and words of Italian exports are understood, or refused, never guessed."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest
from babel.dates import get_month_names
from hypothesis import given
from hypothesis import strategies as st

from incasso.api import ClientRecord, DocumentKind, InstallmentRecord, PaymentMethod
from incasso_csv.cells.amounts import Mark, check_cents, column_mark, read_amount
from incasso_csv.cells.dates import read_date
from incasso_csv.cells.kinds import read_kind
from incasso_csv.cells.values import Cell, CellError, clean
from incasso_csv.cells.words import (
    Status,
    normal,
    read_flag,
    read_method,
    read_status,
)
from incasso_csv.layouts.entries import Entry
from incasso_csv.layouts.headings import Heading
from incasso_csv.records import plain_clients
from incasso_csv.records.plain import FIELDS, PlainReader
from incasso_csv.records.record import RecordReader
from incasso_csv.settings import CsvSettings
from tests.csv.reading import ON
from tests.profiles import tries

CENTS = st.integers(min_value=-(10**12), max_value=10**12)
DAYS = st.dates(min_value=date(1970, 1, 1), max_value=date(2069, 12, 31))


def italian(cents: int) -> str:
    return f"{Decimal(cents).scaleb(-2):,.2f}".translate(str.maketrans(",.", ".,"))


@given(cents=CENTS)
def test_both_styles_give_the_same_amount(cents: int) -> None:
    amount = Decimal(cents).scaleb(-2)
    english = f"{amount:,.2f}"
    for mark in ("", ",", "."):
        assert read_amount(italian(cents), mark) == amount
        assert read_amount(english, mark) == amount
        assert read_amount(f"{amount:.2f}", mark) == amount
    assert read_amount(f"€ {italian(cents)}") == amount
    assert read_amount(f"{italian(abs(cents))}{'-' if cents < 0 else ''} EUR") == amount
    assert read_amount(f"{italian(abs(cents))} {'A' if cents < 0 else 'D'}") == amount


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("(1.234,56)", "-1234.56"),
        ("1 234,56", "1234.56"),
        ("1\u202f234,56", "1234.56"),
        ("1'234.50", "1234.50"),
        ("1.234.567", "1234567"),
        ("0,5", "0.5"),
        (",50", "0.50"),
        ("12,", "12"),
        ("+7", "7"),
        ("'12,50", "12.50"),
        ("−5,00", "-5.00"),
        (1234.5, "1234.5"),
        (0.1 + 0.2, "0.3"),
        (12, "12"),
        (Decimal("3.10"), "3.10"),
    ],
)
def test_amounts(cell: Cell, amount: str) -> None:
    assert read_amount(cell) == Decimal(amount)


@pytest.mark.parametrize("cell", ["", "  ", "\xa0"])
def test_no_amount(cell: str) -> None:
    assert read_amount(cell) is None


@pytest.mark.parametrize("number", [1e18, -1.1111111111111111e51, float("inf"), float("nan")])
def test_a_number_of_a_sheet_that_no_amount_can_be_is_refused(number: float) -> None:
    with pytest.raises(CellError):
        read_amount(number)


@pytest.mark.parametrize(
    "cell",
    ["duecento", "1,2,3", "1.23.4", "12/10", "--5", "1e5", "NaN", "∞", "٣", "1_000", "9" * 30, True,
     float("nan"), float("inf"), "1.2.3,4", "EUR", "-", "()"],
)  # fmt: skip
def test_what_is_no_amount_is_refused(cell: Cell) -> None:
    with pytest.raises(CellError):
        read_amount(cell, ",")


def test_a_thousand_or_three_decimals() -> None:
    with pytest.raises(CellError, match="thousand or three decimals"):
        read_amount("1.200")
    assert read_amount("1.200", ",") == 1200
    assert read_amount("1.200", ".") == Decimal("1.200")
    assert read_amount("1,200", ".") == 1200
    assert read_amount("0.125") == Decimal("0.125")


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        (["1.200", "3,50"], ","),
        (["1.200", "3.50"], "."),
        (["1.200", "1.300"], ""),
        (["3,50", "3.50"], ""),
        ([1.5, "", "4,10"], ","),
        ([], ""),
    ],
)
def test_the_column_tells_the_mark(cells: list[Cell], mark: Mark) -> None:
    assert column_mark(cells) == mark


def test_cents_are_never_rounded() -> None:
    assert check_cents(Decimal("1.50"), "EUR") == Decimal("1.50")
    assert check_cents(Decimal("1.500"), "EUR") == Decimal("1.500")
    for amount, currency in (("1.505", "EUR"), ("1.5", "JPY"), ("1.0005", "KWD")):
        with pytest.raises(CellError, match="more decimals"):
            check_cents(Decimal(amount), currency)


@given(day=DAYS)
def test_every_way_to_write_a_day(day: date) -> None:
    for form in ("%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y", "%d.%m.%Y", "%Y%m%d", "%Y-%m-%d"):
        assert read_date(day.strftime(form)) == day
    assert read_date(f"{day:%d/%m/%Y} 10:30:00") == day
    assert read_date(f"{day.isoformat()}T00:00:00Z") == day
    assert read_date(datetime(day.year, day.month, day.day, 23, 59)) == day  # noqa: DTZ001
    assert read_date(day) == day
    assert read_date(float((day - date(1899, 12, 30)).days)) == day


@pytest.mark.parametrize(
    "cell",
    ["", "0", "00000000", "00/00/0000", "0000-00-00", "  /  /    ", 0, "1899-12-30", "31/12/1799",
     "01/01/1900", "1899-12-30T00:00:00"],
)  # fmt: skip
def test_ways_to_write_no_day(cell: Cell) -> None:
    assert read_date(cell) is None


@pytest.mark.parametrize(
    "cell",
    ["31/06/2026", "12/31/2026", "2026-13-01", "20260230", "domani", "30/9", "1/1/3026",
     "٠١/٠١/٢٠٢٦", 12.5, True, "2026-W05-1"],
)  # fmt: skip
def test_what_is_no_day_is_refused(cell: Cell) -> None:
    with pytest.raises(CellError):
        read_date(cell)


@pytest.mark.parametrize(
    ("code", "method"),
    [
        ("RB", "riba"), ("Ri.Ba.", "riba"), ("Ric. bancaria 60 gg", "riba"), ("MP12", "riba"),
        ("Bonifico 30 gg f.m.", "transfer"), ("BO", "transfer"), ("C3", "transfer"),
        ("RID", "sdd"), ("SEPA SDD", "sdd"), ("RD", "sdd"), ("Contrassegno", "cod"),
        ("Rimessa diretta", "direct"), ("C1", "direct"), ("", "other"), ("riba", "riba"),
    ],
)  # fmt: skip
def test_ways_to_pay(code: str, method: str) -> None:
    assert read_method(code, {}) is PaymentMethod(method)


def test_a_company_may_have_its_own_codes() -> None:
    with pytest.raises(CellError, match="not a known way to pay"):
        read_method("ZK9", {})
    own = CsvSettings(installments=Path("x"), payment_methods={"zk9": "riba", "RB": "transfer"})
    assert read_method("ZK9", own.method_overrides) is PaymentMethod.RIBA
    assert read_method("RB", own.method_overrides) is PaymentMethod.TRANSFER


def test_words_of_documents_states_and_flags() -> None:
    assert read_kind("Nota di credito") is read_kind("NC") is DocumentKind.CREDIT_NOTE
    assert read_kind("FATTURA ACC.") is DocumentKind.INVOICE
    assert read_kind("001") is DocumentKind.OTHER
    with pytest.raises(CellError, match="giroconto"):
        read_kind("giroconto")
    assert read_status("Insoluto") is Status.UNPAID
    assert read_status("SALDATA") is Status.PAID
    assert read_status("Presentata in banca") is Status.PRESENTED
    assert read_status("boh") is Status.OPEN
    assert read_flag("X") and read_flag("sì") and not read_flag("N") and not read_flag("")
    with pytest.raises(CellError):
        read_flag("forse")


def test_headings_are_compared_without_their_ornaments() -> None:
    assert normal(" N° Fatt. ") == "n fatt"
    assert normal("Importo atteso (€)") == "importo atteso"
    assert normal("Città_di  nascita") == "citta di nascita"


def test_an_apostrophe_that_protects_is_dropped_and_one_that_belongs_stays() -> None:
    assert clean("'=SUM(A1)") == "=SUM(A1)"
    assert clean("'00123") == "00123"
    assert clean("'o Mastro") == "'o Mastro"


# Cells as they come and as they should not: most rows are plain, some are anything.
CELL = st.one_of(
    st.sampled_from(
        ["", "C1", "invoice", "credit_note", "2026/7", "2026-09-30", "1", "100.00", "-100.00",
         "1.200,50", "1,5", "EUR", "JPY", "riba", "RB", "01/09/2026", "20260930", " x ", "'=1",
         "Euro", "0", "2026-02-30", "99.999", "advance", "L'Aquila"]
    ),
    st.text(max_size=8).filter(lambda text: not set(text) & set(',"\n\r\0')),
)  # fmt: skip


@given(cells=st.lists(CELL, min_size=len(FIELDS), max_size=len(FIELDS)), good=st.booleans())
@tries(400)
def test_the_short_way_reads_as_the_long_way(cells: list[str], good: bool) -> None:
    if good:  # random rows are nearly always bad: give half of them what is needed
        for field, cell in (("key", "K"), ("client", "C"), ("due_date", "2026-09-30")):
            cells[FIELDS.index(field)] = cell
        cells[FIELDS.index("residual")] = "50.00"
    chosen = CsvSettings(installments=Path("x"))
    heading = Heading(0, {field: at for at, field in enumerate(FIELDS)}, FIELDS)
    short = PlainReader(heading, ",", chosen).read(",".join(cells), b"")
    entry = Entry(2, dict(zip(FIELDS, cells, strict=True)), "")
    marks: dict[str, Mark] = dict.fromkeys(FIELDS, ".")
    long = RecordReader(chosen, "ledger.csv", marks, on=ON).installment(entry)
    if short is not None:
        assert short == long
    elif good and isinstance(long, InstallmentRecord) and all(cell.isalnum() for cell in cells):
        raise AssertionError(f"a plain row went the long way: {cells}")


CONTACT = st.one_of(
    st.sampled_from(
        ["", "C1", "Rossi srl", "L'Orto di Anna", "'12", "IT 0123", "it", "IT", "Italia", "X",
         "true", "forse", "1000", "1.000,00", "10.5", "S", " a", "it-CH"]
    ),
    st.text(max_size=8).filter(lambda text: not set(text) & set(',"\n\r\0')),
)  # fmt: skip


@given(cells=st.lists(CONTACT, min_size=30, max_size=30), good=st.booleans())
@tries(400)
def test_the_short_way_reads_clients_as_the_long_way(cells: list[str], good: bool) -> None:
    fields = plain_clients.FIELDS
    if good:
        for field in ("is_person", "blocked", "excluded", "seasonal", "country", "credit_limit"):
            cells[fields.index(field)] = ""
    chosen = CsvSettings(installments=Path("x"), country="IT")
    heading = Heading(0, {field: at for at, field in enumerate(fields)}, fields)
    short = plain_clients.PlainClients(heading, ",", chosen).read(",".join(cells), b"")
    marks: dict[str, Mark] = {"credit_limit": "."}
    entry = Entry(2, dict(zip(fields, cells, strict=True)), "")
    long = RecordReader(chosen, "clients.csv", marks, on=ON).client(entry)
    if short is not None:
        assert short == long
    elif good and all(cell.isalnum() or not cell for cell in cells):
        assert not isinstance(long, ClientRecord), f"a plain row went the long way: {cells}"


MARCH = date(2026, 3, 15)


@pytest.mark.parametrize(
    "cell",
    [
        "15-mar-2026",
        "15-MAR-26",
        "15 marzo 2026",
        "15 Mar. 2026",
        "15. März 2026",
        "15 mrz 2026",
        "15 mars 2026",
        "15mar2026",
        "March 15, 2026",
        "Mar 15 2026",
        "15/mar/2026 00:00",
        "15th March 2026",
    ],
)
def test_a_month_by_its_name_is_read(cell: str) -> None:
    assert read_date(cell) == MARCH


@pytest.mark.parametrize("language", ["it", "en", "de", "fr"])
@pytest.mark.parametrize("width", ["wide", "abbreviated"])
def test_every_month_as_the_language_itself_writes_it(
    language: str, width: Literal["wide", "abbreviated"]
) -> None:
    names = get_month_names(width, locale=language)
    for number in range(1, 13):
        assert read_date(f"7 {names[number]} 2026") == date(2026, number, 7), names[number]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("15 jui 2026", "bad_date"),  # juin or juillet
        ("15 ma 2026", "bad_date"),
        ("15 foo 2026", "bad_date"),
        ("mar 15 26", "bad_date"),  # the year may be the day
        ("31-feb-2026", "impossible_date"),
        ("15-mar-1026", "impossible_date"),
    ],
)
def test_a_month_that_is_not_certain_is_not_guessed(cell: str, code: str) -> None:
    with pytest.raises(CellError) as refused:
        read_date(cell)
    assert refused.value.code == code
