"""Where an open item stands on a day: not due, late by so many days, or a credit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

BANDS: Final = ((1, 30), (31, 60), (61, 90), (91, 180), (181, None))
"""Days late, both ends included: how Italian credit offices split what is past due."""

BAND_NAMES: Final = ("1-30", "31-60", "61-90", "91-180", "181+")

PLACES: Final = ("not_due", *BAND_NAMES, "credits")
"""From not due to the latest, and what goes the other way."""

NOT_DUE: Final = 0
CREDITS: Final = len(PLACES) - 1
LATE: Final = range(NOT_DUE + 1, CREDITS)
"""The places of what is past due."""


def leaving() -> Iterator[tuple[int, int]]:
    """Of each place that an item leaves as days pass: how many days after its due date it does."""
    yield NOT_DUE, 1
    for place, (_, last) in zip(LATE, BANDS, strict=True):
        if last is not None:
            yield place, last + 1
