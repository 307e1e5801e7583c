"""Where the ERP's ledger and a provider's word meet: what a changed residual means for a row."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from incasso.domain.placement.account import RowAccount
from incasso.domain.placement.states import EntryKind


class Collected(NamedTuple):
    """A payment that a provider collected, without what it took back of it."""

    on: date
    amount: int


def residual_moved(row: RowAccount, fall: int, credited: int) -> list[tuple[EntryKind, int]]:
    """What it means that the ERP's residual of a placed row fell by so much; below zero: it rose.

    A fall is first what the provider passes on of what it collected, then a credit note as far as
    the ERP has one (`credited`), then a payment that the debtor made directly. A rise takes these
    back in the same order. Changes `row`; gives its new entries.
    """
    before = dict(row.sums)
    if fall > 0:
        _fell(row, fall, credited)
    elif fall < 0:
        _rose(row, -fall)
    return [
        (kind, row.sums[kind] - before.get(kind, 0))
        for kind in row.sums
        if row.sums[kind] != before.get(kind, 0)
    ]


def _fell(row: RowAccount, amount: int, credited: int) -> None:
    met = min(amount, max(row.unmet, 0))
    row.unmet -= met
    amount -= met
    reduced = min(amount, max(credited, 0))
    for kind, part in ((EntryKind.REDUCED, reduced), (EntryKind.DIRECT, amount - reduced)):
        if part:
            row.book(kind, part)


def _rose(row: RowAccount, amount: int) -> None:
    met = min(amount, max(-row.unmet, 0))
    row.unmet += met
    amount -= met
    back = min(amount, max(row.direct, 0))
    for kind, part in ((EntryKind.DIRECT_REVERSED, back), (EntryKind.RAISED, amount - back)):
        if part:
            row.book(kind, part)


def unmet_since(unmet: int, collected: Iterable[Collected]) -> date | None:
    """The day of the oldest payment that the ERP does not show yet: it shows the oldest first."""
    left = unmet
    for each in sorted(collected, reverse=True):
        if left <= each.amount:
            return each.on if left > 0 else None
        left -= each.amount
    return None
