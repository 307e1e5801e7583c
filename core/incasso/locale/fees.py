"""Fees in words: where one comes from, and what explains that another was asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from incasso.contract.text import Text, template, text
from incasso.domain.placement.fee_notes import Compared, Finding
from incasso.domain.placement.fees import Fee, FeeRule

_RULES: Final[Mapping[FeeRule, str]] = {
    FeeRule.OPENING: template("fixed price of the opening"),
    FeeRule.REPORT: template("fixed prices of opening and report"),
    FeeRule.PERCENT: template("{percent} % of what came in"),
    FeeRule.BRACKETS: template("in bands: {percents} % of what came in"),
    FeeRule.MINIMUM: template("the least fee of a payment"),
    FeeRule.MAXIMUM: template("the largest fee of a payment"),
    FeeRule.NO_RATE: template("no percentage was agreed"),
    FeeRule.DIRECT: template("{percent} % of a payment to the office"),
    FeeRule.DIRECT_FREE: template("paid to the office within {days} days of the hand-over: free"),
    FeeRule.DIRECT_AFTER: template("paid to the office after {day}, when it was over: free"),
    FeeRule.DIRECT_NONE: template("payments to the office are free"),
    FeeRule.TAKEN_BACK: template("the payment was taken back"),
    FeeRule.NOTHING_TO_TAKE_BACK: template("takes back what was never paid"),
    FeeRule.NO_PRICES: template("on {day}, when it was handed over, no price list held"),
    FeeRule.OTHER_CURRENCY: template("the price list is in {currency}"),
}

_FINDINGS: Final[Mapping[Finding, str]] = {
    Finding.AGREED: template("as agreed"),
    Finding.NOT_ASKED: template("not asked yet"),
    Finding.UNKNOWN_PAYMENT: template("no such payment is known"),
    Finding.OTHER_CURRENCY: template("asked in {currency}"),
    Finding.ASKED_TWICE: template("asked {times} times"),
    Finding.TAKEN_BACK: template("the payment came back: its fee is not due"),
    Finding.DIRECT_NOT_DUE: template("nothing is due on this payment to the office"),
    Finding.ROUNDING: template("a cent of rounding"),
    Finding.OTHER_BAND: template("the percentage of another band was asked: {percent} %"),
    Finding.LIMIT_NOT_KEPT: template("{percent} % without the least or largest fee"),
    Finding.OTHER_AMOUNT: template("another amount than agreed"),
}


def due_text(fee: Fee) -> Text:
    """Where a fee comes from."""
    return Text(_RULES[fee.rule], fee.values)


def finding_text(found: Compared) -> Text:
    """What explains the difference."""
    if found.finding is Finding.OTHER_AMOUNT and "percent" in found.values:
        return text("{percent} % was asked, which no line says", **found.values)
    return Text(_FINDINGS[found.finding], found.values)
