"""The numbers that the post gives to registered letters, and the page that follows them."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

_BETWEEN: Final = re.compile(r"[\s.\-/]+")
_DOMESTIC: Final = re.compile(r"[0-9]{12}")
_S10: Final = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}")
_WEIGHTS: Final = (8, 6, 4, 2, 3, 5, 9, 7)
_PAGE: Final = "https://www.poste.it/cerca/index.html#/risultati-spedizioni/"


class NumberFault(StrEnum):
    """Why a text is no number of a registered letter."""

    EMPTY = "empty"
    FORM = "form"
    CHECK_DIGIT = "check_digit"


def post_number(typed: str) -> str | NumberFault:
    """The number as the post writes it, without blanks; else what is wrong.

    Twelve digits (a domestic registered letter; how Poste computes a check digit of these is not
    published), or the form of the Universal Postal Union (S10): two letters, nine digits with a
    check digit, the country.
    """
    number = _BETWEEN.sub("", typed).upper().strip("*")
    if not number:
        return NumberFault.EMPTY
    if _DOMESTIC.fullmatch(number):
        return number
    if not _S10.fullmatch(number):
        return NumberFault.FORM
    return number if _s10_digit(number[2:10]) == int(number[10]) else NumberFault.CHECK_DIGIT


def tracking_page(number: str) -> str:
    """Where anybody can follow the letter; empty for a number of nobody known."""
    is_known = _DOMESTIC.fullmatch(number) or _S10.fullmatch(number)
    return f"{_PAGE}{number}" if is_known else ""


def _s10_digit(serial: str) -> int:
    """UPU S10: weighted sum, 11 minus the rest; 10 is written 0, and 11 is written 5."""
    rest = 11 - sum(w * int(d) for w, d in zip(_WEIGHTS, serial, strict=True)) % 11
    return {10: 0, 11: 5}.get(rest, rest)
