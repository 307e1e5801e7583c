"""One message's placeholders and its table of installments, cleaned and put into words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from incasso.contract.media import Medium
from incasso.contract.values import Money, Value
from incasso.messages.claimed import NOTHING, Claimed, claim_of, rates_in_words
from incasso.messages.clean import clean
from incasso.messages.context import (
    Creditor,
    Debtor,
    EarlierMessage,
    Line,
    MessageContext,
    OfficeContact,
)
from incasso.messages.language import Language
from incasso.messages.payment_reference import reference_for_payment
from incasso.messages.words import BLOCKS

S = TypeVar("S", bound=Value)


class LineWords(Value, frozen=True, kw_only=True):
    """One installment as a template sees it."""

    document: str
    number: str
    installment: int
    document_date: date | None
    due_date: date
    amount: Money | None
    residual: Money
    days_overdue: int
    """Negative before the due date."""
    payment_method: str
    unpaid_on: date | None
    bill_number: str
    extended_to: date | None


class EarlierWords(Value, frozen=True, kw_only=True):
    """An earlier message as a template sees it; a reminder of the ERP has no medium and stage."""

    date: date
    medium: str
    stage: str


class PaymentWords(Value, frozen=True, kw_only=True):
    """The last payment as a template sees it."""

    date: date
    amount: Money


class PromiseWords(Value, frozen=True, kw_only=True):
    """A promise that was not kept, as a template sees it."""

    made_on: date
    amount: Money | None
    date: date
    """The day by which payment was promised."""


class Row(Value, frozen=True, kw_only=True):
    """One row of the table, every cell already in the message's language."""

    document: str
    note: str
    due_date: str
    days: str
    amount: str
    residual: str
    interest: str = ""


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


class View(Value, frozen=True, kw_only=True):
    """A context made ready to be written."""

    language: Language
    company: Creditor
    client: Debtor
    operator: OfficeContact
    reference: str
    payment_reference: str
    on: date
    medium: Medium | None
    total: Money
    asked: Money
    """What the message asks for: the total, with interest and costs where it states them."""
    lines: tuple[LineWords, ...]
    table: Table
    placeholders: Mapping[str, Any]


def view(context: MessageContext, language: Language, *, states_interest: bool = False) -> View:
    """Clean every foreign text, put installments into words, name the placeholders.

    `states_interest`: interest and costs are worked out, shown in the table and asked for.
    """
    company = _cleaned(context.company)
    client = _cleaned(context.client)
    operator = _cleaned(context.operator)
    lines = tuple([_line_words(line, context.on, language) for line in context.lines])
    credits = tuple([_line_words(line, context.on, language) for line in context.credits])
    coming = tuple([_line_words(line, context.on, language) for line in context.coming])
    paid, broken = context.last_payment, context.broken_promise
    total = context.total
    claimed = claim_of(context) if states_interest else NOTHING
    asked = total + claimed.whole if claimed.whole else total
    reference = clean(context.reference)
    payment_reference = reference_for_payment(lines, reference, language)
    named = {
        **{name: clean(text) for name, text in context.extra.items()},
        **BLOCKS,
        "company": company,
        "client": client,
        "operator": operator,
        "on": context.on,
        "stage": clean(context.stage),
        "step": clean(context.step),
        "reference": reference,
        "payment_reference": payment_reference,
        "lines": lines,
        "credits": credits,
        "credited": context.credited,
        "owed": context.owed,
        "coming": coming,
        "coming_until": context.coming_until if coming else None,
        "count": len(lines),
        "enclosed": context.enclosed,
        "previous": tuple([_earlier(each, language) for each in context.previous]),
        "last_payment": paid and PaymentWords(date=paid.on, amount=paid.amount),
        "broken_promise": broken
        and PromiseWords(date=broken.until, amount=broken.amount, made_on=broken.made_on),
        "bills": ", ".join(dict.fromkeys(line.bill_number for line in lines if line.bill_number)),
        "total": total,
        "asked": asked,
        "interest": claimed.interest,
        "interest_until": claimed.until,
        "interest_rates": rates_in_words(claimed, language),
        "costs": claimed.costs,
        "charges": context.charges,
        "currency": total.currency,
        "oldest_due": min((line.due_date for line in lines), default=context.on),
        "latest_due": max((line.due_date for line in lines), default=context.on),
        "most_days": max((line.days_overdue for line in lines), default=0),
        "greeting": _greeting(client, language),
        "contact": contact_words(company, operator, language),
    }
    return View(
        language=language,
        company=company,
        client=client,
        operator=operator,
        reference=reference,
        payment_reference=payment_reference,
        on=context.on,
        medium=context.medium,
        total=total,
        asked=asked,
        lines=lines,
        table=msgspec.structs.replace(
            _table(lines, credits, context.charges, total, claimed, language),
            coming=tuple([_row(line, None, language) for line in coming]),
            coming_title=_coming_title(context.coming_until, language) if coming else "",
        ),
        placeholders=named,
    )


PLACEHOLDERS = (
    "company", "client", "operator", "on", "stage", "step", "reference", "lines", "count",
    "bills", "total", "charges", "currency", "oldest_due", "latest_due", "most_days", "greeting",
    "contact", "enclosed", "previous", "last_payment", "broken_promise",
    "payment_reference", "asked", "interest", "interest_until", "interest_rates", "costs", "credits", "credited", "owed", "coming", "coming_until", *BLOCKS,
)  # fmt: skip
"""What every template may say; plugins add more."""


@lru_cache(maxsize=1024)
def _cleaned(value: S) -> S:
    """The same value with every text in it safe to print; companies and operators repeat."""
    changed: dict[str, Any] = {}
    for name in value.__struct_fields__:
        found = getattr(value, name)
        if isinstance(found, str):
            changed[name] = clean(found)
        elif isinstance(found, tuple):
            changed[name] = tuple([each for each in map(clean, found) if each])
    return msgspec.structs.replace(value, **changed)


def _earlier(message: EarlierMessage, language: Language) -> EarlierWords:
    medium = message.medium
    return EarlierWords(
        date=message.on,
        medium=language.media.get(medium, medium) if medium else "",
        stage=clean(message.stage),
    )


def _line_words(line: Line, on: date, language: Language) -> LineWords:
    number = clean(line.document_number)
    document = language.label(
        "document_line",
        kind=language.document_kinds[line.document_kind],
        number=number or language.labels["unnumbered"],
    )
    if line.document_date:
        document += " " + language.label("document_of", date=language.short(line.document_date))
    return LineWords(
        document=document,
        number=number,
        installment=line.installment_number,
        document_date=line.document_date,
        due_date=line.due_date,
        amount=line.amount,
        residual=line.residual,
        days_overdue=(on - line.payable_by).days,
        payment_method=language.payment_methods[line.payment_method],
        unpaid_on=line.unpaid_on,
        bill_number=clean(line.bill_number),
        extended_to=line.extended_to,
    )


def _greeting(client: Debtor, language: Language) -> str:
    kind = "greeting_person" if client.by_name else "greeting_business"
    return language.label(kind, name=client.name)


def contact_words(company: Creditor, operator: OfficeContact, language: Language) -> str:
    """Whom to call, in one phrase; empty if nothing is configured."""
    phone = language.phone(operator.phone or company.phone)
    mail = operator.email or company.email
    who = operator.name or (language.labels["office"] if phone or mail else "")
    return ", ".join(part for part in (who, phone, mail) if part)


def _coming_title(until: date | None, language: Language) -> str:
    return language.label("coming", date=language.short(until)) if until else ""


def _table(
    lines: tuple[LineWords, ...],
    credits: tuple[LineWords, ...],
    charges: Money | None,
    total: Money,
    claimed: Claimed,
    language: Language,
) -> Table:
    rows = (*lines, *credits)
    part_paid = any(line.amount is not None and line.amount != line.residual for line in rows)
    of_each = claimed.of_each or (None,) * len(lines)
    return Table(
        rows=(
            *[_row(line, each, language) for line, each in zip(lines, of_each, strict=True)],
            *[_credit_row(credit, language) for credit in credits],
        ),
        with_days=any(line.days_overdue > 0 for line in lines),
        with_amount=part_paid,
        with_interest=bool(claimed.interest),
        feet=tuple(_feet(charges, total, claimed, language)),
    )


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


def _credit_row(credit: LineWords, language: Language) -> Row:
    """A credit is not due on a day, nor late."""
    return msgspec.structs.replace(_row(credit, None, language), due_date="", days="")


def _row(line: LineWords, interest: Money | None, language: Language) -> Row:
    notes = []
    if line.installment > 1:
        notes.append(language.label("installment", number=line.installment))
    if line.unpaid_on:
        if line.bill_number:
            notes.append(language.label("bill", number=line.bill_number))
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
