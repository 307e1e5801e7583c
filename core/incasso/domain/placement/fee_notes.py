"""A provider's fee note beside what the price list says, payment by payment.

A payment and what was taken back of it are compared together: who asks for a payment that came
back asks too much, whether or not the note has a line for the reversal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

import msgspec

from incasso.domain.placement.fees import (
    Entry,
    Fee,
    FeeRule,
    Income,
    Placed,
    expected_fees,
    opening_fee,
    percentage_of,
    report_fee,
)
from incasso.domain.placement.prices import PriceList

_A_CENT: Final = 1


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a fee note; minor units, negative where a fee is given back."""

    id: str
    payment: str
    """The payment or reversal it is for; empty: for the placement as a whole."""
    on: date
    amount: int
    currency: str


class Finding(StrEnum):
    """What is to be said of a payment's fee; the words are in `incasso.locale.fees`."""

    AGREED = "agreed"
    NOT_ASKED = "not_asked"
    """Nothing was asked yet."""
    UNKNOWN_PAYMENT = "unknown_payment"
    OTHER_CURRENCY = "other_currency"
    ASKED_TWICE = "asked_twice"
    TAKEN_BACK = "taken_back"
    DIRECT_NOT_DUE = "direct_not_due"
    ROUNDING = "rounding"
    OTHER_BAND = "other_band"
    LIMIT_NOT_KEPT = "limit_not_kept"
    OTHER_AMOUNT = "other_amount"

    @property
    def is_difference(self) -> bool:
        """Whether the provider asked for something else than is due."""
        return self not in (Finding.AGREED, Finding.NOT_ASKED)


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """One payment: what is due for it, what was asked, and what explains the difference."""

    payment: str
    """Empty: the fixed prices of the placement."""
    on: date
    base: int
    """The money that came in, net of what went back."""
    due: Fee
    currency: str
    asked: int | None
    """None: no line of any note is for it."""
    finding: Finding
    values: Mapping[str, Any] = {}
    """For the sentence."""

    @property
    def difference(self) -> int:
        """What was asked above what is due; negative: below."""
        return 0 if self.asked is None else self.asked - self.due.amount


class _Payment(msgspec.Struct):
    """A payment with its reversals."""

    entry: Entry
    fee: Fee
    base: int
    due: int
    came_back: bool = False


def compare(
    prices: PriceList, placed: Placed, entries: Sequence[Entry], asked: Iterable[Asked]
) -> tuple[Compared, ...]:
    """Every payment of one placement with its fee and what was asked for it, and the fixed prices.

    `entries` in their order, each reversal after its payment; `asked` names them by their ids.
    """
    paid, names = _paid(entries, expected_fees(prices, placed, entries))
    lines: dict[str, list[Asked]] = defaultdict(list)
    for line in asked:
        lines[names.get(line.payment, line.payment)].append(line)
    found = [_fixed(prices, placed, lines.pop("", []))]
    found += [_of_payment(prices, placed, one, lines.pop(key, [])) for key, one in paid.items()]
    found += [_unknown(key, given) for key, given in lines.items()]
    return tuple(each for each in found if each is not None)


def _paid(
    entries: Sequence[Entry], fees: Sequence[Fee]
) -> tuple[dict[str, _Payment], dict[str, str]]:
    """The payments by id, and of each entry the payment it belongs to.

    A report that takes a payment back and puts another in its place corrects it: both are one.
    """
    taken = {entry.id: entry.of for entry in entries if entry.income is Income.REVERSAL}
    paid: dict[str, _Payment] = {}
    for entry, fee in zip(entries, fees, strict=True):
        if entry.income is not Income.REVERSAL and entry.id not in taken:
            paid[entry.id] = _Payment(entry, fee, 0, 0)
    names = {entry.id: _root(entry.id, taken) for entry in entries}
    for entry, fee in zip(entries, fees, strict=True):
        if (payment := paid.get(names[entry.id])) is None:
            continue
        back = entry.income is Income.REVERSAL
        payment.base += -entry.amount if back else entry.amount
        payment.due += fee.amount
        payment.came_back |= back
        if not back:
            payment.fee = fee
    return paid, names


def _root(name: str, taken: Mapping[str, str]) -> str:
    """The first payment behind reversals and corrections."""
    seen = {name}
    while (before := taken.get(name)) and before not in seen:
        seen.add(name := before)
    return name


def _fixed(prices: PriceList, placed: Placed, lines: list[Asked]) -> Compared | None:
    """Opening, and the report once the placement is over."""
    due = opening_fee(prices, placed)
    if placed.ended_on is not None and (report := report_fee(prices, placed)).amount:
        both = {"opening": due.amount, "report": report.amount}
        due = Fee(amount=due.amount + report.amount, rule=FeeRule.REPORT, values=both)
    if not due.amount and not lines:
        return None
    finding, values = _fixed_finding(placed, due, lines)
    return Compared(
        payment="",
        on=placed.on,
        base=placed.amount,
        due=due,
        currency=placed.currency,
        asked=_sum(lines),
        finding=finding,
        values=values,
    )


def _fixed_finding(
    placed: Placed, due: Fee, lines: list[Asked]
) -> tuple[Finding, Mapping[str, Any]]:
    return _plain_finding(placed, due.amount, lines) or (Finding.OTHER_AMOUNT, {})


def _of_payment(
    prices: PriceList, placed: Placed, payment: _Payment, lines: list[Asked]
) -> Compared | None:
    if not lines and not payment.due:
        return None
    due = Fee(amount=payment.due, rule=payment.fee.rule, values=payment.fee.values)
    finding, values = _finding(prices, placed, payment, lines)
    return Compared(
        payment=payment.entry.id,
        on=payment.entry.on,
        base=payment.base,
        due=due,
        currency=placed.currency,
        asked=_sum(lines),
        finding=finding,
        values=values,
    )


def _finding(
    prices: PriceList, placed: Placed, payment: _Payment, lines: list[Asked]
) -> tuple[Finding, Mapping[str, Any]]:
    if plain := _plain_finding(placed, payment.due, lines):
        return plain
    asked, rule = _sum(lines) or 0, payment.fee.rule
    if payment.came_back and asked > payment.due:
        return Finding.TAKEN_BACK, {}
    if payment.entry.income is Income.DIRECT and not payment.fee.amount:
        return Finding.DIRECT_NOT_DUE, {}
    if abs(asked - payment.due) <= _A_CENT:
        return Finding.ROUNDING, {}
    if (percent := _other_band(prices, placed, payment, asked)) is not None:
        if rule in (FeeRule.MINIMUM, FeeRule.MAXIMUM):
            return Finding.LIMIT_NOT_KEPT, {"percent": percent}
        return Finding.OTHER_BAND, {"percent": percent}
    return Finding.OTHER_AMOUNT, _implied(payment, asked)


def _plain_finding(
    placed: Placed, due: int, lines: list[Asked]
) -> tuple[Finding, Mapping[str, Any]] | None:
    """What can be said without the price list."""
    if not lines:
        return Finding.NOT_ASKED, {}
    if strange := sorted({each.currency for each in lines} - {placed.currency}):
        return Finding.OTHER_CURRENCY, {"currency": strange[0]}
    if _sum(lines) == due:
        return Finding.AGREED, {}
    if len(lines) > 1 and lines[0].amount > 0 and len({each.amount for each in lines}) == 1:
        return Finding.ASKED_TWICE, {"times": len(lines)}
    return None


def _other_band(prices: PriceList, placed: Placed, payment: _Payment, asked: int) -> Decimal | None:
    """The percentage of another line of the price list that makes what was asked."""
    version = prices.on(placed.on)
    lines = version.rates if version is not None else ()
    percents = sorted({line.percent for line in lines})
    return next((each for each in percents if percentage_of(payment.base, each) == asked), None)


def _implied(payment: _Payment, asked: int) -> Mapping[str, Any]:
    """The percentage that was asked, if it can be said."""
    if payment.base <= 0:
        return {}
    return {"percent": (Decimal(asked) * 100 / payment.base).quantize(Decimal("0.01"))}


def _unknown(payment: str, lines: list[Asked]) -> Compared:
    return Compared(
        payment=payment,
        on=lines[0].on,
        base=0,
        due=Fee(amount=0, rule=FeeRule.NO_RATE),
        currency=lines[0].currency,
        asked=_sum(lines),
        finding=Finding.UNKNOWN_PAYMENT,
    )


def _sum(lines: Sequence[Asked]) -> int | None:
    return sum(each.amount for each in lines) if lines else None
