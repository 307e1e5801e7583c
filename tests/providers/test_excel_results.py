"""What people and programs do to a workbook of results, and what is read of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from incasso.api import (
    ClosingReason,
    ConfigurationError,
    Money,
    PlacementUpdate,
    RejectedError,
    Unreadable,
    UpdateKind,
)
from incasso.testing import samples
from incasso_excel import reading
from incasso_excel.book import write_lot
from incasso_excel.filled import fill_lot
from incasso_excel.mapping import load

HEAD = ("Affidamento", "Riga", "Data", "Esito", "Dettaglio", "Importo", "Identificativo", "Note")
PAID = ("P-0000001", "R-0000001-1", date(2026, 5, 4), "incasso", "", 60.05, "A7", "")


def book_of(
    *rows: Sequence[Any],
    head: Sequence[Any] = HEAD,
    before: Sequence[Sequence[Any]] = (),
    title: str = "Esiti",
) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for row in (*before, head, *rows):
        sheet.append(list(row))
    kept = BytesIO()
    book.save(kept)
    return kept.getvalue()


def read(content: bytes, password: str = "", mapping: Any = None) -> list[Any]:
    pages = reading.read("esiti.xlsx", BytesIO(content), password, mapping)
    return [item for page in pages for item in page.items]


def paid(**changed: Any) -> list[Any]:
    """The row of a payment with some cells changed, by heading."""
    row = dict(zip(HEAD, PAID, strict=True)) | changed
    return [row[heading] for heading in HEAD]


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        (60.05, "60.05"),
        (60.050000000000004, "60.05"),
        (60, "60.00"),
        ("60,05", "60.05"),
        ("1.234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1.234.567,8", "1234567.8"),
        ("€ 60,05", "60.05"),
        ("60,05\u00a0€", "60.05"),
        ("60", "60"),
        (1234567.89, "1234567.89"),
    ],
)
def test_amounts_as_people_write_them(cell: Any, amount: str) -> None:
    [update] = read(book_of(paid(Importo=cell)))
    assert update.amount == Money(amount=Decimal(amount))


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("1.234", "thousands or a fraction"),
        ("1,234", "thousands or a fraction"),
        (60.055, "more than two decimals"),
        ("circa 60", "is no amount"),
        ("", "the amount is missing"),
        (0, "above zero"),
        (-60.05, "above zero"),
        ("=A1*2", "the amount is missing"),  # a formula that no program has worked out
        ("#DIV/0!", "the amount is missing"),
    ],
)
def test_an_amount_that_is_not_certain_is_not_guessed(cell: Any, why: str) -> None:
    [item] = read(book_of(paid(Importo=cell)))
    assert isinstance(item, Unreadable) and item.row == 2
    assert why in item.problems[0].message and item.problems[0].field == "Importo"


@pytest.mark.parametrize(
    "cell",
    [
        date(2026, 5, 4),
        datetime.fromisoformat("2026-05-04 13:30"),
        46146,  # a date whose format was lost; 1 January 1900 is day 1
        "04/05/2026",
        "4-5-2026",
        "4.5.2026",
        "2026-05-04",
        " 04/05/2026\u00a0",
    ],
)
def test_days_as_people_write_them(cell: Any) -> None:
    [update] = read(book_of(paid(Data=cell)))
    assert update.on == date(2026, 5, 4)


@pytest.mark.parametrize("cell", ["31/02/2026", "maggio", 7, 46146.5, "04/05/26", ""])
def test_a_day_that_is_none_is_told(cell: Any) -> None:
    [item] = read(book_of(paid(Data=cell)))
    assert isinstance(item, Unreadable) and item.problems[0].field == "Data"


def test_headings_may_move_and_have_company() -> None:
    head = ("Note interne", "ESITO ", "importo", "data", "Id evento", "id riga", "pratica")
    row = ("boh", "Incasso", "60,05", "04/05/2026", "A7", "R-0000001-1", "P-0000001")
    title = [("Agenzia Alfa",), (), ("Esiti di maggio", None, "riservato")]
    content = book_of(row, head=head, before=title, title="Foglio1")
    [page] = reading.read("esiti.xlsx", BytesIO(content), "", None)
    [update] = page.items
    assert isinstance(update, PlacementUpdate)
    assert (update.kind, update.update_id, page.rows) == (UpdateKind.PAYMENT, "A7", (5,))
    assert "Note interne" in page.warnings[0].message


def test_numbers_instead_of_texts_keep_their_digits() -> None:
    [update] = read(book_of(paid(Identificativo=12345)))
    assert update.update_id == "12345"
    [lost] = read(book_of(paid(Identificativo=1234567890123456789)))
    assert "lost its last digits" in lost.problems[0].message


def test_empty_rows_and_totals_are_no_results() -> None:
    total = ("TOTALE", "", "", "", "", 120.10, "", "")
    content = book_of(PAID, (), (None, " ", None), paid(Identificativo="A8"), total)
    assert [each.update_id for each in read(content)] == ["A7", "A8"]


def test_two_equal_payments_without_a_reference_are_not_guessed() -> None:
    first, second = read(book_of(paid(Identificativo=""), paid(Identificativo="")))
    assert isinstance(first, PlacementUpdate) and isinstance(second, Unreadable)
    assert second.row == 3 and "row 2" in second.problems[0].message


def test_a_row_without_a_reference_is_the_same_in_every_file() -> None:
    alone = read(book_of(paid(Identificativo="")))
    moved = read(book_of(paid(Identificativo="X1"), (), paid(Identificativo="")))
    assert alone[0].update_id == moved[1].update_id
    other = read(book_of(paid(Identificativo="", Importo=60.06)))
    assert other[0].update_id != alone[0].update_id


def test_a_misspelt_result_names_the_nearest() -> None:
    [item] = read(book_of(paid(Esito="incaso")))
    assert "incaso" in item.problems[0].message and "incasso" in item.problems[0].hint


def test_a_name_that_looks_like_a_formula_stays_a_text() -> None:
    hostile = ('=HYPERLINK("http://example.it")', "+39021111", "@x", "-1+2", "_x0041_", "0000123")
    dossiers = [samples.dossier(f"P-{n:07d}", name=each) for n, each in enumerate(hostile, 1)]
    kept = BytesIO()
    write_lot(samples.batch(), samples.lot_sheet(*dossiers), iter(dossiers), kept)
    with ZipFile(kept) as packed:
        assert not any(b"<f>" in packed.read(name) for name in packed.namelist())
    sheet = openpyxl.load_workbook(kept)["Crediti"]
    place = [cell.value for cell in sheet[1]].index("Debitore")
    cells = [row[place] for row in sheet.iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.value for cell in cells] == [*hostile[:4], "_x005F_x0041_", hostile[5]]
    "openpyxl does not undo Excel's escape; Excel and LibreOffice show _x0041_"


def test_our_own_workbook_comes_back_after_another_program_saved_it() -> None:
    dossier = samples.dossier()
    kept = BytesIO()
    write_lot(samples.batch(), samples.lot_sheet(dossier), iter([dossier]), kept)
    book = openpyxl.load_workbook(kept)
    filled: tuple[Any, ...] = ("P-0000001", "R-0000001-1", date(2026, 5, 4), "incasso")
    for place, cell in enumerate(filled, 1):
        book["Esiti"].cell(2, place, cell)
    book["Esiti"]["F2"] = 60.05
    again = BytesIO()
    book.save(again)
    [update] = read(again.getvalue())
    assert (update.lot, update.amount.amount) == ("L-2026-0001", Decimal("60.05"))
    head = reading.identify("x.xlsx", again, "", None)
    assert (head.lot, head.digest, head.version) == ("L-2026-0001", "ab" * 32, "1.0")
    del book["_incasso"]
    bare = BytesIO()
    book.save(bare)
    assert reading.identify("x.xlsx", bare, "", None).lot == "", "what is gone is not invented"


def test_a_locked_workbook_needs_its_password() -> None:
    locked = BytesIO()
    OOXMLFile(BytesIO(book_of(PAID))).encrypt("segreta", locked)
    [update] = read(locked.getvalue(), "segreta")
    assert update.update_id == "A7"
    for wrong, why in (("", "locked by a password"), ("altra", "does not open")):
        with pytest.raises(RejectedError, match=why):
            read(locked.getvalue(), wrong)


MAPPING = """
[lot]
template = "modello.xlsx"
sheet = "Pratiche"
heading_row = 3
[lot.columns]
"Cod. pratica" = "placement"
"Rif." = "row"
"Nominativo" = "name"
"Residuo €" = "residual"
"Scad." = "due_date"
[lot.constants]
"Mandante" = "Acme S.p.A."
[results]
sheet = "Ritorni"
[results.columns]
"Rif." = "row"
"Del" = "on"
"Cod." = "kind"
"Euro" = "amount"
"Prog." = "update_id"
[results.kinds]
"INC" = "payment"
"IRR" = "closed"
[results.implied]
"IRR" = "untraceable"
"""


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "Copertina"
    sheet = book.create_sheet("Pratiche")
    sheet["A1"] = "Agenzia Alfa - carico"
    for place, heading in enumerate(
        ("Mandante", "Cod. pratica", "Rif.", "Nominativo", "Scad.", "Residuo €", "Esito"), 1
    ):
        sheet.cell(3, place, heading)
    sheet["I4"] = "=SUM(F4:F99)"
    book.save(tmp_path / "modello.xlsx")
    (tmp_path / "alfa.toml").write_text(MAPPING, "utf-8")
    return tmp_path / "alfa.toml"


def test_their_own_workbook_is_filled_and_the_rest_stays(theirs: Path) -> None:
    dossiers = [samples.dossier("P-0000001", name="=2+2"), samples.dossier("P-0000002")]
    mapping = load(theirs)
    assert mapping.lot is not None
    written = []
    for _ in (1, 2):
        kept = BytesIO()
        sheet = samples.lot_sheet(*dossiers)
        fill_lot(mapping.lot, theirs.parent, samples.batch(), sheet, iter(dossiers), kept)
        written.append(kept.getvalue())
    assert written[0] == written[1]
    book = openpyxl.load_workbook(BytesIO(written[0]))
    assert book.sheetnames == ["Copertina", "Pratiche"]
    rows = list(book["Pratiche"].iter_rows(min_row=4, max_row=5, max_col=7, values_only=True))
    due = datetime.fromisoformat("2026-02-01")
    assert rows == [
        ("Acme S.p.A.", "P-0000001", "R-0000001-1", "=2+2", due, 100.1, None),
        ("Acme S.p.A.", "P-0000002", "R-0000002-1", "Bianchi Anna", due, 100.1, None),
    ]
    assert book["Pratiche"]["D4"].data_type == "s" and book["Pratiche"]["I4"].data_type == "f"


def test_their_own_codes_are_read(theirs: Path) -> None:
    head = ("Rif.", "Del", "Cod.", "Euro", "Prog.")
    rows = (
        ("R-0000001-1", "04/05/2026", "INC", "60,05", "7"),
        ("R-2", "05/05/2026", "irr", "", "8"),
    )
    paid, closed = read(book_of(*rows, head=head, title="Ritorni"), mapping=load(theirs).results)
    assert (paid.kind, paid.row, paid.amount.amount) == (
        UpdateKind.PAYMENT,
        "R-0000001-1",
        Decimal("60.05"),
    )
    assert (closed.kind, closed.closing) == (UpdateKind.CLOSED, ClosingReason.UNTRACEABLE)


def test_everything_wrong_in_a_mapping_is_named(theirs: Path) -> None:
    wrong = (
        MAPPING.replace('"row"', '"rwo"', 1)
        .replace('"payment"', '"paymnt"')
        .replace("modello.xlsx", "manca.xlsx")
    )
    theirs.write_text(wrong, "utf-8")
    with pytest.raises(ConfigurationError) as raised:
        load(theirs)
    said = " ".join(f"{each.message} {each.hint}" for each in raised.value.problems)
    for part in (
        "rwo",
        "'row'",
        "paymnt",
        "'payment'",
        "manca.xlsx is no file",
        "no heading stands",
    ):
        assert part in said
