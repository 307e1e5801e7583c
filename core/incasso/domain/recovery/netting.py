"""Which debts a client's own open credits cover, and until when (rule 6)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from itertools import accumulate
from typing import TypeVar

from incasso.domain.recovery.agreements import Blocking

K = TypeVar("K")


def covered_debts(items: Iterable[tuple[K, date, int]], on: date) -> dict[K, Blocking]:
    """The debts covered on that day, each with the last day it stays so if nothing changes.

    `items` are (key, effective due date, residual) of everything one client has open in one
    currency; credits are negative. A debt is covered while the credits are at least the sum of
    what is past due, the debt itself included even before its date.
    """
    everything = list(items)
    credits = -sum(residual for _, _, residual in everything if residual < 0)
    debts = sorted(
        ((due, residual, key) for key, due, residual in everything if residual > 0),
        key=lambda debt: debt[:2],
    )
    past_due = list(accumulate(residual for _, residual, _ in debts))
    found = {}
    for place, (_, residual, key) in enumerate(debts):
        if residual > credits:
            continue
        # Up to its own place the debt comes on top of what is past due; after it, it is part of it.
        turn = bisect_right(past_due, credits - residual, 0, place)
        if turn == place:
            turn = bisect_right(past_due, credits, place)
        last = debts[turn][0] if turn < len(debts) else None
        if last is None or on <= last:
            found[key] = Blocking(last)
    return found
