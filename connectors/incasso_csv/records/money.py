"""The original amount and the residual, from the amounts that a file gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from incasso.api import Problem, text
from incasso_csv.cells.dates import read_date
from incasso_csv.cells.values import Cell, CellError
from incasso_csv.cells.words import Status, normal

_NOTHING = Decimal(0)
_YES: Final = frozenset("x si s yes y true vero ja oui".split())


@dataclass(frozen=True)
class Money:
    """The result: both amounts and what is wrong with them."""

    amount: Decimal | None = None
    residual: Decimal = _NOTHING
    problems: list[Problem] = field(default_factory=list)


def money_of(fields: Mapping[str, Cell], given: Mapping[str, Decimal], state: Status) -> Money:
    """The original amount and the residual.

    residual as given; else amount less paid; dare less avere is the amount. A row marked as paid
    has no residual. If amount, paid and residual are all given they must agree.
    """
    amount, residual, paid = given.get("amount"), given.get("residual"), given.get("paid")
    if amount is None and ("debit" in given or "credit" in given):
        amount = given.get("debit", _NOTHING) - given.get("credit", _NOTHING)
    if residual is None:
        if amount is None:
            return Money(problems=[_missing()])
        try:
            paid = amount if paid is None and _is_paid(fields, state) else paid
        except CellError as error:
            return Money(amount, amount, [error.problem("paid_on")])
        return Money(amount, amount - (paid or _NOTHING))
    if amount is not None and paid is not None and amount - paid != residual:
        return Money(amount, residual, [_disagreement(amount, paid, residual)])
    return Money(amount, residual)


def _is_paid(fields: Mapping[str, Cell], state: Status) -> bool:
    """Whether a state, a mark or a day of payment marks it as paid. Raises CellError for no day."""
    if state is Status.PAID or normal(str(fields.get("settled", ""))) in _YES:
        return True
    return read_date(fields.get("paid_on", "")) is not None


def _missing() -> Problem:
    return Problem(
        code="missing", field="residual", message=text("there is neither a residual nor an amount")
    )


def _disagreement(amount: Decimal, paid: Decimal, residual: Decimal) -> Problem:
    return Problem(
        code="does_not_add_up",
        field="residual",
        message=text(
            "{amount} less {paid} paid is {amount2}, the file says {residual}",
            amount=amount,
            paid=paid,
            amount2=amount - paid,
            residual=residual,
        ),
        hint=text("check the amounts in the ERP"),
    )
