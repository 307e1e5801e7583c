"""What templates read of installments, earlier messages, payments and promises."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from incasso.contract.ledger import PaymentMethod
from incasso.contract.values import Money, Value
from incasso.messages.clean import clean
from incasso.messages.context import BrokenWord, EarlierMessage, Line, Payment
from incasso.messages.language import Language


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
    direct_debit: bool
    """Collected by SEPA direct debit."""


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


def earlier_words(message: EarlierMessage, language: Language) -> EarlierWords:
    """The medium in the words of the language."""
    medium = message.medium
    return EarlierWords(
        date=message.on,
        medium=language.media.get(medium, medium) if medium else "",
        stage=clean(message.stage),
    )


def dates_of(messages: Sequence[EarlierMessage], language: Language) -> str:
    """Their days, each once, as a text names them after "our messages of"."""
    days = list(dict.fromkeys(language.long(each.on) for each in messages))
    if not days:
        return ""
    first, *others = days
    for place, day in enumerate(others, start=1):
        label = "dates_last" if place == len(others) else "dates_more"
        first = language.label(label, dates=first, date=day)
    return first


def line_words(line: Line, on: date, language: Language) -> LineWords:
    """Its document as a phrase, its lateness on that day."""
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
        direct_debit=line.payment_method is PaymentMethod.SDD,
    )


def payment_words(paid: Payment | None) -> PaymentWords | None:
    """None where no payment is known."""
    return None if paid is None else PaymentWords(date=paid.on, amount=paid.amount)


def promise_words(broken: BrokenWord | None) -> PromiseWords | None:
    """None where every promise was kept."""
    if broken is None:
        return None
    return PromiseWords(date=broken.until, amount=broken.amount, made_on=broken.made_on)
