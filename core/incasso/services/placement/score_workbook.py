"""Scorecards as a workbook: one sheet, a line for each card."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from incasso.contract.errors import IncassoError
from incasso.contract.text import text
from incasso.domain.placement.scores import AGES
from incasso.locale.headings import heading
from incasso.locale.labels import BANDS, SERVICES
from incasso.locale.sentences import label
from incasso.locale.system_words import system_words
from incasso.services.placement.scorecards import ScoreCard

_FIELDS: Final = (
    *(
        "label",
        "service",
        "lot",
        "band",
        "handed_on",
        "lots",
        "placements",
        "installments",
        "currency",
    ),
    *("placed", "collected", "direct", "recovered_percent"),
    *(f"after_{days}" for days in AGES),
    *("first_action_days", "untouched", "promises", "promises_kept", "complaints"),
    *("fees_due", "fees_asked", "cost_per_euro"),
)
_WIDTH: Final = 14


class WorkbookError(IncassoError):
    """The workbook could not be written."""


def write_cards(path: Path, cards: Sequence[ScoreCard], on: date, language: str) -> None:
    """Write them, whatever the file was before. Raises WorkbookError."""
    try:
        import xlsxwriter
        from xlsxwriter.exceptions import FileCreateError
    except ImportError:
        raise WorkbookError(
            text("workbooks need the extra `excel`: pip install 'incasso[excel]'")
        ) from None
    # Without this option a text that begins with = would be a formula.
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(f"{on:%Y-%m-%d}")
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, len(_FIELDS) - 1, _WIDTH)
    formats = {
        date: book.add_format({"num_format": "dd/mm/yyyy"}),
        Decimal: book.add_format({"num_format": "#,##0.00"}),
    }
    sheet.write_row(0, 0, _headings(language), book.add_format({"bold": True, "text_wrap": True}))
    for row, card in enumerate(cards, 1):
        for column, value in enumerate(_cells(card, language)):
            if value is not None:
                sheet.write(row, column, value, formats.get(type(value)))
    try:
        book.close()
    except FileCreateError as error:
        cause = error.args[0] if error.args else error
        raise WorkbookError(
            text("{file} cannot be written: {reason}", file=str(path), reason=_reason(cause))
        ) from None


def _headings(language: str) -> list[str]:
    return [heading("provider" if name == "label" else name, language) for name in _FIELDS]


def _cells(card: ScoreCard, language: str) -> list[Any]:
    ages = {f"after_{days}": percent for days, percent in card.after.items()}
    words = {
        "service": label(SERVICES, card.service, language),
        "band": label(BANDS, card.band, language) if card.band else "",
    }
    told = {**ages, **words}
    return [told[name] if name in told else getattr(card, name) for name in _FIELDS]


def _reason(cause: object) -> str:
    return system_words(cause) if isinstance(cause, OSError) else str(cause)
