"""One message's placeholders and its table of installments, cleaned and put into words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from incasso.contract.media import Medium
from incasso.contract.values import Money, Value
from incasso.messages.claimed import NOTHING, claim_of, rates_in_words
from incasso.messages.clean import clean
from incasso.messages.context import (
    Creditor,
    Debtor,
    Line,
    MessageContext,
    OfficeContact,
)
from incasso.messages.language import Language
from incasso.messages.letterhead import Letterhead
from incasso.messages.payment_reference import reference_for_payment
from incasso.messages.spoken import (
    LineWords,
    dates_of,
    earlier_words,
    line_words,
    payment_words,
    promise_words,
)
from incasso.messages.statement import Statement, statement_of
from incasso.messages.table import Shown, Table, table_of
from incasso.messages.words import BLOCKS

S = TypeVar("S", bound=Value)


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
    letterhead: Letterhead
    total: Money
    asked: Money
    """What the message asks for: the total, with interest and costs where it states them."""
    lines: tuple[LineWords, ...]
    credits: tuple[LineWords, ...]
    table: Table
    statement: Statement | None
    """How interest and costs come to what is asked; None where none are."""
    placeholders: Mapping[str, Any]


def view(
    context: MessageContext,
    language: Language,
    *,
    states_interest: bool = False,
    adds_interest: bool = False,
) -> View:
    """Clean every foreign text, put installments into words, name the placeholders.

    `states_interest`: interest and costs are worked out, shown in the table and asked for;
    `adds_interest`: by words that do not know it, whose `total` is then all that is asked.
    """
    company = _cleaned(context.company)
    client = _cleaned(context.client)
    operator = _cleaned(context.operator)
    shown = Shown(
        _worded(context.lines, context, language),
        _worded(context.credits, context, language),
        _worded(context.coming, context, language),
        tuple([_worded(account.lines, context, language) for account in context.accounts]),
    )
    lines = shown.lines or tuple([line for lines in shown.accounts for line in lines])
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
        "credits": shown.credits,
        "credited": context.credited,
        "owed": context.owed,
        "coming": shown.coming,
        "coming_until": context.coming_until if shown.coming else None,
        "count": len(lines),
        "enclosed": context.enclosed,
        "previous": tuple([earlier_words(each, language) for each in context.previous]),
        "previous_apart": context.told_apart,
        "previous_dates": dates_of(context.previous, language),
        "last_payment": payment_words(context.last_payment),
        "broken_promise": promise_words(context.broken_promise),
        "bills": ", ".join(dict.fromkeys(line.bill_number for line in lines if line.bill_number)),
        "total": asked if adds_interest else total,
        "totals": ", ".join([language.money(owed) for owed in context.totals]),
        "clients": len({account.code for account in context.accounts}) or 1,
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
        "direct_debit": bool(lines) and all(line.direct_debit for line in lines),
        "greeting": _greeting(client, language),
        "contact": contact_words(company, operator, language),
        "contact_is_office": contact_is_office(company, operator, language),
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
        letterhead=context.letterhead,
        total=total,
        asked=asked,
        lines=shown.lines,
        credits=shown.credits,
        table=table_of(context, shown, claimed, language, explained=adds_interest),
        statement=statement_of(context, lines, claimed, language),
        placeholders=named,
    )


def _worded(
    lines: Iterable[Line], context: MessageContext, language: Language
) -> tuple[LineWords, ...]:
    return tuple([line_words(line, context.on, language) for line in lines])


PLACEHOLDERS = (
    "company", "client", "operator", "on", "stage", "step", "reference", "lines", "count",
    "bills", "total", "charges", "currency", "oldest_due", "latest_due", "most_days", "greeting",
    "contact", "contact_is_office", "direct_debit", "enclosed", "previous", "last_payment",
    "broken_promise", "payment_reference",
    "asked", "interest", "interest_until", "interest_rates", "costs", "credits", "credited", "owed",
    "coming", "coming_until", "totals", "clients", "previous_apart", "previous_dates", *BLOCKS,
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


def _greeting(client: Debtor, language: Language) -> str:
    kind = "greeting_person" if client.by_name else "greeting_business"
    return language.label(kind, name=client.name)


def contact_words(company: Creditor, operator: OfficeContact, language: Language) -> str:
    """Whom to call, in one phrase; empty if nothing is configured."""
    phone = language.phone(operator.phone or company.phone)
    mail = operator.email or company.email
    who = operator.name or (language.labels["office"] if phone or mail else "")
    return ", ".join(part for part in (who, phone, mail) if part)


def contact_is_office(company: Creditor, operator: OfficeContact, language: Language) -> bool:
    """Whether the one to call is the office as such, which some languages name with an article."""
    contact = contact_words(company, operator, language)
    name, office = operator.name.casefold(), language.labels["office"].casefold()
    return bool(contact) and name in {"", office}
