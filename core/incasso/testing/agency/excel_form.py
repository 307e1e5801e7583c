"""The agency's hands on workbooks: by their headings, with openpyxl."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile, is_zipfile

from incasso.testing.agency.work import CENT, Account, Done

SUFFIX: Final = ".xlsx"
HEADINGS: Final = (
    "Affidamento",
    "Riga",
    "Data",
    "Esito",
    "Dettaglio",
    "Importo",
    "Identificativo",
    "Rettifica",
    "Riversamento",
    "Entro il",
    "Mezzo",
    "Note",
    "Lotto",
)


def placements_in(path: Path) -> list[Account]:
    """What a workbook hands over; none if it is another."""
    book = _opened(path)
    if book is None or "Crediti" not in book.sheetnames:
        return []
    lot = str(next(iter(book["_incasso"].iter_rows(values_only=True)))[1])
    found: dict[str, Account] = {}
    for row in _rows(book["Crediti"]):
        name = str(row["Affidamento"])
        account = found.setdefault(name, Account(placement=name, lot=lot, rows={}))
        account.rows[str(row["Riga"])] = Decimal(str(row["Da recuperare"])).quantize(
            Decimal("0.01")
        )
    return list(found.values())


def notices_in(path: Path) -> Iterator[tuple[str, str, str, Decimal | None]]:
    """Kind, placement, row and amount of each notice in a file."""
    book = _opened(path)
    if book is None or "Avvisi" not in book.sheetnames:
        return
    for row in _rows(book["Avvisi"]):
        amount = row["Importo"]
        yield (
            str(row["Che cosa"]),
            str(row["Affidamento"] or ""),
            str(row["Riga"] or ""),
            None if amount is None else _amount(amount),
        )


def results(done: Sequence[Done], lot: str, number: int) -> bytes:
    """A workbook of results."""
    from openpyxl import Workbook

    book = Workbook()
    sheet: Any = book.worksheets[0]
    sheet.title = "Esiti"
    sheet.append(HEADINGS)
    for each in done:
        sheet.append(_cells(each, lot))
    kept = BytesIO()
    book.save(kept)
    return kept.getvalue()


def _cells(done: Done, lot: str) -> list[Any]:
    return [
        done.placement,
        done.row,
        done.on,
        done.kind,
        done.detail,
        None if done.amount is None else float(done.amount),
        done.reference,
        done.corrects,
        done.remittance,
        done.until,
        done.medium,
        done.text,
        lot,
    ]


def _opened(path: Path) -> Any:
    """The workbook; of a ZIP the one in it."""
    from openpyxl import load_workbook

    if path.suffix == SUFFIX:
        return load_workbook(path)
    if not is_zipfile(path):
        return None
    with ZipFile(path) as packed:
        names = [name for name in packed.namelist() if name.endswith(SUFFIX)]
        return load_workbook(BytesIO(packed.read(names[0]))) if names else None


def _rows(sheet: Any) -> Iterator[dict[str, Any]]:
    rows = sheet.iter_rows(values_only=True)
    headings = [str(each) for each in next(rows)]
    for row in rows:
        yield dict(zip(headings, row, strict=False))


def _amount(cell: Any) -> Decimal:
    return Decimal(str(cell)).quantize(CENT)
