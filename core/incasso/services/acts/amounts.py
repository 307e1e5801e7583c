"""What an agreement is about, and the amounts a person names, checked against what is owed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from incasso.contract.text import Text, text
from incasso.domain.money import from_minor, to_minor
from incasso.services.acts.doing import ActError, Doing
from incasso.store.ledger.overdue import overdue_installments
from incasso.store.lists.subjects import Target

Payments: TypeAlias = tuple[tuple[date, int], ...]
"""Days and minor units, earliest first."""


@dataclass(frozen=True, kw_only=True)
class Debt:
    """What is owed in one currency, minor units."""

    currency: str
    total: int
    targets: tuple[Target, ...]

    def worth(self, cents: int) -> Text:
        """An amount in this currency, for a message."""
        amount = from_minor(cents, self.currency)
        return text("{amount} {currency}", amount=amount, currency=self.currency)


def covered(doing: Doing, keys: Sequence[str], currency: str | None) -> Debt:
    """What a promise or plan is about: the installments named, else those of a smaller subject,
    else what is past due of the client. Raises ActError."""
    if keys or doing.subject.kind != "client":
        return owed(doing.targets_named(keys), currency)
    late = overdue_installments(doing.connection, doing.subject.client_id, doing.on)
    targets = [target for target in doing.open_targets() if target.installment_id in late]
    if not targets:
        raise ActError(
            text(
                "Nothing of {subject} is past due: name what it is about with `--installment`.",
                subject=doing.named,
            )
        )
    return owed(targets, currency)


def owed(targets: Sequence[Target], currency: str | None) -> Debt:
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
    return in_minor(amount, currency)


def in_minor(amount: Decimal, currency: str) -> int:
    """An amount as minor units. Raises ActError for too many decimals."""
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
                "{amount} is more than the {owed} it is about: give at most that, or name more "
                "with `--installment`.",
                amount=debt.worth(cents),
                owed=debt.worth(debt.total),
            )
        )


def reached_by(cents: int, debt: Debt) -> Debt:
    """The oldest debts that an amount reaches, the last perhaps in part: nobody promised to pay
    the others."""
    reached: list[Target] = []
    for target in debt.targets:
        if sum(each.residual for each in reached) >= cents:
            break
        reached.append(target)
    total = sum(target.residual for target in reached)
    return Debt(currency=debt.currency, total=total, targets=tuple(reached))
