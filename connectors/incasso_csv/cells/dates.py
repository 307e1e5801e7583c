"""Dates as exports write them, to date; a month never comes before the day."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Final

from incasso.api import text as sentence
from incasso_csv.cells.months import named_day
from incasso_csv.cells.values import Cell, CellError, text_of

_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?", re.ASCII)
_ITALIAN: Final = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})(?:[T ].*)?", re.ASCII)
_PACKED: Final = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
# How programs write "no date": zeros, and the first days of their own calendars.
_NO_DATE: Final = re.compile(r"[0/.\- :]*(?:T[0:.]*)?", re.ASCII)
_SENTINELS: Final = frozenset({date(1799, 12, 31), date(1899, 12, 30), date(1900, 1, 1)})
_EXCEL_ZERO: Final = date(1899, 12, 30)
_EXCEL_DAYS: Final = range(20_000, 80_000)  # 1954 to 2119: beyond it a number is not a day
_YEARS: Final = range(1950, 2100)


def read_date(cell: Cell) -> date | None:
    """The day in a cell, None if it is empty or a sentinel. Raises CellError if it is not a day.

    dd/mm/yyyy, dd/mm/yy, the same with dots or dashes, yyyymmdd, ISO, the month by its name
    (`15-mar-2026`), all with or without a time of day, and Excel's dates and serial numbers.
    """
    if isinstance(cell, datetime):
        return _plausible(cell.date())
    if isinstance(cell, date):
        return _plausible(cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _from_number(cell)
    text = text_of(cell)
    if _NO_DATE.fullmatch(text):
        return None
    return _from_text(text)


def _from_text(text: str) -> date | None:
    for pattern, order in ((_ISO, (1, 2, 3)), (_ITALIAN, (3, 2, 1)), (_PACKED, (1, 2, 3))):
        if found := pattern.fullmatch(text):
            year, month, day = (int(found[group]) for group in order)
            return _plausible(_date_of(text, year, month, day))
    if (named := named_day(text)) is not None:
        return _plausible(_date_of(text, *named))
    if text.isascii() and text.isdigit() and int(text) in _EXCEL_DAYS:
        return _from_number(int(text))
    raise CellError(
        "bad_date",
        sentence("{text!r} is not a date", text=text[:60]),
        sentence("dates are written dd/mm/yyyy or yyyy-mm-dd"),
    )


def _date_of(text: str, year: int, month: int, day: int) -> date:
    if year < 100:
        year += 2000 if year < 70 else 1900
    try:
        return date(year, month, day)
    except ValueError:
        raise CellError(
            "impossible_date",
            sentence("{text!r} does not exist in the calendar", text=text),
            sentence("correct it in the ERP"),
        ) from None


def _from_number(number: float) -> date | None:
    if number == 0:
        return None
    if int(number) in _EXCEL_DAYS:
        return _EXCEL_ZERO + timedelta(days=int(number))
    if number == int(number) and _PACKED.fullmatch(packed := str(int(number))):
        return _from_text(packed)
    raise CellError("bad_date", sentence("{number} is not a date", number=number))


def _plausible(day: date) -> date | None:
    if day in _SENTINELS:
        return None
    if day.year not in _YEARS:
        raise CellError(
            "impossible_date",
            sentence("{day} is not a year of this business", day=day.isoformat()),
            sentence("correct the year"),
        )
    return day
