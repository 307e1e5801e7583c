"""The table of a message: installments, credits, what they add up to, and dues to come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from msgspec.structs import replace

from incasso.contract.values import Money, Value
from incasso.messages.claimed import Claimed, by_law
from incasso.messages.clean import clean
from incasso.messages.context import Account, EarlierMessage, MessageContext
from incasso.messages.language import Language
from incasso.messages.spoken import LineWords


class Row(Value, frozen=True, kw_only=True):
    """One row of the table, every cell already in the message's language."""

    document: str
    note: str
    due_date: str
    days: str
    amount: str
    residual: str
    interest: str = ""
    heading: bool = False
    """The client that the rows below are about, with what all of it comes to."""


class Table(Value, frozen=True, kw_only=True):
    """The table of installments, the same in mail and letter; absent columns are False."""

    rows: tuple[Row, ...]
    with_days: bool
    with_amount: bool
    with_interest: bool
    feet: tuple[tuple[str, str], ...]
    """Label and amount of what is added up below the rows; the last is what is asked."""
    coming: tuple[Row, ...] = ()
    """What falls due next: shown below, in a table of its own without a sum."""
    coming_title: str = ""
    note: str = ""
    """By which law interest and costs are asked, where the words around do not say it."""


class Shown(NamedTuple):
    """The rows of a message in words: asked for, taken off, and shown for information."""

    lines: tuple[LineWords, ...]
    credits: tuple[LineWords, ...]
    coming: tuple[LineWords, ...]
    accounts: tuple[tuple[LineWords, ...], ...] = ()
    """Of a summary: those of each client."""


def table_of(
    context: MessageContext,
    shown: Shown,
    claimed: Claimed,
    language: Language,
    *,
    explained: bool = False,
) -> Table:
    """The installments with what they are added up to, credits taken off, and dues to come.

    `explained`: with a line on what interest and costs are due by.
    """
    if context.accounts:
        return _summary(context, shown, language)
    lines, credits = shown.lines, shown.credits
    rows = (*lines, *credits)
    part_paid = any(line.amount is not None and line.amount != line.residual for line in rows)
    of_each = claimed.of_each or (None,) * len(lines)
    split = _split([*rows, *shown.coming])
    return Table(
        rows=(
            *[_row(line, each, split, language) for line, each in zip(lines, of_each, strict=True)],
            *[_credit_row(credit, split, language) for credit in credits],
        ),
        with_days=any(line.days_overdue > 0 for line in lines),
        with_amount=part_paid,
        with_interest=bool(claimed.interest),
        feet=tuple(_feet(context.charges, context.total, claimed, language)),
        coming=tuple([_row(line, None, split, language) for line in shown.coming]),
        coming_title=_coming_title(context.coming_until, language) if shown.coming else "",
        note=by_law(context, claimed, language) if explained else "",
    )


def _summary(context: MessageContext, shown: Shown, language: Language) -> Table:
    """Client by client, each under a row with the name; a sum in each currency."""
    rows: list[Row] = []
    for account, lines in zip(context.accounts, shown.accounts, strict=True):
        rows.append(_client_row(account, language))
        split = _split(lines)
        rows += [_row(line, None, split, language) for line in lines]
    label = language.labels["summary_total"]
    return Table(
        rows=tuple(rows),
        with_days=any(row.days for row in rows),
        with_amount=False,
        with_interest=False,
        feet=tuple((label, language.money(owed)) for owed in context.totals),
    )


def _client_row(account: Account, language: Language) -> Row:
    owed = language.money(account.total)
    named = f"{clean(account.name)} ({clean(account.code)})" if account.code else account.name
    return Row(
        document=named,
        note=_last(account.last, language),
        due_date="",
        days="",
        amount=owed,
        residual=owed,
        heading=True,
    )


def _last(message: EarlierMessage | None, language: Language) -> str:
    """What the client was told last, and when."""
    if message is None or not message.stage:
        return ""
    told, day = clean(message.stage), language.short(message.on)
    return language.label("summary_last", stage=told, date=day)


def _feet(
    charges: Money | None, total: Money, claimed: Claimed, language: Language
) -> Iterator[tuple[str, str]]:
    """Charges are part of the total; interest and costs come on top of it."""
    labels, money = language.labels, language.money
    if charges:
        yield labels["charges"], money(charges)
    if not claimed.whole:
        yield labels["total" if total.amount >= 0 else "credit_total"], money(total)
        return
    yield labels["capital"], money(total)
    if claimed.interest and claimed.until:
        yield (
            language.label("interest_until", date=language.short(claimed.until)),
            money(claimed.interest),
        )
    if claimed.costs:
        yield labels["recovery_costs"], money(claimed.costs)
    yield labels["total"], money(total + claimed.whole)


def _split(lines: Sequence[LineWords]) -> frozenset[str]:
    """The documents of which the message shows a later installment: their first is numbered too."""
    return frozenset(line.document for line in lines if line.installment > 1)


def _credit_row(credit: LineWords, split: frozenset[str], language: Language) -> Row:
    """A credit is not due on a day, nor late."""
    return replace(_row(credit, None, split, language), due_date="", days="")


def _row(line: LineWords, interest: Money | None, split: frozenset[str], language: Language) -> Row:
    notes = []
    if line.document in split:
        notes.append(language.label("installment", number=line.installment))
    if line.unpaid_on:
        if line.bill_number:
            bill = "debit" if line.direct_debit else "bill"
            notes.append(language.label(bill, number=line.bill_number))
        notes.append(language.label("unpaid_on", date=language.short(line.unpaid_on)))
    if line.extended_to:
        notes.append(language.label("extended_to", date=language.short(line.extended_to)))
    return Row(
        document=line.document,
        note=", ".join(notes),
        due_date=language.short(line.due_date),
        days=str(line.days_overdue) if line.days_overdue > 0 else "",
        amount=language.money(line.amount if line.amount is not None else line.residual),
        residual=language.money(line.residual),
        interest=language.money(interest) if interest else "",
    )


def _coming_title(until: date | None, language: Language) -> str:
    return language.label("coming", date=language.short(until)) if until else ""
