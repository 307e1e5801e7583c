"""The names of lots, placements and rows outside the house: short, and never used again."""

from __future__ import annotations

import re
from typing import Final

_LOT: Final = re.compile(r"L-(\d{4})-(\d{4,})", re.IGNORECASE)
_NUMBERED: Final = re.compile(r"([PR])-(\d{7,})", re.IGNORECASE)


def lot_code(year: int, number: int) -> str:
    """`L-2026-0007`: the seventh lot composed in that year."""
    return f"L-{year:04}-{number:04}"


def placement_name(number: int) -> str:
    """`P-0000123`."""
    return f"P-{number:07}"


def row_name(number: int) -> str:
    """`R-0004567`."""
    return f"R-{number:07}"


def lot_named(typed: str) -> str | None:
    """A lot's code as it is kept, from what somebody typed; None: it looks like none."""
    found = _LOT.fullmatch(typed.strip())
    return None if found is None else lot_code(int(found[1]), int(found[2]))


def placement_number(name: str) -> int | None:
    """The number behind `P-0000123`; None: it is no name of a placement."""
    return _number(name, "P")


def row_number(name: str) -> int | None:
    """The number behind `R-0004567`; None: it is no name of a row."""
    return _number(name, "R")


def _number(name: str, letter: str) -> int | None:
    found = _NUMBERED.fullmatch(name.strip())
    if found is None or found[1].upper() != letter:
        return None
    number = int(found[2])
    return number if number < 2**62 else None
