"""Notices and refused rows as small workbooks; documents go beside them in a ZIP."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any, BinaryIO, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from incasso.api import Attachment, Batch, Notice, Refusal, ReturnSheet, Written
from incasso_excel.book import MEDIA_TYPE
from incasso_excel.columns import Shown
from incasso_excel.rows import storable
from incasso_excel.skeleton import FORMATS, HEAD, OPTIONS, plain_time
from incasso_excel.words import SHEETS, column_of, word_of

_NOTICE_HEADINGS: Final = (
    ("Avviso", "Notice"),
    ("Lotto", "Lot"),
    ("Affidamento", "Placement"),
    ("Vostro numero", "Your number"),
    ("Riga", "Row"),
    ("Data", "Date"),
    ("Che cosa", "What"),
    ("Importo", "Amount"),
    ("Valuta", "Currency"),
    ("Entro il", "Until"),
    ("Accolto", "Accepted"),
    ("Risponde a", "Answers"),
    ("Note", "Notes"),
    ("Documenti", "Documents"),
)
_REFUSAL_HEADINGS: Final = (
    ("File", "File"),
    ("Riga del file", "Row of the file"),
    ("Identificativo", "Reference"),
    ("Codice", "Code"),
    ("Motivo e rimedio", "Reason and cure"),
    ("In esame", "Being looked at"),
)
_ZIP: Final = "application/zip"
_MADE: Final = (1980, 1, 1, 0, 0, 0)
_UNSAFE: Final = re.compile(r"[^\w. ()+-]")


def write_notices(
    batch: Batch, notices: tuple[Notice, ...], language: str, sink: BinaryIO
) -> Written:
    """A row for each notice; with documents a ZIP that holds the workbook and them."""
    words = column_of(language)
    files = list(_numbered(notices))
    named = {id(document): name for name, document in files}
    rows = [_notice(each, language, named) for each in notices]
    book = _book(batch, SHEETS["notices"][words], [each[words] for each in _NOTICE_HEADINGS], rows)
    stem = f"{batch.sequence:06d}-{SHEETS['notices'][words].lower()}"
    if not files:
        sink.write(book)
        return Written(filename=f"{stem}.xlsx", media_type=MEDIA_TYPE, items=len(notices))
    with ZipFile(sink, "w", ZIP_DEFLATED) as packed:
        packed.writestr(_entry(f"{stem}.xlsx"), book)
        for name, document in files:
            packed.writestr(_entry(name), document.content)
    return Written(filename=f"{stem}.zip", media_type=_ZIP, items=len(notices))


def write_answer(
    batch: Batch, sheet: ReturnSheet, refusals: tuple[Refusal, ...], language: str, sink: BinaryIO
) -> Written:
    """A row for each refused one, with its row in the file, the reason and the cure."""
    words = column_of(language)
    rows = [
        [each.file, each.row, each.update_id, each.code, each.message, _yes(each.kept, words)]
        for each in refusals
    ]
    title = SHEETS["refusals"][words]
    sink.write(_book(batch, title, [each[words] for each in _REFUSAL_HEADINGS], rows))
    return Written(
        filename=f"{batch.sequence:06d}-{title.lower().replace(' ', '-')}.xlsx",
        media_type=MEDIA_TYPE,
        items=len(refusals),
    )


def _notice(notice: Notice, language: str, named: dict[int, str]) -> list[Any]:
    words = column_of(language)
    amount = notice.amount
    return [
        notice.id,
        notice.lot,
        notice.placement.ours,
        notice.placement.theirs,
        notice.row,
        notice.on,
        word_of(notice.kind, language),
        None if amount is None else amount.amount,
        "" if amount is None else amount.currency,
        notice.until,
        "" if notice.accepted is None else (_yes(notice.accepted, words) or "no"),
        notice.answers,
        notice.reason,
        ", ".join(named[id(each)] for each in notice.documents),
    ]


def _yes(said: bool, words: int) -> str:
    return ("sì", "yes")[words] if said else ""


def _numbered(notices: Iterable[Notice]) -> Iterable[tuple[str, Attachment]]:
    """Each document with the name it gets in the ZIP: safe, and no two alike."""
    number = 0
    for notice in notices:
        for document in notice.documents:
            number += 1
            kept = _UNSAFE.sub("_", document.filename)[-100:].lstrip(". ") or "documento"
            yield f"documenti/{number:03d}-{kept}", document


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, _MADE)
    entry.compress_type = ZIP_DEFLATED
    return entry


def _book(batch: Batch, title: str, headings: Sequence[str], rows: Sequence[list[Any]]) -> bytes:
    import xlsxwriter

    kept = BytesIO()
    book = xlsxwriter.Workbook(kept, OPTIONS)
    book.set_properties({"title": batch.id, "created": plain_time(batch.at)})
    formats = {shown: book.add_format(dict(given)) for shown, given in FORMATS.items()}
    sheet = book.add_worksheet(title)
    head = book.add_format(HEAD)
    for place, heading in enumerate(headings):
        sheet.write_string(0, place, heading, head)
        sheet.set_column(place, place, 60 if place == len(headings) - 2 else 16)
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            _put(sheet, number, place, value, formats)
    sheet.freeze_panes(1, 0)
    book.close()
    return kept.getvalue()


def _put(sheet: Any, row: int, place: int, value: Any, formats: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, date):
        sheet.write_datetime(row, place, value, formats[Shown.DATE])
    elif isinstance(value, Decimal):
        sheet.write_number(row, place, value, formats[Shown.MONEY])
    elif isinstance(value, int):
        sheet.write_number(row, place, value, formats[Shown.NUMBER])
    else:
        sheet.write_string(row, place, storable(str(value)), formats[Shown.TEXT])
