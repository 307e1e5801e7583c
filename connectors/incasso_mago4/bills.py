"""The life of a bill: presented, perhaps closed in the books, collected, returned, presented again.

Mago's schema has its columns, but not when the rows are written: that is a parameter of each
company. So nothing here relies on which rows exist; dates and amounts decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec

from incasso.api import PaymentMethod
from incasso_mago4.codes import BILL_PRESENTED, BILL_UNPAID, CLOSING, NORMAL, REOPENING
from incasso_mago4.item_rows import ItemRow, Rows
from incasso_mago4.raw import day, flag, money, text
from incasso_mago4.rules import Rules

ZERO = Decimal("0.00")


class Bill(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the rows of one installment say about its bill."""

    number: str = ""
    presented_on: date | None = None
    collected: bool = False
    unpaid_on: date | None = None
    again_on: date | None = None
    """Presented again after it came back."""
    last_due: date
    """The latest day on which the bank may have to collect it."""
    ceiling: Decimal
    """The part of the bill's amount that belongs to this installment."""

    @property
    def came_back(self) -> bool:
        """Whether the bank returned it, and it was not presented again."""
        return self.unpaid_on is not None and self.again_on is None

    def at_bank(self, on: date, notice: int) -> bool:
        """Whether the bank may still send it back."""
        if self.presented_on is None or self.came_back or (self.collected and not self.again_on):
            return False
        return on <= self.last_due + timedelta(days=notice)


class BillColumns(NamedTuple):
    """What a row says of the days and marks of its bill: the same for many rows of a company."""

    presented: Any
    presented_day: Any
    collected: Any
    outstanding: Any
    outstanding_day: Any
    bill_status: Any
    bill_due_day: Any
    bill_again_day: Any
    bill_outstanding_day: Any
    bill_return_day: Any


_columns: Final = attrgetter(*BillColumns._fields)

_Columns: TypeAlias = Sequence[BillColumns]


class _Days(NamedTuple):
    presented_on: date | None
    collected: bool
    unpaid_on: date | None
    again_on: date | None
    last_due: date


def bill_of(rows: Rows, due: date, opened: Decimal, currency: str) -> Bill:
    """Read the bill's columns of one installment, whichever of its rows carries them."""
    days = _days(tuple(BillColumns._make(_columns(row)) for row in rows), due)
    return Bill(
        number=next(filter(None, (text(row.bill_number) for row in rows)), ""),
        presented_on=days.presented_on,
        collected=days.collected,
        unpaid_on=days.unpaid_on,
        again_on=days.again_on,
        last_due=days.last_due,
        ceiling=_ceiling(rows, opened, currency),
    )


@lru_cache(20_000)
def _days(rows: tuple[BillColumns, ...], due: date) -> _Days:
    """Remembered by its inputs: a presentation to the bank has many bills of one due date."""
    presented = _presented_on(rows, due)
    unpaid = _unpaid_on(rows, due)
    again = _again_on(rows, presented, unpaid)
    dates = [due, *(d for row in rows if (d := day(row.bill_due_day))), *([again] if again else [])]
    return _Days(presented, any(flag(row.collected) for row in rows), unpaid, again, max(dates))


def _presented_on(rows: _Columns, due: date) -> date | None:
    """The last presentation; the due date if Mago records one without its day."""
    if not any(flag(row.presented) for row in rows):
        return None
    marked_days = [day(row.presented_day) for row in rows if flag(row.presented)]
    return max((each for each in marked_days if each), default=due)


def _unpaid_on(rows: _Columns, due: date) -> date | None:
    """The day it came back; the due date if Mago records the return without its day."""
    marked = [row for row in rows if flag(row.outstanding)]
    by_bill = [row for row in rows if row.bill_status == BILL_UNPAID]
    if not marked and not by_bill:
        return None
    marked_days = [day(row.outstanding_day) for row in marked]
    marked_days += [day(row.bill_outstanding_day) or day(row.bill_return_day) for row in by_bill]
    return max((each for each in marked_days if each), default=due)


def _again_on(rows: _Columns, presented: date | None, unpaid: date | None) -> date | None:
    if unpaid is None or any(row.bill_status == BILL_UNPAID for row in rows):
        return None
    marked_days = [day(row.bill_again_day) for row in rows if row.bill_status == BILL_PRESENTED]
    marked_days.append(presented)
    return max((each for each in marked_days if each and each > unpaid), default=None)


def _ceiling(rows: Rows, opened: Decimal, currency: str) -> Decimal:
    for name in ("outstanding_amount", "presented_amount"):
        given = [value for row in rows if (value := getattr(row, name)) is not None]
        found = max((money(value, currency) for value in given), default=ZERO)
        if found > ZERO:
            return min(found, abs(opened)) if opened else found
    return abs(opened)


class Reversed(msgspec.Struct, frozen=True, gc=False):
    """What the books closed on an installment although the bank has not paid, or took it back."""

    amount: Decimal = ZERO
    base: Decimal = ZERO


NOTHING_REVERSED: Final = Reversed()


def reversed_amounts(
    bill: Bill, rows: Rows, settings: Rules, method: PaymentMethod, on: date, currency: str
) -> Reversed:
    """What the client still owes beside the sum of the rows.

    While the bill is at the bank: what was closed when it was presented. After it came back:
    the same, less what a reopening row already put back.
    """
    if bill.unpaid_on is not None and bill.came_back:
        until = bill.unpaid_on
        closings = [row for row in _closings(rows, bill) if (day(row.day) or until) <= until]
        back = _capped(closings, bill.ceiling, currency)
        return _less(back, [row for row in rows if row.closing == REOPENING], currency)
    if settings.closed_bills == "open" and bill.at_bank(on, settings.notice(method)):
        return _capped(_closings(rows, bill), bill.ceiling, currency)
    return NOTHING_REVERSED


def _closings(rows: Rows, bill: Bill) -> list[ItemRow]:
    """Ordinary closings since the bill went to the bank; earlier ones are payments."""
    since = bill.again_on or bill.presented_on
    return [
        row
        for row in rows
        if row.row_kind == CLOSING
        and row.closing == NORMAL
        and (since is None or (day(row.day) or since) >= since)
    ]


def _capped(rows: list[ItemRow], ceiling: Decimal, currency: str) -> Reversed:
    amount = sum((money(row.amount, currency) for row in rows), ZERO)
    base = sum((money(row.base) for row in rows), ZERO)
    if amount > ceiling:
        share = ceiling / amount
        return Reversed(ceiling, (base * share).quantize(ZERO))
    return Reversed(amount, base)


def _less(back: Reversed, reopened: list[ItemRow], currency: str) -> Reversed:
    amount = back.amount - sum((money(row.amount, currency) for row in reopened), ZERO)
    base = back.base - sum((money(row.base) for row in reopened), ZERO)
    return Reversed(amount, max(base, ZERO)) if amount > ZERO else NOTHING_REVERSED
