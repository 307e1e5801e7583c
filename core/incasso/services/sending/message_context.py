"""The template context of a message, from the configuration, the ledger and the office."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from msgspec.structs import replace

from incasso.contract.ledger import DocumentKind, PaymentMethod
from incasso.contract.media import Medium
from incasso.contract.values import Money
from incasso.domain.ledger.personal_names import first_name_first
from incasso.domain.money import from_minor
from incasso.domain.sending.client_contacts import ClientContact
from incasso.domain.sending.notices import NoticeKind
from incasso.domain.sending.reach import Reachable, street_lines
from incasso.messages import (
    Account,
    BrokenWord,
    Creditor,
    Debtor,
    EarlierMessage,
    Line,
    MessageContext,
    OfficeContact,
    Payment,
)
from incasso.messages.countries import country_line
from incasso.plugins.settings.config import Company
from incasso.services.hub.hub import Hub
from incasso.services.sending.letterheads import letterhead_of
from incasso.services.sending.page_facts import PageFacts
from incasso.store.sending.happened import BrokenPromise, LastPayment
from incasso.store.sending.open_items import OpenItem
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
    charges = facts.charges(step)
    summary = step.notice is NoticeKind.SUMMARY
    return MessageContext(
        company=creditor(company, language),
        client=_debtor(client, company, facts.contact(step)),
        language=language,
        on=on,
        lines=() if summary else _lines(facts, facts.lines(step)),
        accounts=_accounts(facts, step, on) if summary else (),
        stage=stage.label or stage.key,
        step=str(step.id),
        reference=f"{client.code}/{step.id}",
        charges=None if summary or not charges else _money(charges, step.currency),
        operator=_signs(facts, step, company),
        extra=extra,
        enclosed=enclosed,
        previous=facts.previous(step, on),
        last_payment=_payment(facts.last_payment(step)),
        broken_promise=_promise(facts.broken_promise(step)),
        credits=tuple(_line(each) for each in facts.credits(step)),
        coming=tuple(_line(each) for each in facts.coming(step)),
        coming_until=on + timedelta(days=stage.show_coming) if stage.show_coming else None,
        letterhead=letterhead_of(company),
        medium=Medium(facts.medium(step)),
    )


def _signs(facts: PageFacts, step: ReadyStep, company: Company) -> OfficeContact:
    """Who of us answers: in whose name the stage is written, else whoever works the client."""
    user, speaker = facts.operator(step), facts.speaker(step)
    if speaker is not None:
        return OfficeContact(name=speaker.name, email=speaker.address, phone=company.phone)
    return OfficeContact(
        name=user.name if user else "",
        email=(user.email if user else "") or company.email,
        phone=company.phone,
    )


def creditor(company: Company, language: str) -> Creditor:
    """The letterhead of one source, for a message in a language."""
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
        signature_role=company.signature_role.get(language, ""),
        place=company.place,
    )


def _debtor(client: MessageClient, company: Company, contact: ClientContact | None) -> Debtor:
    """Who owes, and who of them should read it."""
    found = Debtor(
        name=client.name,
        code=client.code,
        contact_person=client.contact_person if contact is None else contact.person,
        vat=client.vat,
        tax_code=client.tax_code,
        is_person=client.is_person,
    )
    name = first_name_first(client.name, client.tax_code) if found.by_name else client.name
    own = () if contact is None else _envelope(contact, name, company)
    return replace(found, name=name, address=own or _envelope(client, name, company))


def _envelope(holder: Reachable, name: str, company: Company) -> tuple[str, ...]:
    """The lines of the envelope, for the post of the company's country; none without an address."""
    if not (lines := street_lines(holder)):
        return ()
    abroad = country_line(holder.country, company.country, company.language)
    return (name, *lines, abroad) if abroad else (name, *lines)


def _lines(facts: PageFacts, found: Iterable[StepLine]) -> tuple[Line, ...]:
    return tuple(_line(each, facts.extended_to(each)) for each in found)


def _accounts(facts: PageFacts, step: ReadyStep, on: date) -> tuple[Account, ...]:
    """The clients of a summary, each once for each currency, whatever stages they are at."""
    lines: dict[tuple[str, str, str], list[StepLine]] = defaultdict(list)
    last: dict[tuple[str, str, str], EarlierMessage | None] = {}
    for part, found in facts.told(step):
        key = part.name, part.code, found[0].currency
        lines[key] += found
        told = (last.get(key), facts.last_told(step, part, found, on))
        last[key] = max(filter(None, told), key=lambda each: each.on, default=None)
    return tuple(
        Account(name=key[0], code=key[1], lines=_lines(facts, mine), last=last[key])
        for key, mine in lines.items()
    )


def _line(line: StepLine | OpenItem, extended_to: date | None = None) -> Line:
    return Line(
        document_number=line.document_number,
        due_date=line.due_date,
        extended_to=extended_to,
        residual=_money(line.residual, line.currency),
        amount=_money(line.amount, line.currency),
        document_kind=DocumentKind(line.document_kind),
        document_date=line.document_date,
        installment_number=line.installment_number,
        payment_method=PaymentMethod(line.payment_method),
        unpaid_on=line.unpaid_on,
        bill_number=line.bill_number,
    )


def _payment(paid: LastPayment | None) -> Payment | None:
    if paid is None:
        return None
    return Payment(on=paid.paid_on, amount=_money(paid.amount, paid.currency))


def _promise(broken: BrokenPromise | None) -> BrokenWord | None:
    if broken is None:
        return None
    amount = None if broken.amount is None else _money(broken.amount, broken.currency)
    return BrokenWord(made_on=broken.made_on, until=broken.until_on, amount=amount)


def _money(minor: int, currency: str) -> Money:
    return Money(amount=from_minor(minor, currency), currency=currency)
