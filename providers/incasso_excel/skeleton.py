"""The workbook of a lot without its rows: headings, formats, lists of choices, what is hidden."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from io import BytesIO
from typing import Any, Final

from incasso.api import (
    EXCHANGE_VERSION,
    ActivityResult,
    Batch,
    ClosingReason,
    LotSheet,
    RefusalReason,
    UpdateKind,
)
from incasso_excel.columns import Column, Shown
from incasso_excel.guide import LINES
from incasso_excel.words import (
    HIDDEN,
    RESULT_HEADINGS,
    SHEETS,
    column_of,
    words_for,
)

RESULT_ROWS: Final = 5_000
"""Rows of the sheet of results with lists of choices."""
FORMATS: Final[Mapping[Shown, Mapping[str, Any]]] = {
    Shown.TEXT: {"num_format": "@"},
    Shown.MONEY: {"num_format": "#,##0.00"},
    Shown.DATE: {"num_format": "dd/mm/yyyy"},
    Shown.NUMBER: {"num_format": "0"},
}
HEAD: Final = {"bold": True, "bg_color": "#1F3A5F", "font_color": "#FFFFFF", "text_wrap": True}
_RESULT_SHOWN: Final = {
    "on": Shown.DATE,
    "until": Shown.DATE,
    "amount": Shown.MONEY,
}
_RESULT_WIDTHS: Final = {"kind": 26, "detail": 30, "text": 46, "update_id": 18, "remittance": 18}
OPTIONS: Final = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": True,
}
_MAY: Final = {
    "format_cells": True,
    "format_columns": True,
    "format_rows": True,
    "insert_rows": True,
    "delete_rows": True,
    "sort": True,
    "autofilter": True,
}
"""What somebody at the agency may do although the headings are locked."""


def skeleton(batch: Batch, lot: LotSheet, columns: tuple[Column, ...]) -> bytes:
    """The workbook; its first sheet has the headings, and a second row that shows the formats."""
    import xlsxwriter  # of the extra `excel`: an office without it has the plugin all the same

    kept = BytesIO()
    book = xlsxwriter.Workbook(kept, OPTIONS)
    book.set_properties({"title": lot.lot, "created": plain_time(batch.at)})
    formats = {shown: book.add_format(dict(given)) for shown, given in FORMATS.items()}
    open_formats = {
        shown: book.add_format({**given, "locked": False}) for shown, given in FORMATS.items()
    }
    head = book.add_format(HEAD)
    _credits(book, lot, columns, formats, head)
    _results(book, lot, open_formats, head)
    _help(book, lot)
    _hidden(book, batch, lot)
    book.close()
    return kept.getvalue()


def _credits(
    book: Any, lot: LotSheet, columns: tuple[Column, ...], formats: Any, head: Any
) -> None:
    sheet = book.add_worksheet(SHEETS["credits"][column_of(lot.language)])
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width, formats[column.shown])
        sheet.write_string(0, place, column.heading(lot.language), head)
        sheet.write_blank(1, place, None, formats[column.shown])
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, max(1, lot.totals.rows), len(columns) - 1)
    sheet.set_landscape()
    sheet.repeat_rows(0)


def _results(book: Any, lot: LotSheet, formats: Any, head: Any) -> None:
    words = column_of(lot.language)
    sheet = book.add_worksheet(SHEETS["results"][words])
    for place, (field, headings) in enumerate(RESULT_HEADINGS.items()):
        shown = formats[_RESULT_SHOWN.get(field, Shown.TEXT)]
        sheet.set_column(place, place, _RESULT_WIDTHS.get(field, 14), shown)
        sheet.write_string(0, place, headings[words], head)
    fields = list(RESULT_HEADINGS)
    _choices(book, sheet, fields.index("kind"), "kinds", words_for(UpdateKind, lot.language))
    _choices(book, sheet, fields.index("detail"), "details", _details(lot.language))
    sheet.freeze_panes(1, 2)
    sheet.protect("", _MAY)


def _choices(book: Any, sheet: Any, place: int, name: str, words: list[str]) -> None:
    """A list of choices; longer than 255 characters it has to stand in cells."""
    lists = book.get_worksheet_by_name("_liste") or _lists(book)
    column = 0 if name == "kinds" else 1
    for row, word in enumerate(words):
        lists.write_string(row, column, word)
    letter = "AB"[column]
    sheet.data_validation(
        1,
        place,
        RESULT_ROWS,
        place,
        {"validate": "list", "source": f"=_liste!${letter}$1:${letter}${len(words)}"},
    )


def _lists(book: Any) -> Any:
    sheet = book.add_worksheet("_liste")
    sheet.very_hidden()
    return sheet


def _details(language: str) -> list[str]:
    kinds: tuple[type[StrEnum], ...] = (ActivityResult, ClosingReason, RefusalReason)
    return list(dict.fromkeys(word for kind in kinds for word in words_for(kind, language)))


def _help(book: Any, lot: LotSheet) -> None:
    sheet = book.add_worksheet(SHEETS["help"][column_of(lot.language)])
    sheet.set_column(0, 0, 110, book.add_format({"text_wrap": True, "valign": "top"}))
    for row, line in enumerate(LINES[column_of(lot.language)]):
        sheet.write_string(row, 0, line)


def _hidden(book: Any, batch: Batch, lot: LotSheet) -> None:
    sheet = book.add_worksheet(HIDDEN)
    sheet.very_hidden()
    said = {
        "lot": lot.lot,
        "batch": batch.id,
        "version": EXCHANGE_VERSION,
        "digest": lot.digest,
        "placements": str(lot.totals.placements),
        "rows": str(lot.totals.rows),
        **{f"sum {each.currency}": f"{each.amount:f}" for each in lot.totals.sums},
    }
    for row, (key, value) in enumerate(said.items()):
        sheet.write_string(row, 0, key)
        sheet.write_string(row, 1, value)


def plain_time(at: datetime) -> datetime:
    """An instant as a workbook keeps it."""
    return at.replace(tzinfo=None)
