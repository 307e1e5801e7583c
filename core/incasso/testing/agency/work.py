"""What an agency does with a placement on a day: seeded, so that each run is the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Final

CENT: Final = Decimal("0.01")


@dataclass(frozen=True, kw_only=True)
class Habits:
    """How an agency works: shares between 0 and 1 of the placements or of the days."""

    pays: float = 0.35
    """Placements of which some money comes in on a day that they are worked."""
    reverses: float = 0.1
    """Payments that come back later."""
    gives_up: float = 0.1
    """Placements that are closed without money on a day."""
    refuses: float = 0.04
    """Placements that it does not take at all."""
    works: float = 0.5
    """Placements that it works on a day."""


@dataclass(frozen=True, kw_only=True)
class Done:
    """One thing that it did; the fields of the published form, as plain words."""

    placement: str
    row: str = ""
    on: date
    kind: str
    detail: str = ""
    amount: Decimal | None = None
    reference: str
    corrects: str = ""
    remittance: str = ""
    until: date | None = None
    medium: str = ""
    text: str = ""


@dataclass
class Account:
    """What it knows of one placement."""

    placement: str
    lot: str
    rows: dict[str, Decimal]
    """What is open of each row, by its id."""
    is_taken: bool = False
    over: str = ""
    """Why it works no more: empty while it does."""
    collected: Decimal = Decimal(0)
    """Of all rows, reversals taken off."""
    payments: dict[str, tuple[str, Decimal]] = field(default_factory=dict)
    """Row and amount by reference; those that came back are gone."""

    @property
    def open(self) -> Decimal:
        """What is still to be recovered, as far as it knows."""
        return sum(self.rows.values(), Decimal(0))


class Work:
    """One agency's day."""

    def __init__(self, seed: int, habits: Habits) -> None:
        self._random = Random(seed)
        self._habits = habits
        self._number = 0

    def on_day(self, account: Account, on: date) -> Iterator[Done]:
        """What happens to one placement."""
        if account.over:
            return
        if not account.is_taken:
            yield from self._answer(account, on)
            return
        if self._chance(self._habits.works):
            yield from self._worked(account, on)

    def _answer(self, account: Account, on: date) -> Iterator[Done]:
        if self._chance(self._habits.refuses):
            account.over = "refused"
            yield self._done(account, on, "refused", detail="territory")
            return
        account.is_taken = True
        yield self._done(account, on, "acknowledged")

    def _worked(self, account: Account, on: date) -> Iterator[Done]:
        yield self._done(account, on, "activity", detail=self._result(), medium="call")
        if account.payments and self._chance(self._habits.reverses):
            yield self._reversal(account, on)
        elif self._chance(self._habits.pays):
            yield from self._payment(account, on)
        elif self._chance(self._habits.gives_up):
            account.over = "closed"
            yield self._done(account, on, "closed", detail="untraceable")
        elif self._chance(0.2):
            yield self._done(
                account, on, "promise", until=on + timedelta(days=7), amount=account.open
            )

    def _payment(self, account: Account, on: date) -> Iterator[Done]:
        row = self._random.choice([each for each, left in account.rows.items() if left > 0])
        left = account.rows[row]
        amount = left if self._chance(0.6) else max(CENT, (left / 2).quantize(CENT))
        made = self._done(
            account, on, "payment", row=row, amount=amount, remittance=f"bonifico {on:%d%m}"
        )
        account.rows[row] = left - amount
        account.collected += amount
        account.payments[made.reference] = (row, amount)
        yield made
        if not account.open:
            account.over = "paid"
            yield self._done(account, on, "closed", detail="paid")

    def _reversal(self, account: Account, on: date) -> Done:
        reference = self._random.choice(sorted(account.payments))
        row, amount = account.payments.pop(reference)
        account.rows[row] += amount
        account.collected -= amount
        return self._done(account, on, "reversal", row=row, amount=amount, corrects=reference)

    def _result(self) -> str:
        return self._random.choice(["reached", "no_answer", "wrong_number", "call_back", "refuses"])

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _done(
        self,
        account: Account,
        on: date,
        kind: str,
        *,
        row: str = "",
        detail: str = "",
        amount: Decimal | None = None,
        corrects: str = "",
        remittance: str = "",
        until: date | None = None,
        medium: str = "",
    ) -> Done:
        self._number += 1
        return Done(
            placement=account.placement,
            row=row,
            on=on,
            kind=kind,
            detail=detail,
            amount=amount,
            reference=f"AG-{self._number:05d}",
            corrects=corrects,
            remittance=remittance,
            until=until,
            medium=medium,
        )
