"""Amounts a person names, checked against what is owed and laid over the installments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from incasso.contract.text import Text, text
from incasso.domain.money import from_minor, to_minor
from incasso.services.acts.doing import ActError
from incasso.store.lists.subjects import Target

Payments: TypeAlias = tuple[tuple[date, int], ...]
"""Days and minor units, earliest first."""


@dataclass(frozen=True, kw_only=True)
class Debt:
    """What is owed in one currency, minor units; `overdue` is the part past its due date."""

    currency: str
    total: int
    overdue: int
    targets: tuple[Target, ...]

    def worth(self, cents: int) -> Text:
        """An amount in this currency, for a message."""
        amount = from_minor(cents, self.currency)
        return text("{amount} {currency}", amount=amount, currency=self.currency)


def owed(targets: Sequence[Target], currency: str | None, on: date) -> Debt:
    """The debts in the wanted currency, or in the only one there is. Credits do not count.

    Raises ActError if there are several currencies and none is named, or nothing is owed.
    """
    debts = [target for target in targets if target.residual > 0]
    currencies = sorted({target.currency for target in debts})
    if currency is None and len(currencies) > 1:
        raise ActError(
            text("Debts are in {currencies}: say which with `--currency`.", currencies=currencies)
        )
    chosen_currency = currency or (currencies[0] if currencies else "EUR")
    chosen = tuple(target for target in debts if target.currency == chosen_currency)
    if not chosen:
        raise ActError(
            text(
                "Nothing is owed in {currency}: there is nothing to agree about.",
                currency=chosen_currency,
            )
        )
    return Debt(
        currency=chosen_currency,
        total=sum(target.residual for target in chosen),
        overdue=sum(target.residual for target in chosen if target.effective_due_date < on),
        targets=chosen,
    )


def minor(amount: Decimal, currency: str) -> int:
    """A positive amount as minor units. Raises ActError for zero, less, or too many decimals."""
    # Twelve digits are a million millions: more is a slip of the finger, and overflows a column.
    if not amount.is_finite() or not 0 < amount < Decimal(10) ** 12:
        raise ActError(
            text(
                "{amount} is not an amount one can agree on: give a number above zero.",
                amount=str(amount),
            )
        )
    try:
        return to_minor(amount, currency)
    except ValueError:
        raise ActError(
            text(
                "{amount} has more decimals than {currency} has: write it with fewer.",
                amount=amount,
                currency=currency,
            )
        ) from None


def need_at_most(cents: int, debt: Debt, tolerance: int) -> None:
    """More than what is owed cannot be agreed. Raises ActError."""
    if cents > debt.total + tolerance:
        raise ActError(
            text(
                "{amount} is more than the {owed} owed: give at most that.",
                amount=debt.worth(cents),
                owed=debt.worth(debt.total),
            )
        )


def spread(payments: Payments, residuals: Sequence[int]) -> list[Payments]:
    """Lay payments over debts, oldest first; each debt gets the payments that cover it.

    What exceeds all debts (at most the tolerance) goes to the last one.
    """
    left = list(payments)
    shares: list[Payments] = []
    for number, residual in enumerate(residuals, 1):
        last = number == len(residuals)
        taken, left = (left, []) if last else _take(left, residual)
        shares.append(tuple(taken))
    return shares


def _take(
    payments: Sequence[tuple[date, int]], room: int
) -> tuple[list[tuple[date, int]], list[tuple[date, int]]]:
    """The first payments up to an amount, and what remains of them all."""
    taken, left = [], []
    for day, cents in payments:
        part = min(cents, room)
        room -= part
        if part:
            taken.append((day, part))
        if cents > part:
            left.append((day, cents - part))
    return taken, left
