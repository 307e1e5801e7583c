"""Which court has a claim by its value, and what filing costs: dated tables.

A consumer is sued where they live, whatever the value (Consumer Code, art. 33 and 66-bis).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

STAMP: Final = Decimal("27.00")
"""Flat advance for notifications (D.P.R. 115/2002, art. 30)."""

FREE_OF_STAMP: Final = Decimal(1033)
"""Up to this value the justice of the peace asks the court fee alone (L. 374/1991, art. 46)."""


class CourtKind(StrEnum):
    """The court of first instance."""

    JUSTICE_OF_THE_PEACE = "justice_of_the_peace"
    TRIBUNAL = "tribunal"


@dataclass(frozen=True)
class Court:
    """Who decides on a claim of a value, on a day."""

    kind: CourtKind
    limit: Decimal
    """Up to which value the justice of the peace decides."""
    in_doubt: bool = False
    """The limit of before would name the other court, and the new one may have been put off."""


_LIMITS: Final = (
    (date.min, Decimal(5_000)),
    (date(2023, 2, 28), Decimal(10_000)),
    # Put off from 2025 by D.L. 117/2025; whether once more was not known when this was written.
    (date(2026, 10, 31), Decimal(30_000)),
)
_UNSURE_FROM: Final = date(2026, 10, 31)


def court_for(value: Decimal, on: date, *, limit: Decimal | None = None) -> Court:
    """The court for movables of that value; `limit`: as the office knows it to be."""
    places = [place for place, (first, _) in enumerate(_LIMITS) if first <= on]
    known = limit if limit is not None else _LIMITS[places[-1]][1]
    kind = _kind(value, known)
    in_doubt = limit is None and on >= _UNSURE_FROM
    return Court(kind, known, in_doubt and kind is not _kind(value, _LIMITS[places[-1] - 1][1]))


def _kind(value: Decimal, limit: Decimal) -> CourtKind:
    return CourtKind.JUSTICE_OF_THE_PEACE if value <= limit else CourtKind.TRIBUNAL


@dataclass(frozen=True)
class _Fees:
    """The court fee (*contributo unificato*) by value, from a day on."""

    since: date
    up_to: tuple[tuple[Decimal, Decimal], ...]
    above: Decimal


_FEES: Final = (
    _Fees(
        date(2014, 6, 25),
        (
            (Decimal(1_100), Decimal(43)),
            (Decimal(5_200), Decimal(98)),
            (Decimal(26_000), Decimal(237)),
            (Decimal(52_000), Decimal(518)),
            (Decimal(260_000), Decimal(759)),
            (Decimal(520_000), Decimal(1_214)),
        ),
        Decimal(1_686),
    ),
)
"""D.P.R. 115/2002, art. 13, oldest first."""

_HALF: Final = Decimal("0.5")
_MORE: Final = Decimal("1.5")


def court_fee(
    value: Decimal, on: date, *, injunction: bool = True, incomplete: bool = False
) -> Decimal:
    """The court fee in euro. `value` is without interest (D.P.R. 115/2002, art. 14).

    Injunctions and oppositions to them cost half; `incomplete`: the petition lacks the certified
    address or the tax code of lawyer or party, which costs half as much again (art. 13, 3-bis).
    """
    fees = [each for each in _FEES if each.since <= on] or [_FEES[0]]
    table = fees[-1]
    full = next((fee for up_to, fee in table.up_to if value <= up_to), table.above)
    return (full * (_HALF if injunction else 1) * (_MORE if incomplete else 1)).quantize(
        Decimal("0.01")
    )


def stamp_for(value: Decimal, court: CourtKind) -> Decimal:
    """The flat advance in euro, which small claims do not pay."""
    exempt = court is CourtKind.JUSTICE_OF_THE_PEACE and value <= FREE_OF_STAMP
    return Decimal("0.00") if exempt else STAMP
