"""Scorecards: what became of what was handed to a provider, at the same age of each lot.

Amounts are minor units of one currency. Percentages are of what was handed over, recalls and credit
notes included in it: nobody's card gets better because the hard cases were taken away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

import msgspec

from incasso.contract.exchange import Service
from incasso.domain.calendar import Calendar
from incasso.domain.recovery.agreements import PROMISE_GRACE_DAYS, last_day_to_come_in

AGES: Final = (30, 60, 90, 120, 180, 360)
"""Days since the hand-over at which lots are compared."""

_HUNDREDTH: Final = Decimal("0.01")


class By(StrEnum):
    """What has a card of its own."""

    PROVIDER = "provider"
    """Each provider and service."""
    LOT = "lot"
    AGE = "age"
    """Each provider and service, and each band of lateness at the hand-over: like with like."""


class Received(msgspec.Struct, frozen=True):
    """Money of a day, net of what was taken back that day."""

    on: date
    collected: int
    direct: int


class Promised(msgspec.Struct, frozen=True):
    """A promise that the provider reported."""

    on: date
    until: date
    amount: int | None
    received: tuple[Received, ...]
    """The money of its placement."""


class LotRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One lot in one currency, as it stands on the day of the card."""

    provider: str
    service: Service
    lot: str
    currency: str
    band: str = ""
    """How late its debts were when they were handed over; empty: all of the lot."""
    handed_on: date
    placements: int
    rows: int
    placed: int
    received: Sequence[Received] = ()
    first_actions: Sequence[date] = ()
    """Of each placement with an action the day of the first."""
    promises: Sequence[Promised] = ()
    complaints: int = 0
    fees_due: int = 0
    fees_asked: int = 0


class AtAge(msgspec.Struct, frozen=True):
    """What had been recovered so many days after the hand-over."""

    days: int
    percent: Decimal | None
    """Of the lots that are that old; None: none is."""
    placed: int
    recovered: int


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """The card of a provider and service, of a lot, or of a band of lateness.

    What is done for a placement as a whole is not told of a band.
    """

    provider: str
    service: Service
    lot: str
    """Empty: all of them."""
    band: str
    """Empty: all of them."""
    currency: str
    lots: int
    handed_on: date
    """The first, of several."""
    placements: int
    rows: int
    placed: int
    collected: int
    direct: int
    percent: Decimal | None
    """Recovered, by the provider or directly, of what was placed."""
    ages: tuple[AtAge, ...]
    first_action_days: Decimal | None = None
    """From the hand-over to the first action, on average of the placements that had one."""
    untouched: int | None = None
    """Placements without any action."""
    promises: int | None = None
    """Those whose day has passed."""
    promises_kept: int | None = None
    complaints: int | None = None
    fees_due: int | None = None
    fees_asked: int | None = None
    cost_per_unit: Decimal | None = None
    """Fees due for each euro, or other unit, that was recovered."""


_KEYS: Final[Mapping[By, Callable[[LotRecord], tuple[Hashable, ...]]]] = {
    By.PROVIDER: lambda one: (one.provider, one.service, one.currency),
    By.LOT: lambda one: (one.lot, one.currency),
    By.AGE: lambda one: (one.provider, one.service, one.currency, one.band),
}


def scores(lots: Iterable[LotRecord], on: date, by: By) -> list[Score]:
    """The cards of these lots as of a day. Currencies are never summed.

    In the order of provider, service, currency and lot; bands in the order they come.
    """
    groups: dict[tuple[Hashable, ...], list[LotRecord]] = defaultdict(list)
    for lot in lots:
        groups[_KEYS[by](lot)].append(lot)
    found = [_score(group, on, by) for group in groups.values()]
    return sorted(found, key=lambda each: (each.provider, each.service, each.currency, each.lot))


def _score(lots: list[LotRecord], on: date, by: By) -> Score:
    first = lots[0]
    placed = sum(lot.placed for lot in lots)
    collected = sum(day.collected for lot in lots for day in lot.received)
    direct = sum(day.direct for lot in lots for day in lot.received)
    card = Score(
        provider=first.provider,
        service=first.service,
        lot=first.lot if by is By.LOT else "",
        band=first.band,
        currency=first.currency,
        lots=len({lot.lot for lot in lots}),
        handed_on=min(lot.handed_on for lot in lots),
        placements=sum(lot.placements for lot in lots),
        rows=sum(lot.rows for lot in lots),
        placed=placed,
        collected=collected,
        direct=direct,
        percent=_ratio(100 * (collected + direct), placed),
        ages=tuple(_at_age(lots, on, days) for days in AGES),
    )
    return card if by is By.AGE else _with_work(card, lots, on)


def _with_work(card: Score, lots: list[LotRecord], on: date) -> Score:
    """The same with what was done and what it costs."""
    waits = [(day - lot.handed_on).days for lot in lots for day in lot.first_actions]
    ripe = [each for lot in lots for each in lot.promises if _last_day(each) < on]
    fees = sum(lot.fees_due for lot in lots)
    return msgspec.structs.replace(
        card,
        first_action_days=_ratio(sum(waits), len(waits)),
        untouched=card.placements - len(waits),
        promises=len(ripe),
        promises_kept=sum(map(_was_kept, ripe)),
        complaints=sum(lot.complaints for lot in lots),
        fees_due=fees,
        fees_asked=sum(lot.fees_asked for lot in lots),
        cost_per_unit=_ratio(fees, card.collected + card.direct),
    )


def _at_age(lots: Iterable[LotRecord], on: date, days: int) -> AtAge:
    """Like with like: only lots that have reached that age, with what they had then."""
    age = timedelta(days=days)
    old = [lot for lot in lots if lot.handed_on + age <= on]
    placed = sum(lot.placed for lot in old)
    recovered = sum(
        each.collected + each.direct
        for lot in old
        for each in lot.received
        if each.on <= lot.handed_on + age
    )
    return AtAge(days, _ratio(100 * recovered, placed), placed, recovered)


def _last_day(promise: Promised) -> date:
    """Money may come in some working days late, as with promises made to the office."""
    return last_day_to_come_in(promise.until, PROMISE_GRACE_DAYS, Calendar())


def _was_kept(promise: Promised) -> bool:
    """Whether what was promised came in, from the day of the promise on; without an amount any."""
    last = _last_day(promise)
    came = sum(
        each.collected + each.direct for each in promise.received if promise.on <= each.on <= last
    )
    return came >= (promise.amount or 1)


def _ratio(part: int, whole: int) -> Decimal | None:
    if whole <= 0:
        return None
    return (Decimal(part) / whole).quantize(_HUNDREDTH, ROUND_HALF_UP)
