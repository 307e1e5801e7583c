"""Put the parts of a dossier together as its records: parties, credits, messages, history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from incasso.domain.law.terms import rule_for
from incasso.domain.money import from_minor
from incasso.domain.recovery.states import AgreementKind, AgreementStatus
from incasso.domain.sending.reach import street_lines
from incasso.plugins.settings.company import Company
from incasso.services.law.counting import Counted
from incasso.services.law.facts import Facts
from incasso.services.law.italian import said
from incasso.services.law.limiting import Limiting
from incasso.services.law.papers import Papers
from incasso.services.law.records import (
    Credit,
    Happened,
    Message,
    OpenItem,
    Party,
    Sums,
)
from incasso.services.proof.client_history import HistoryEntry
from incasso.store.law.credits import CreditRow, DebtorRow
from incasso.store.law.papers import MADE


def creditor_of(company: Company) -> Party:
    """The company, as its letterhead names it."""
    return Party(
        name=company.name,
        address=tuple(company.address),
        vat=company.vat,
        tax_code="",
        pec=company.pec,
        email=company.email,
    )


def debtor_of(row: DebtorRow) -> Party:
    """The client, as the ledger names it."""
    return Party(
        name=row.name,
        address=tuple(street_lines(row)),
        vat=row.vat,
        tax_code=row.tax_code,
        pec=row.pec,
        email=row.email,
        city=row.city,
        country=row.country,
        is_consumer=not rule_for(is_person=row.is_person, vat=row.vat).between_businesses,
        is_public_body=row.public_body,
    )


def credits_of(facts: Facts, counted: Sequence[Counted], limiting: Limiting) -> list[Credit]:
    """What is claimed, oldest first."""
    disputes = dict(_disputes(facts))
    return [_credit(each, limiting, disputes) for each in counted]


def _credit(each: Counted, limiting: Limiting, disputes: dict[int | None, str]) -> Credit:
    row = each.row
    return Credit(
        installment=row.key,
        document_kind=row.document_kind,
        document_number=row.document_number,
        document_date=row.document_date,
        installment_number=row.installment_number,
        due_date=row.due_date,
        payable_by=row.payable_by,
        currency=row.currency,
        amount=from_minor(row.amount, row.currency),
        residual=from_minor(row.residual, row.currency),
        credited=each.credited,
        payments=each.paid,
        payments_known=each.paid_is_known,
        capital=each.capital,
        rows=each.rows,
        interest=each.interest,
        costs=each.costs,
        disputed=disputes.get(row.id, disputes.get(None)),
        limitation=limiting.of(row),
    )


def _disputes(facts: Facts) -> Iterator[tuple[int | None, str]]:
    """Why it is contested, by installment; None: everything."""
    for each in facts.agreements:
        over = each.until_on is not None and each.until_on < facts.on
        if (
            each.kind is AgreementKind.DISPUTE
            and each.status is AgreementStatus.ACTIVE
            and not over
        ):
            yield each.installment_id, each.reason


def open_items(rows: Sequence[CreditRow]) -> tuple[OpenItem, ...]:
    """What is open and not claimed."""
    return tuple(
        OpenItem(
            installment=each.key,
            document_kind=each.document_kind,
            document_number=each.document_number,
            document_date=each.document_date,
            due_date=each.due_date,
            residual=from_minor(each.residual, each.currency),
            currency=each.currency,
        )
        for each in rows
    )


def sums_of(credits: Sequence[Credit]) -> tuple[Sums, ...]:
    """What is claimed, by currency; euro first."""
    currencies = sorted({each.currency for each in credits}, key=lambda one: (one != "EUR", one))
    return tuple(
        _sums(currency, [each for each in credits if each.currency == currency])
        for currency in currencies
    )


def _sums(currency: str, credits: Sequence[Credit]) -> Sums:
    zero = from_minor(0, currency)
    return Sums(
        currency=currency,
        capital=sum((each.capital for each in credits), zero),
        interest=sum((each.interest or Decimal(0) for each in credits), zero),
        costs=sum((each.costs for each in credits), zero),
        invoices=sum(each.costs > 0 for each in credits),
        provisional=any(row.provisional for each in credits for row in each.rows),
    )


def messages_of(facts: Facts, papers: Papers) -> tuple[Message, ...]:
    """What left, with its exhibit."""
    keys = {each.id: each.key for each in facts.credits}
    found = []
    for sent in facts.messages:
        about = facts.asked_for.get(sent.step_id, frozenset())
        found.append(
            Message(
                exhibit=papers.of_message[sent.id],
                delivery=sent.id,
                on=sent.on_date,
                medium=sent.medium,
                to=sent.to,
                stage=facts.stages.get(sent.stage, sent.stage),
                status=sent.status,
                accepted_at=sent.accepted_at,
                final_at=sent.final_at,
                tracking=sent.tracking,
                is_formal=facts.is_formal(sent),
                installments=tuple(sorted(keys[each] for each in about if each in keys)),
                paths=papers.paths_of[sent.id],
            )
        )
    return tuple(found)


def timeline_of(history: Sequence[HistoryEntry]) -> tuple[Happened, ...]:
    """The history in Italian; a dossier does not tell of dossiers, or no two would be equal."""
    return tuple(
        Happened(on=each.on, kind=each.kind, text=_begun(said(each.text)))
        for each in history
        if each.kind != MADE
    )


def _begun(sentence: str) -> str:
    first = sentence.partition(" ")[0]
    return sentence if "@" in first else f"{sentence[:1].upper()}{sentence[1:]}"
