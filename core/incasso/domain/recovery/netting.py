"""Which debts a client's own open credits cover, and until when (rule 6)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from itertools import accumulate
from typing import Generic, TypeVar

import msgspec

from incasso.domain.recovery.agreements import Blocking

K = TypeVar("K")


class OpenItem(msgspec.Struct, Generic[K], frozen=True):
    """A debt, or with a negative residual a credit, of one client in one currency."""

    key: K
    due: date
    """Its effective due date."""
    residual: int


def covered_debts(items: Iterable[OpenItem[K]], on: date, tolerance: int = 0) -> dict[K, Blocking]:
    """The debts covered on that day, each with the last day it stays so if nothing changes.

    `items` are everything one client has open in one currency. A debt is covered while the
    credits are at least the sum of what is past due, the debt itself included even before its
    date, or less by no more than a tolerance, in minor units.
    """
    everything = list(items)
    credits = -sum(item.residual for item in everything if item.residual < 0)
    if not credits:
        return {}
    credits += tolerance
    debts = sorted(
        (item for item in everything if item.residual > 0),
        key=lambda debt: (debt.due, debt.residual),
    )
    past_due = list(accumulate(debt.residual for debt in debts))
    found = {}
    for place, debt in enumerate(debts):
        if debt.residual > credits:
            continue
        # Up to its own place the debt is added to what is past due; later it is included there.
        turn = bisect_right(past_due, credits - debt.residual, 0, place)
        if turn == place:
            turn = bisect_right(past_due, credits, place)
        last = debts[turn].due if turn < len(debts) else None
        if last is None or on <= last:
            found[debt.key] = Blocking(last)
    return found
