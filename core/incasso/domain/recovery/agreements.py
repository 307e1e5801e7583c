"""What people agreed with a client, and whether a promise was kept.

A promise or a plan is judged by the payments since it was made: it is kept once the residual of the
installments it covers has fallen by the agreed amounts, and broken when a payment has not come by
its day and the bank has had its working days to post it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

import msgspec

from incasso.domain.calendar import Calendar
from incasso.domain.recovery.states import OF_PAYMENTS, AgreementKind, AgreementStatus

PROMISE_GRACE_DAYS: Final = 3
"""Working days after a promised day in which the money may still be on its way to the account."""

LONGEST_PROMISE_GRACE: Final = 60
"""The most that a company or a person may set."""


EXTENSION_DAYS: Final = 30
"""Default of the days beyond the due date in force that need no manager."""

DISPUTE_CODES: Final = ("goods", "price", "quantity", "not_delivered", "duplicate", "other")
"""Why clients contest, unless the office has a list of its own."""


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """The part of an agreement in force that decisions use; amounts in minor units."""

    kind: AgreementKind
    from_on: date
    until_on: date | None = None
    """Last day in force; for an extension the new due date; null: until somebody ends it."""
    amount: int | None = None
    """What was promised; null: all of it."""
    residual_then: int = 0
    """What was open of the covered installments when it was made."""
    residual_now: int = 0
    dates: tuple[tuple[date, int], ...] = ()
    """The payments by day, interest included."""
    interest: int = 0
    """Inside the payments: it pays no part of the debt."""
    acceleration: bool = True
    """One missed payment ends it; else it is tolerated up to the next payment's day."""
    grace_days: int = PROMISE_GRACE_DAYS
    """Working days for the bank to post a payment."""
    calendar: Calendar = Calendar()


class Agreed(msgspec.Struct, frozen=True, omit_defaults=True):
    """The agreements in force for an installment on a day; dates are the last days of blocks."""

    hold: Blocking | None = None
    promise: Blocking | None = None
    plan: Blocking | None = None
    dispute: Blocking | None = None
    extended_to: date | None = None
    starts_on: date | None = None
    """The next day on which an agreement not yet in force begins."""


class Blocking(msgspec.Struct, frozen=True, omit_defaults=True):
    """A block with its last day; null: until somebody ends it."""

    until: date | None = None
    payment_on: date | None = None
    """Of a promise or plan: the day of the payment it waits for."""


NOTHING_AGREED = Agreed()

FAR = date(4000, 1, 1)
"""Offices write 31/12/9999 for "never": adding days to it must not overflow."""

_ONE_DAY: Final = timedelta(days=1)


class Judgement(msgspec.Struct, frozen=True):
    """The verdict on a promise or plan."""

    status: AgreementStatus
    payment_on: date | None = None
    """The first payment that has not come in."""
    until: date | None = None
    """The last day on which that payment may still come in time."""


def last_day_to_come_in(promised: date, grace_days: int, calendar: Calendar) -> date:
    """The last day on which a payment of a promised day is still waited for.

    The bank has so many working days after it; what follows begins on a working day.
    """
    day = min(promised, FAR)
    for _ in range(grace_days + 1):
        day = calendar.next_working(day + _ONE_DAY)
    return day - _ONE_DAY


def judge(agreement: Agreement, on: date, tolerance: int = 0) -> Judgement:
    """The verdict on a promise or plan. A shortfall within the tolerance breaks nothing.

    Other kinds are always active up to their own last day.
    """
    if agreement.kind not in OF_PAYMENTS:
        return Judgement(AgreementStatus.ACTIVE, None, agreement.until_on)
    came_in = agreement.residual_then - agreement.residual_now
    payments = _payments(agreement)
    agreed = sum(amount for _, amount in payments)
    promised = 0
    for place, (day, amount) in enumerate(payments):
        promised += amount
        due = _of_the_debt(promised, agreed, agreement.interest)
        if came_in >= due - (tolerance if due > tolerance else 0):
            continue
        waits_for = (
            day if agreement.acceleration else payments[min(place + 1, len(payments) - 1)][0]
        )
        last = last_day_to_come_in(waits_for, agreement.grace_days, agreement.calendar)
        status = AgreementStatus.BROKEN if on > last else AgreementStatus.ACTIVE
        return Judgement(status, day, last)
    return Judgement(AgreementStatus.KEPT)


def _payments(agreement: Agreement) -> list[tuple[date, int]]:
    if agreement.dates:
        return sorted(agreement.dates)
    all_of_it = agreement.residual_then if agreement.amount is None else agreement.amount
    return [(agreement.until_on or FAR, all_of_it)]


def _of_the_debt(paid: int, agreed: int, interest: int) -> int:
    """How much of what is paid lowers the debt: interest is spread over all payments alike."""
    return paid if not interest else paid * (agreed - interest) // agreed


def agreed_on(agreements: Iterable[Agreement], on: date, tolerance: int = 0) -> Agreed:
    """The combined effect of an installment's own and its client's agreements on a day."""
    blocks: dict[AgreementKind, Blocking] = {}
    extended_to: date | None = None
    starts: list[date] = []
    for agreement in agreements:
        if agreement.from_on > on:
            starts.append(agreement.from_on)
            continue
        found = judge(agreement, on, tolerance)
        until = found.until and min(found.until, FAR)
        if agreement.kind is AgreementKind.EXTENSION:
            extended_to = max(filter(None, (extended_to, until)), default=None)
        elif found.status is AgreementStatus.ACTIVE and (until is None or on <= until):
            new = Blocking(until, found.payment_on)
            blocks[agreement.kind] = _longer(blocks.get(agreement.kind), new)
    return Agreed(
        **{kind.value: block for kind, block in blocks.items()},
        extended_to=extended_to,
        starts_on=min(starts, default=None),
    )


def _longer(one: Blocking | None, other: Blocking) -> Blocking:
    if one is None:
        return other
    if one.until is None or other.until is None:
        return one if one.until is None else other
    return one if one.until >= other.until else other
