"""What is wrong with a report by itself, measured by the placement that it is about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

import msgspec

from incasso.contract.exchange import PlacementUpdate, UpdateKind
from incasso.contract.text import TextValue
from incasso.contract.values import Money
from incasso.domain.money import to_minor
from incasso.domain.placement.problems import ReturnProblem

OF_LOTS: Final = frozenset(
    {
        UpdateKind.ACKNOWLEDGED,
        UpdateKind.RECALL_TAKEN,
        UpdateKind.DELETED,
        UpdateKind.FEE,
        UpdateKind.NOTE,
    }
)
"""What may be said of a whole lot, without a placement."""

QUESTIONS: Final = frozenset(
    {UpdateKind.SETTLEMENT, UpdateKind.EXTENSION_REQUEST, UpdateKind.DOCUMENT_REQUEST}
)
"""What a provider waits for an answer to."""

TO_ANSWER: Final = QUESTIONS | {UpdateKind.COMPLAINT}
"""What a person must see to."""

_NEED_AMOUNT: Final = frozenset(
    {UpdateKind.PAYMENT, UpdateKind.DIRECT_PAYMENT, UpdateKind.SETTLEMENT, UpdateKind.FEE}
)
_NEED_DAY: Final = frozenset({UpdateKind.PROMISE, UpdateKind.EXTENSION_REQUEST})
_NEED_REFERENCE: Final = frozenset({UpdateKind.REVERSAL, UpdateKind.CORRECTION})
_BEFORE_US: Final = frozenset({UpdateKind.DIRECT_PAYMENT, UpdateKind.FEE, UpdateKind.NOTE})
"""What may be older than the handing over."""


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """What a report is measured by."""

    currency: str
    handed_on: date | None
    until: date | None
    today: date


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The amount in minor units if nothing is wrong, else what is, with the words it needs."""

    amount: int | None = None
    problem: ReturnProblem | None = None
    values: Mapping[str, TextValue] = {}


def check(update: PlacementUpdate, on: date, measure: Measure) -> Found:
    """Look at amount, days and references of a report; `on` is the day it counts for."""
    money = _amount(update, measure.currency)
    if money.problem is not None:
        return money
    if on > measure.today:
        return _wrong(ReturnProblem.FUTURE_DATE, day=on)
    handed = measure.handed_on
    if handed is not None and on < handed and update.kind not in _BEFORE_US:
        days = {"day": on, "handed": handed}
        return _wrong(ReturnProblem.BEFORE_HAND_OVER, **days)
    if update.kind in _NEED_DAY and update.until is None:
        return _wrong(ReturnProblem.NO_DAY)
    if update.kind in _NEED_REFERENCE and not update.corrects:
        return _wrong(ReturnProblem.NO_REFERENCE)
    if update.kind is UpdateKind.CLOSED and update.closing is None:
        return _wrong(ReturnProblem.NO_REASON)
    if update.kind is UpdateKind.REFUSED and update.refused is None:
        return _wrong(ReturnProblem.NO_REASON)
    return money


def is_past_mandate(update: PlacementUpdate, until: date | None) -> bool:
    """Whether a debtor promised to pay after the mandate ends."""
    promised = update.until if update.kind is UpdateKind.PROMISE else None
    return promised is not None and until is not None and promised > until


def _amount(update: PlacementUpdate, currency: str) -> Found:
    money = update.amount
    if money is None:
        if update.kind in _NEED_AMOUNT:
            return _wrong(ReturnProblem.NO_AMOUNT)
        return Found()
    if currency and money.currency != currency:
        return _wrong(ReturnProblem.WRONG_CURRENCY, given=money.currency, currency=currency)
    minor = _minor(money)
    may_be_negative = update.kind is UpdateKind.FEE  # a credit for a fee asked before
    if minor is None or minor == 0 or (minor < 0 and not may_be_negative):
        return _wrong(ReturnProblem.WRONG_AMOUNT, amount=f"{money.amount:f}")
    return Found(amount=minor)


LARGEST: Final = 10**15
"""Minor units that no debt has; larger numbers are slips that no column could hold."""


def _minor(money: Money) -> int | None:
    """None for what is no amount: parts of a cent, infinity, more than any debt."""
    if not money.amount.is_finite() or abs(money.amount) > LARGEST:
        return None
    try:
        return to_minor(money.amount, money.currency)
    except ValueError:
        return None


def _wrong(problem: ReturnProblem, **values: TextValue) -> Found:
    return Found(problem=problem, values=values)
