"""The bank status of an installment: of its own bill, or of the one whose debt it took over."""

from __future__ import annotations

from datetime import date
from typing import Final

import msgspec

from incasso.api import PaymentMethod
from incasso_mago4.arithmetic import Sums, sums_of
from incasso_mago4.bills import NOTHING_REVERSED, Bill, Reversed, bill_of, reversed_amounts
from incasso_mago4.codes import BILL_UNPAID
from incasso_mago4.item_rows import Rows
from incasso_mago4.raw import flag, text
from incasso_mago4.rules import Rules
from incasso_mago4.takeover import ByNumber, takeovers

AT_BANK: Final = "at_bank"
"""The hub's name for a bill that the bank still has, by our own days of notice."""


class Banking(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What bank and bill add to the rows of one installment."""

    number: str = ""
    presented_on: date | None = None
    unpaid_on: date | None = None
    back: Reversed = NOTHING_REVERSED
    hold: str = ""


NO_BANK: Final = Banking()


def has_bill(rows: Rows) -> bool:
    """Whether a bill of these rows is or was at the bank."""
    for row in rows:
        if row.reopening_number or row.bill_status == BILL_UNPAID:
            return True
        if row.presented != "0" and flag(row.presented):
            return True
        if row.outstanding != "0" and flag(row.outstanding):
            return True
    return False


def concerns_bank(mine: int, item: ByNumber) -> bool:
    """Whether a record follows from more than its own rows: the day, or a bill taken over."""
    if has_bill(item[mine]):
        return True
    if len(item) == 1:
        return False
    return any(row.reopening_number for rows in item.values() for row in rows)


def banking_of(
    rows: Rows,
    item: ByNumber,
    sums: Sums,
    method: PaymentMethod,
    settings: Rules,
    on: date,
    *,
    concerned: bool,
) -> Banking:
    """One installment of an item, `concerned` as `concerns_bank` says. Raises what reading its
    amounts raises."""
    if not concerned:
        return Banking(number=number) if (number := _number(rows)) else NO_BANK
    bill = bill_of(rows, sums.due, sums.opened, sums.currency)
    taken_over, source = _takeover(rows[0].number, item, sums.currency)
    # Another installment carries the debt of this bill now; nothing of it is owed here.
    back = (
        NOTHING_REVERSED
        if taken_over
        else reversed_amounts(bill, rows, settings, method, on, sums.currency)
    )
    return Banking(
        number=bill.number or (source.number if source else ""),
        presented_on=bill.presented_on,
        unpaid_on=bill.unpaid_on or (source.unpaid_on if source else None),
        back=back,
        hold=_hold(bill, sums.due, settings.notice(method), on),
    )


def _number(rows: Rows) -> str:
    return next((plain for row in rows if (plain := text(row.bill_number))), "")


def _takeover(mine: int, item: ByNumber, currency: str) -> tuple[bool, Bill | None]:
    """Whether another installment took over this debt, and whose bill this one took over."""
    if len(item) == 1:
        return False, None
    links = takeovers(item)
    old = next((each for each, new in links.items() if new == mine), None)
    if old is None:
        return mine in links, None
    rows = item[old]
    sums = sums_of(rows, currency)
    return mine in links, bill_of(rows, sums.due, sums.opened, currency)


def _hold(bill: Bill, due: date, notice: int, on: date) -> str:
    """The hub by itself counts an iter's days of grace from the due date, and knows no second
    presentation: a bill still at the bank after that is marked by name."""
    return AT_BANK if bill.at_bank(on, notice) and (on > due or bill.again_on) else ""
