"""The statement of interest: for each installment what ran, from when to when, at which rate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import accumulate

from incasso.contract.values import Money, Value
from incasso.domain.law.claim import RECOVERY_COSTS, Claim
from incasso.domain.law.interest import Interest, Period
from incasso.messages.claimed import Claimed, by_law
from incasso.messages.context import MessageContext
from incasso.messages.formats import percent_text
from incasso.messages.language import Language
from incasso.messages.spoken import LineWords


class StatementRow(Value, frozen=True, kw_only=True):
    """Days with one rate, in words; or the fixed sum of an invoice, with nothing but its amount."""

    first: str = ""
    last: str = ""
    days: str = ""
    rate: str = ""
    base: str = ""
    amount: str
    carried: str
    """What this row and all those above it come to."""


class StatementPart(Value, frozen=True, kw_only=True):
    """One installment with its rows."""

    document: str
    due: str
    rows: tuple[StatementRow, ...]


class Statement(Value, frozen=True, kw_only=True):
    """All of them, what they add up to, and how it was worked out."""

    title: str
    parts: tuple[StatementPart, ...]
    feet: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


def statement_of(
    context: MessageContext, lines: Sequence[LineWords], claimed: Claimed, language: Language
) -> Statement | None:
    """The statement of what a message asks beside its documents; None if that is nothing."""
    found = claimed.worked_out
    if found is None or claimed.until is None or not claimed.interest:
        return None
    return Statement(
        title=language.label("statement_title", date=language.short(claimed.until)),
        parts=tuple(_parts(lines, found, language)),
        feet=tuple(_feet(claimed, found, claimed.until, language)),
        notes=tuple(_notes(context, claimed, language)),
    )


def _parts(lines: Sequence[LineWords], found: Claim, language: Language) -> Iterator[StatementPart]:
    """What is not late is left out."""
    rows = _rows(found, language)
    for line, run, billed in zip(lines, found.items, found.billed, strict=False):
        if run is None or not (run.periods or billed):
            continue
        own = tuple([next(rows) for _ in range(len(run.periods) + billed)])
        due = language.label("statement_due", date=language.short(_due(line)))
        if line.installment > 1:
            due = ", ".join((language.label("installment", number=line.installment), due))
        yield StatementPart(document=line.document, due=due, rows=own)


def _rows(found: Claim, language: Language) -> Iterator[StatementRow]:
    """The rows of all parts, one after the other, each with the sum so far."""
    amounts = [
        amount
        for run, billed in zip(found.items, found.billed, strict=True)
        if run is not None
        for amount in (*[each.amount for each in run.periods], *[RECOVERY_COSTS] * billed)
    ]
    sums = accumulate(amounts)
    for run, billed in zip(found.items, found.billed, strict=True):
        if run is None:
            continue
        for each in run.periods:
            yield _period(run, each, next(sums), language)
        if billed:
            costs, carried = _euro(RECOVERY_COSTS, language), _euro(next(sums), language)
            yield StatementRow(amount=costs, carried=carried)


def _period(run: Interest, each: Period, carried: Decimal, language: Language) -> StatementRow:
    return StatementRow(
        first=language.short(each.first),
        last=language.short(each.last),
        days=str(each.days),
        rate=percent_text(each.percent, language.locale),
        base=_euro(run.capital, language),
        amount=_euro(each.amount, language),
        carried=_euro(carried, language),
    )


def _due(line: LineWords) -> date:
    return max(line.due_date, line.extended_to or line.due_date)


def _feet(
    claimed: Claimed, found: Claim, until: date, language: Language
) -> Iterator[tuple[str, str]]:
    """Interest, costs with the number of invoices, and the sum of both if there are both."""
    if claimed.interest:
        label = language.label("interest_until", date=language.short(until))
        yield label, language.money(claimed.interest)
    if claimed.costs and claimed.whole:
        forms = language.labels["statement_one_invoice"], language.labels["statement_invoices"]
        times = language.plural(found.invoices, *forms)
        yield f"{language.labels['statement_costs']} ({times})", language.money(claimed.costs)
        yield language.labels["statement_total"], language.money(claimed.whole)


def _notes(context: MessageContext, claimed: Claimed, language: Language) -> Iterator[str]:
    yield language.labels["statement_how"]
    if context.credits:
        yield language.labels["statement_credits"]
    yield by_law(context, claimed, language)


def _euro(amount: Decimal, language: Language) -> str:
    return language.money(Money(amount=amount.quantize(Decimal("0.01")), currency="EUR"))
