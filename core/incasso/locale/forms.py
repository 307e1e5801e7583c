"""Dates, amounts and lists as people of a language write them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Final

_DAY: Final = {"it": "%d/%m/%Y"}
_MOMENT: Final = {"it": "%d/%m/%Y %H:%M"}
_SWAPPED: Final = str.maketrans(",.", ".,")


def day_text(day: date, language: str) -> str:
    """15/10/2026 in Italian, 15 Oct 2026 in English: nobody takes a month for a day."""
    return day.strftime(_DAY.get(language, "%d %b %Y"))


def moment_text(moment: datetime, language: str) -> str:
    """A day and the time of day, on the clock the moment carries."""
    return moment.strftime(_MOMENT.get(language, "%d %b %Y %H:%M"))


def amount_text(amount: Decimal, language: str) -> str:
    """1.234,56 in Italian, 1,234.56 in English."""
    written = f"{amount:,f}"
    return written.translate(_SWAPPED) if language == "it" else written


def flag_text(flag: bool, language: str) -> str:
    """Yes or no."""
    return ("sì" if flag else "no") if language == "it" else ("yes" if flag else "no")
