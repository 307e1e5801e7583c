"""What people agreed with a client, and whether a promise was kept.

A promise or a plan is judged by the payments since it was made: it is kept once the residual has
fallen by the agreed amounts, and broken on the day after a date that the payments missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from incasso.domain.recovery.states import OF_PAYMENTS, AgreementKind, AgreementStatus


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """The part of an agreement in force that decisions use; amounts in minor units."""

    kind: AgreementKind
    from_on: date
    until_on: date | None = None
    """Last day in force; for an extension the new due date; null: until somebody ends it."""
    amount: int | None = None
    """What was promised; null: all of it."""
    residual_then: int | None = None
    residual_now: int = 0
    dates: tuple[tuple[date, int], ...] = ()
    """The payments of a plan, by day."""


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


NOTHING_AGREED = Agreed()

FAR = date(4000, 1, 1)
"""Offices write 31/12/9999 for "never": adding days to it must not overflow."""


def judge(
    agreement: Agreement, on: date, tolerance: int = 0
) -> tuple[AgreementStatus, date | None]:
    """The verdict on a promise or plan, and while it is active the next payment date.

    Other kinds are always active up to their own last day.
    """
    if agreement.kind not in OF_PAYMENTS:
        return AgreementStatus.ACTIVE, agreement.until_on
    then = agreement.residual_now if agreement.residual_then is None else agreement.residual_then
    came_in = then - agreement.residual_now + tolerance
    promised = 0
    for day, amount in _dates(agreement, then):
        promised += amount
        if came_in < promised:
            return (AgreementStatus.BROKEN, None) if on > day else (AgreementStatus.ACTIVE, day)
    return AgreementStatus.KEPT, None


def _dates(agreement: Agreement, then: int) -> Sequence[tuple[date, int]]:
    if agreement.dates:
        return sorted(agreement.dates)
    last = agreement.until_on or date.max
    return [(last, then if agreement.amount is None else agreement.amount)]


def agreed_on(agreements: Iterable[Agreement], on: date, tolerance: int = 0) -> Agreed:
    """The combined effect of an installment's own and its client's agreements on a day."""
    blocks: dict[AgreementKind, date | None] = {}
    extended_to: date | None = None
    starts: list[date] = []
    for agreement in agreements:
        if agreement.from_on > on:
            starts.append(agreement.from_on)
            continue
        verdict, until = judge(agreement, on, tolerance)
        until = until and min(until, FAR)
        if agreement.kind is AgreementKind.EXTENSION:
            extended_to = max(filter(None, (extended_to, until)), default=None)
        elif verdict is AgreementStatus.ACTIVE and (until is None or on <= until):
            blocks[agreement.kind] = _later(blocks.get(agreement.kind, date.min), until)
    return Agreed(
        **{kind.value: Blocking(until) for kind, until in blocks.items()},
        extended_to=extended_to,
        starts_on=min(starts, default=None),
    )


def _later(one: date | None, other: date | None) -> date | None:
    return None if one is None or other is None else max(one, other)
