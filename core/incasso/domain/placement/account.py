"""The account of one placed installment: what was handed over, and what became of each cent.

What was handed over, and what made it larger, is always what was collected, paid directly,
reduced, withdrawn, ended, and is still open. The ERP's ledger is another account: a provider's
word never changes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

from incasso.domain.placement.states import EntryKind

LESSENS: Final = frozenset(
    {
        EntryKind.COLLECTED,
        EntryKind.DIRECT,
        EntryKind.REDUCED,
        EntryKind.WITHDRAWN,
        EntryKind.ENDED,
    }
)
"""Entries that make smaller what is open; all others make it larger."""


@dataclass
class RowAccount:
    """One placed installment, in minor units of its placement's currency."""

    row: int
    due: date
    placed: int
    taken_back_as: EntryKind | None = None
    """Set once it is back with us: `withdrawn` or `ended`. Then nothing stays open on it."""
    over_on: date | None = None
    unmet: int = 0
    """What the provider says it collected and the ERP does not show yet; below zero where the ERP
    still shows what came back."""
    sums: dict[EntryKind, int] = field(default_factory=dict)

    def sum(self, kind: EntryKind) -> int:
        """What the entries of a kind add up to."""
        return self.sums.get(kind, 0)

    @property
    def open(self) -> int:
        """What is still asked for; below zero where more came in than was asked for."""
        return self.placed + sum(
            -amount if kind in LESSENS else amount for kind, amount in self.sums.items()
        )

    @property
    def collected(self) -> int:
        """What the provider says it got, without what came back."""
        return self.sum(EntryKind.COLLECTED) - self.sum(EntryKind.REVERSED)

    @property
    def direct(self) -> int:
        """What the debtor paid us directly."""
        return self.sum(EntryKind.DIRECT) - self.sum(EntryKind.DIRECT_REVERSED)

    @property
    def given_up(self) -> int:
        """What came back to us unpaid: withdrawn or ended."""
        back = self.sum(EntryKind.WITHDRAWN) + self.sum(EntryKind.ENDED)
        return back - self.sum(EntryKind.REOPENED)

    @property
    def room(self) -> int:
        """How much money can still be taken in without asking anybody.

        A payment may be told after the end although it came before it: what was given up then is
        that much less.
        """
        return max(self.open, 0) + (self.given_up if self.taken_back_as else 0)

    def book(self, kind: EntryKind, amount: int) -> None:
        """Add an entry of an amount above zero."""
        self.sums[kind] = self.sum(kind) + amount
        if kind is EntryKind.COLLECTED:
            self.unmet += amount
        elif kind is EntryKind.REVERSED:
            self.unmet -= amount

    def levelling(self) -> tuple[EntryKind, int] | None:
        """The entry that leaves nothing open on a row that is back with us; None: none needed."""
        if self.taken_back_as is None or self.open == 0:
            return None
        if self.open > 0:
            return self.taken_back_as, self.open
        back = min(-self.open, self.given_up)
        return (EntryKind.REOPENED, back) if back > 0 else None


class Part(NamedTuple):
    """A part of a payment, and the row it goes to."""

    row: RowAccount
    amount: int


def in_order(rows: Iterable[RowAccount]) -> list[RowAccount]:
    """Oldest due date first, as a payment without a row pays them."""
    return sorted(rows, key=lambda each: (each.due, each.row))


def allocate(amount: int, rows: Sequence[RowAccount]) -> tuple[list[Part], int]:
    """Spread a payment, oldest due date first; gives the parts and what is left over."""
    parts = []
    for row in in_order(rows):
        part = min(amount, row.room)
        if part > 0:
            parts.append(Part(row, part))
            amount -= part
    return parts, amount
