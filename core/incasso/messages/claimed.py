"""Interest and costs that a formal notice states, by the law that fits the debtor."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import reduce
from operator import add

from incasso.contract.values import Money, Value
from incasso.domain.law.claim import Claim, Item, claim
from incasso.domain.law.terms import rule_for
from incasso.messages.context import Line, MessageContext
from incasso.messages.formats import percent_text
from incasso.messages.language import Language

_EURO = "EUR"


class Claimed(Value, frozen=True, kw_only=True):
    """What is asked beside the total; absent where there is none, or no figure for it."""

    interest: Money | None = None
    costs: Money | None = None
    """The fixed sum for each invoice; between businesses only."""
    until: date | None = None
    """The day up to which interest is counted: earlier than today if the rates end before."""
    of_each: tuple[Money | None, ...] = ()
    """The interest of each line."""
    rates: tuple[tuple[date, Decimal], ...] = ()
    """Since when which yearly rate was applied, in percent."""
    worked_out: Claim | None = None
    """Line by line, how it comes to that."""

    @property
    def whole(self) -> Money | None:
        """Interest and costs."""
        found = [each for each in (self.interest, self.costs) if each is not None]
        return reduce(add, found) if found else None


NOTHING = Claimed()


def claim_of(context: MessageContext) -> Claimed:
    """Interest on what is past due on the day of the message, and costs of recovery.

    In euro only: the law gives no rates for other currencies. Where a day before the first known
    rate is past due, there are no figures at all.
    """
    if context.currency != _EURO:
        return NOTHING
    client = context.client
    rule = rule_for(is_person=client.is_person, vat=client.vat)
    items = [_item(line) for line in (*context.lines, *context.credits)]
    found = claim(items, context.on, rule)
    if not found.known:
        return NOTHING
    return Claimed(
        interest=_some(found.interest),
        costs=_some(found.costs),
        until=found.until,
        of_each=tuple(
            _some(each.amount) if each else None for each in found.items[: len(context.lines)]
        ),
        rates=_rates(found),
        worked_out=found,
    )


def rates_in_words(claimed: Claimed, language: Language) -> str:
    """ "10,15% dal 1º gennaio 2026, 10,40% dal 1º luglio 2026"; empty without interest."""
    if len(claimed.rates) == 1:
        return percent_text(claimed.rates[0][1], language.locale)
    return ", ".join(
        language.label(
            "rate_from", percent=percent_text(percent, language.locale), date=language.long(first)
        )
        for first, percent in claimed.rates
    )


def by_law(context: MessageContext, claimed: Claimed, language: Language) -> str:
    """By which law and at which rates interest and costs are asked; empty without interest."""
    if not claimed.interest:
        return ""
    name = "interest_commercial" if context.client.is_business else "interest_legal"
    return language.label(name, rates=rates_in_words(claimed, language))


def _item(line: Line) -> Item:
    return Item(
        document=line.document_number,
        due=line.payable_by,
        amount=line.residual.amount,
        document_date=line.document_date,
    )


def _some(amount: Decimal) -> Money | None:
    return Money(amount=amount.quantize(Decimal("0.01")), currency=_EURO) if amount else None


def _rates(found: Claim) -> tuple[tuple[date, Decimal], ...]:
    """Equal rates that follow each other are one."""
    seen = {each.first: each.percent for one in found.items if one for each in one.periods}
    rates: list[tuple[date, Decimal]] = []
    for first, percent in sorted(seen.items()):
        if not rates or rates[-1][1] != percent:
            rates.append((first, percent))
    return tuple(rates)
