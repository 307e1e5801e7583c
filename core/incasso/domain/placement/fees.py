"""What a provider may ask: the fee of each payment by the price list, and the rule behind it.

Amounts are minor units, without VAT. The version of the price list is that of the day of the
hand-over, whatever is published later. A percentage fee is rounded once for each payment, half a
cent up; bands are added up exactly before that. Taking a payment back gives back its fee to the
cent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any, Final

import msgspec

from incasso.contract.exchange import Service
from incasso.domain.money import to_minor
from incasso.domain.placement.prices import Bands, DirectClause, PriceList, PriceVersion, RateLine

_HUNDRED: Final = Decimal(100)
_CENT: Final = Decimal(1)


class Income(StrEnum):
    """How money moved."""

    COLLECTED = "collected"
    """The provider collected it."""
    DIRECT = "direct"
    """The client paid the creditor."""
    REVERSAL = "reversal"
    """A payment was taken back, whole or in part."""


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """What a fee depends on of a placement."""

    on: date
    """The day of the hand-over."""
    amount: int
    """What was handed over, in minor units."""
    currency: str
    service: Service
    ended_on: date | None = None
    """The day it was closed, returned or recalled."""


class Part(msgspec.Struct, frozen=True):
    """The part of a payment that paid one installment."""

    amount: int
    days_late: int = 0
    """How long past due it was at the hand-over."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One movement of money of a placement; amounts are positive, also of a reversal."""

    id: str
    income: Income
    on: date
    parts: tuple[Part, ...]
    of: str = ""
    """The payment that a reversal takes back."""

    @property
    def amount(self) -> int:
        """All of it, in minor units."""
        return sum(part.amount for part in self.parts)


class FeeRule(StrEnum):
    """What a fee comes from; the words are in `incasso.locale.providers`."""

    OPENING = "opening"
    REPORT = "report"
    PERCENT = "percent"
    BRACKETS = "brackets"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    NO_RATE = "no_rate"
    DIRECT = "direct"
    DIRECT_FREE = "direct_free"
    DIRECT_AFTER = "direct_after"
    DIRECT_NONE = "direct_none"
    TAKEN_BACK = "taken_back"
    NOTHING_TO_TAKE_BACK = "nothing_to_take_back"
    NO_PRICES = "no_prices"
    OTHER_CURRENCY = "other_currency"


class Fee(msgspec.Struct, frozen=True, kw_only=True):
    """An amount in minor units, negative where it is given back, and the rule behind it."""

    amount: int
    rule: FeeRule
    values: Mapping[str, Any] = {}
    """For the sentence: percentage, days, the payment that was taken back."""


def opening_fee(prices: PriceList, placed: Placed) -> Fee:
    """What opening the placement costs, once."""
    version, wanting = _version(prices, placed)
    if version is None:
        return wanting
    for line in sorted(version.openings, key=lambda each: _limit(each.up_to)):
        if placed.amount <= _minor_limit(line.up_to, placed.currency):
            return Fee(amount=to_minor(line.fee, placed.currency), rule=FeeRule.OPENING)
    return Fee(amount=0, rule=FeeRule.OPENING)


def report_fee(prices: PriceList, placed: Placed) -> Fee:
    """What one report of the placement's service costs."""
    version, wanting = _version(prices, placed)
    if version is None:
        return wanting
    price = version.reports.get(placed.service, Decimal(0))
    return Fee(amount=to_minor(price, placed.currency), rule=FeeRule.REPORT)


def expected_fee(prices: PriceList, placed: Placed, entry: Entry) -> Fee:
    """The fee of a placement's first movement of money; see `expected_fees`."""
    return expected_fees(prices, placed, [entry])[0]


def expected_fees(prices: PriceList, placed: Placed, entries: Sequence[Entry]) -> tuple[Fee, ...]:
    """The fee of each movement of money of one placement, in their order.

    A reversal gives back the part of its payment's fee that belongs to what was taken back, and of
    the last part the rest.
    """
    version, wanting = _version(prices, placed)
    if version is None:
        return (wanting,) * len(entries)
    account = _Account(version, placed)
    return tuple(account.fee(entry) for entry in entries)


class _Paid(msgspec.Struct):
    """A payment with its fee, and how much of both was given back."""

    amount: int
    fee: int
    counts: bool
    """Whether it moves the bands of what was recovered."""
    back: int = 0
    fee_back: int = 0


class _Account:
    """The money of one placement, as it comes in and goes back."""

    def __init__(self, version: PriceVersion, placed: Placed) -> None:
        self._version, self._placed = version, placed
        self._paid: dict[str, _Paid] = {}
        self._recovered = 0

    def fee(self, entry: Entry) -> Fee:
        """The fee of the next movement."""
        if entry.income is Income.REVERSAL:
            return self._taken_back(entry)
        if entry.income is Income.DIRECT:
            found, counts = self._direct(entry)
        else:
            found, counts = self._percentage(entry), True
        self._paid[entry.id] = _Paid(entry.amount, found.amount, counts)
        self._recovered += entry.amount if counts else 0
        return found

    def _taken_back(self, entry: Entry) -> Fee:
        paid = self._paid.get(entry.of)
        if paid is None:
            values = {"payment": entry.of}
            return Fee(amount=0, rule=FeeRule.NOTHING_TO_TAKE_BACK, values=values)
        amount = min(entry.amount, paid.amount - paid.back)
        paid.back += amount
        self._recovered -= amount if paid.counts else 0
        due_back = _share(paid.fee, paid.back, paid.amount)
        given, paid.fee_back = due_back - paid.fee_back, due_back
        return Fee(amount=-given, rule=FeeRule.TAKEN_BACK, values={"payment": entry.of})

    def _direct(self, entry: Entry) -> tuple[Fee, bool]:
        """The fee, and whether it is counted among what was recovered."""
        clause, placed = self._version.direct, self._placed
        if clause is None:
            return Fee(amount=0, rule=FeeRule.DIRECT_NONE), False
        if (entry.on - placed.on).days < clause.free_days:
            values = {"days": clause.free_days}
            return Fee(amount=0, rule=FeeRule.DIRECT_FREE, values=values), False
        if (last := cut_off(clause, placed)) is not None and entry.on > last:
            return Fee(amount=0, rule=FeeRule.DIRECT_AFTER, values={"day": last}), False
        if clause.percent is None:
            return self._percentage(entry), True
        fee = percentage_of(entry.amount, clause.percent)
        return Fee(amount=fee, rule=FeeRule.DIRECT, values={"percent": clause.percent}), False

    def _percentage(self, entry: Entry) -> Fee:
        shares = list(self._shares(entry))
        if not shares:
            return Fee(amount=0, rule=FeeRule.NO_RATE)
        exact = sum((amount * percent for amount, percent in shares), Decimal(0)) / _HUNDRED
        if len(percents := dict.fromkeys(percent for _, percent in shares)) == 1:
            return self._within(_rounded(exact), FeeRule.PERCENT, {"percent": shares[0][1]})
        return self._within(_rounded(exact), FeeRule.BRACKETS, {"percents": list(percents)})

    def _shares(self, entry: Entry) -> Iterator[tuple[int, Decimal]]:
        """How much of the money has which percentage."""
        first = self._recovered
        for part in entry.parts:
            lines = self._lines(part.days_late)
            if lines and self._version.bands is Bands.WHOLE:
                yield part.amount, self._line_of(lines, self._placed.amount).percent
            else:
                yield from _parts(lines, first, first + part.amount, self._placed.currency)
            first += part.amount

    def _lines(self, days_late: int) -> list[RateLine]:
        """The lines of the first age band that the debt fits in, by amount."""
        ages = sorted({_limit(line.days_to) for line in self._version.rates})
        age = next((each for each in ages if days_late <= each), None)
        lines = [line for line in self._version.rates if _limit(line.days_to) == age]
        return sorted(lines, key=lambda line: _limit(line.up_to))

    def _line_of(self, lines: Iterable[RateLine], amount: int) -> RateLine:
        currency = self._placed.currency
        return next(line for line in lines if amount <= _minor_limit(line.up_to, currency))

    def _within(self, fee: int, rule: FeeRule, values: Mapping[str, Any]) -> Fee:
        """Not below the least nor above the largest fee of one payment."""
        version, currency = self._version, self._placed.currency
        if version.minimum is not None and fee < (least := to_minor(version.minimum, currency)):
            return Fee(amount=least, rule=FeeRule.MINIMUM, values=values)
        if version.maximum is not None and fee > (most := to_minor(version.maximum, currency)):
            return Fee(amount=most, rule=FeeRule.MAXIMUM, values=values)
        return Fee(amount=fee, rule=rule, values=values)


def percentage_of(amount: int, percent: Decimal) -> int:
    """A percentage in whole minor units, half a cent up."""
    return _rounded(amount * percent / _HUNDRED)


def cut_off(clause: DirectClause, placed: Placed) -> date | None:
    """The last day on which a direct payment bears a fee; None: the placement still runs."""
    if placed.ended_on is None:
        return None
    return placed.ended_on + timedelta(days=clause.after_end_days)


def _version(prices: PriceList, placed: Placed) -> tuple[PriceVersion | None, Fee]:
    """The version in force at the hand-over, or the fee that says why there is none."""
    if prices.currency != placed.currency:
        values = {"currency": prices.currency, "other": placed.currency}
        return None, Fee(amount=0, rule=FeeRule.OTHER_CURRENCY, values=values)
    return prices.on(placed.on), Fee(amount=0, rule=FeeRule.NO_PRICES, values={"day": placed.on})


def _parts(
    lines: Iterable[RateLine], first: int, last: int, currency: str
) -> Iterator[tuple[int, Decimal]]:
    """How much of the money between two sums lies in which band."""
    below = first
    for line in lines:
        above = last if line.up_to is None else min(last, to_minor(line.up_to, currency))
        if above > below:
            yield above - below, line.percent
            below = above


def _share(fee: int, part: int, whole: int) -> int:
    """The fee of a part of a payment."""
    return fee if part == whole else _rounded(Decimal(fee) * part / whole)


def _rounded(exact: Decimal) -> int:
    return int(exact.quantize(_CENT, ROUND_HALF_UP))


def _limit(given: Decimal | int | None) -> Decimal:
    return Decimal("Infinity") if given is None else Decimal(given)


def _minor_limit(up_to: Decimal | None, currency: str) -> Decimal:
    return _limit(None if up_to is None else to_minor(up_to, currency))
