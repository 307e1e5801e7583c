"""What is left of an installment: the signed sum of all its rows, whatever their kinds."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec

from incasso.api import text
from incasso_mago4.codes import BASE_ONLY, CREDIT, DEBIT, OPENING, REOPENING
from incasso_mago4.item_rows import ItemRow, Rows
from incasso_mago4.raw import day, flag, money

ZERO = Decimal("0.00")


class InconsistentRowsError(ValueError):
    """The rows of an installment contradict each other; `field` and `hint` say where."""

    def __init__(self, field: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.field = field
        self.hint = hint


class Sums(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One installment in figures: debits positive, credits negative."""

    currency: str
    first: ItemRow
    """The row that began the debt."""
    opened: Decimal
    """What the document asked for."""
    residual: Decimal
    """In the currency of the document."""
    base: Decimal
    """The same in the company's own currency, exchange differences included; 0 if not asked."""
    due: date
    closed: bool | None
    """Mago's own flag; None: this release has none."""


def sums_of(rows: Rows, currency: str, *, foreign: bool = False) -> Sums:
    """Add up one installment, in its own currency and if that is foreign in the company's too.

    Raises OddRowsError, NotMoneyError.
    """
    opening = opening_rows(rows)
    residual = base = opened = ZERO
    for row in rows:
        positive = _is_debit(row)
        if row.closing not in BASE_ONLY:
            amount = money(row.amount, currency)
            amount = amount if positive else -amount
            residual += amount
            if row in opening:
                opened += amount
        if foreign:
            base += money(row.base) if positive else -money(row.base)
    return Sums(
        currency=currency,
        first=opening[0],
        opened=opened,
        residual=residual,
        base=base,
        due=_due(opening),
        closed=None if rows[0].closed is None else all(flag(row.closed) for row in opening),
    )


def opening_rows(rows: Rows) -> list[ItemRow]:
    """The rows that began the debt; a reopening replaces them only where there is nothing else.

    Raises OddRowsError if the debt has no beginning.
    """
    if len(rows) == 1 and rows[0].row_kind == OPENING:
        return list(rows)
    opening = [row for row in rows if row.row_kind == OPENING]
    found = [row for row in opening if row.closing != REOPENING] or opening
    found = found or [row for row in rows if row.closing == REOPENING]
    if not found:
        raise InconsistentRowsError(
            "InstallmentType",
            text("there are payments of an installment that was never opened"),
            text("look at the item in Mago: its opening row was deleted"),
        )
    return found


def _is_debit(row: ItemRow) -> bool:
    if row.sign == DEBIT:
        return True
    if row.sign == CREDIT:
        return False
    raise InconsistentRowsError(
        "DebitCreditSign",
        text(
            "{sign} is neither debit ({debit}) nor credit ({credit})",
            sign=row.sign,
            debit=DEBIT,
            credit=CREDIT,
        ),
        text("look at the item in Mago"),
    )


def _due(opening: list[ItemRow]) -> date:
    """The due date is the opening row's own date; a row of another kind keeps it as OpeningDate."""
    first = opening[0]
    if first.row_kind == OPENING and first.closing != REOPENING:
        if len(opening) == 1 and (only := day(first.day)):
            return only
        found = [day(row.day) for row in opening]
    else:
        found = [day(row.opening_day) or day(row.day) for row in opening]
    known = [each for each in found if each]
    if not known:
        raise InconsistentRowsError(
            "InstallmentDate", text("the installment has no due date"), text("give it one in Mago")
        )
    return min(known)
