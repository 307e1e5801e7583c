"""The template context of a message, from the configuration, the ledger and the office."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from incasso.contract.ledger import DocumentKind, PaymentMethod
from incasso.contract.values import Money
from incasso.domain.money import from_minor
from incasso.domain.sending.reach import postal_lines
from incasso.messages import Creditor, Debtor, Line, MessageContext, OfficeContact
from incasso.plugins.settings.config import Company
from incasso.services.hub.hub import Hub
from incasso.services.sending.page_facts import PageFacts
from incasso.store.sending.outbox_queue import ReadyStep
from incasso.store.sending.page_reads import MessageClient, StepLine


def context_of(
    hub: Hub,
    facts: PageFacts,
    step: ReadyStep,
    language: str,
    on: date,
    extra: Mapping[str, str],
    enclosed: int = 0,
) -> MessageContext:
    """The current template context of one step."""
    client = facts.client(step)
    stage = facts.stage(step)
    company = hub.config.company(step.source)
    user = facts.operator(step)
    return MessageContext(
        company=creditor(company),
        client=_debtor(client),
        language=language,
        on=on,
        lines=tuple(_line(each) for each in facts.lines(step)),
        stage=stage.label or stage.key,
        step=str(step.id),
        reference=f"{client.code}/{step.id}",
        operator=OfficeContact(
            name=user.name if user else "",
            email=(user.email if user else "") or company.email,
            phone=company.phone,
        ),
        extra=extra,
        enclosed=enclosed,
        previous=facts.previous(step, on),
    )


@lru_cache(maxsize=64)
def creditor(company: Company) -> Creditor:
    """The letterhead of one source."""
    return Creditor(
        name=company.name,
        address=tuple(company.address),
        vat=company.vat,
        iban=company.iban,
        bic=company.bic,
        phone=company.phone,
        email=company.email,
        pec=company.pec,
        signature=company.signature,
    )


def _debtor(client: MessageClient) -> Debtor:
    return Debtor(
        name=client.name,
        code=client.code,
        address=postal_lines(client),
        contact_person=client.contact_person,
        vat=client.vat,
        is_person=client.is_person,
    )


def _line(line: StepLine) -> Line:
    return Line(
        document_number=line.document_number,
        due_date=line.due_date,
        residual=_money(line.residual, line.currency),
        amount=_money(line.amount, line.currency),
        document_kind=DocumentKind(line.document_kind),
        document_date=line.document_date,
        installment_number=line.installment_number,
        payment_method=PaymentMethod(line.payment_method),
        unpaid_on=line.unpaid_on,
        bill_number=line.bill_number,
    )


def _money(minor: int, currency: str) -> Money:
    return Money(amount=from_minor(minor, currency), currency=currency)
