"""Drafts in a dossier: the formal notice by the office's own text, acts for the court."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from incasso.contract.ledger import DocumentKind, PaymentMethod
from incasso.contract.media import Medium
from incasso.contract.text import term, text
from incasso.contract.values import Money
from incasso.domain.law.court import CourtKind
from incasso.domain.law.limitation import Doubt, InterruptionKind
from incasso.domain.law.terms import Rule
from incasso.domain.money import from_minor
from incasso.locale.labels import MEDIA
from incasso.locale.law_labels import COURTS, INTEREST_RULES
from incasso.messages import Creditor, Debtor, Line, MessageContext, Template
from incasso.messages.acts import (
    ActExhibit,
    ActFacts,
    ActNotice,
    ActParty,
)
from incasso.messages.claimed import claim_of
from incasso.messages.clean import clean
from incasso.messages.letterhead import Letterhead
from incasso.messages.paper import Grid, row
from incasso.messages.render import render, with_interest
from incasso.services.law.counting import EURO
from incasso.services.law.facts import Facts
from incasso.services.law.italian import day, money, percent, said, word
from incasso.services.law.pages import named
from incasso.services.law.records import Credit, Dossier, Injunction, Party
from incasso.store.law.credits import CreditRow

NOTICE: Final = "messa_in_mora"
"""The text that the formal notice is written with."""

BANNER: Final = text(
    "Draft made from the data of the hub: a lawyer completes, checks and signs it. It is "
    "no legal advice."
)
_LONGEST: Final = 4000


def notice_pdf(
    template: Template, facts: Facts, dossier: Dossier, company: Creditor, head: Letterhead
) -> bytes | None:
    """The formal notice about what is claimed in euro; None if there is nothing.

    It states interest only if its own figure, by the law alone, is that of the statement.
    Raises TemplateError.
    """
    lines = [_line(each) for each in facts.claimed if each.currency == EURO]
    if not lines:
        return None
    debtor = dossier.debtor
    context = MessageContext(
        company=company,
        letterhead=head,
        client=Debtor(
            name=debtor.name,
            code=facts.debtor.code,
            address=(debtor.name, *debtor.address) if debtor.address else (),
            vat=debtor.vat,
            tax_code=debtor.tax_code,
            is_person=facts.debtor.is_person,
        ),
        language=template.language,
        on=dossier.on,
        lines=tuple(lines),
        reference=facts.debtor.code,
        credits=tuple(_line(each) for each in facts.set_off if each.currency == EURO),
        medium=Medium.REGISTERED,
    )
    stated = claim_of(context).interest
    counted = next(each.interest for each in dossier.sums if each.currency == EURO)
    if (stated.amount if stated else 0) != counted:
        # One figure in the notice and another in the statement would be the debtor's first defence.
        template = with_interest(template, False)
    return render(template, context, want_letter=True).letter_pdf


def _line(each: CreditRow) -> Line:
    return Line(
        document_number=each.document_number,
        due_date=each.due_date,
        extended_to=each.payable_by if each.payable_by > each.due_date else None,
        residual=Money(amount=from_minor(each.residual, each.currency), currency=each.currency),
        amount=Money(amount=from_minor(each.amount, each.currency), currency=each.currency),
        document_kind=DocumentKind(each.document_kind),
        document_date=each.document_date,
        installment_number=each.installment_number,
        payment_method=PaymentMethod(each.payment_method),
        unpaid_on=each.unpaid_on,
        bill_number=each.bill_number,
    )


def act_facts(
    dossier: Dossier,
    injunction: Injunction,
    of_installment: dict[str, int],
    statement: int,
    *,
    electronic: bool,
) -> ActFacts:
    """What the acts may say."""
    sums = next(each for each in dossier.sums if each.currency == EURO)
    rule = dossier.counting.rule
    invoices = sorted(
        {
            of_installment[each.installment]
            for each in _asked(dossier)
            if each.installment in of_installment
        }
    )
    credited = sum(
        (each.credited for each in dossier.credits if each.currency == EURO), sums.capital * 0
    )
    return ActFacts(
        on=dossier.on,
        creditor=_party(dossier.creditor),
        debtor=_party(dossier.debtor),
        court=word(COURTS, injunction.court).capitalize(),
        court_is_tribunal=injunction.court is CourtKind.TRIBUNAL,
        court_place=clean(injunction.place) or "__________",
        count=len(_asked(dossier)),
        documents=_exhibits(invoices),
        capital=_euro(sums.capital),
        interest=_euro(sums.interest),
        costs=_euro(sums.costs),
        total=_euro(sums.total),
        credited=_euro(credited) if credited else None,
        interest_rule=_rule(dossier),
        is_commercial=rule in (Rule.COMMERCIAL, Rule.AGRIFOOD),
        is_agreed=rule is Rule.AGREED,
        electronic=electronic,
        statement_exhibit=statement,
        notices=tuple(_notices(dossier)),
        exhibits=tuple(
            ActExhibit(number=each.number, title=clean(each.title, _LONGEST))
            for each in dossier.exhibits
        ),
        fee_value=_euro(injunction.fee_value),
        court_fee=_euro(injunction.court_fee),
    )


def act_table(dossier: Dossier, of_installment: dict[str, int]) -> Grid:
    """The documents of the petition."""
    headings = (
        term("dossier", "Document"),
        text("Due on"),
        term("dossier", "Capital"),
        term("dossier", "Interest"),
        term("dossier", "Doc."),
    )
    rows = [
        row(
            [
                named(each),
                day(each.due_date),
                money(each.capital, each.currency),
                money(each.interest, each.currency),
                str(of_installment.get(each.installment, "")),
            ]
        )
        for each in _asked(dossier)
    ]
    return Grid(
        headings=tuple(map(said, headings)),
        rows=tuple(rows),
        widths=(1, 0, 0, 0, 0),
        right_from=2,
    )


def _asked(dossier: Dossier) -> list[Credit]:
    """What is asked of the court: in euro, and not wholly set off."""
    return [each for each in dossier.credits if each.currency == EURO and each.capital > 0]


def _notices(dossier: Dossier) -> Iterator[ActNotice]:
    """Formal notices, each once; whether it arrived is what limitation rests on."""
    proven = {
        each.about.removeprefix("delivery ")
        for credit in dossier.credits
        for each in credit.limitation.interruptions
        if each.kind is InterruptionKind.NOTICE and each.doubt in (None, Doubt.NO_SIGNATURE)
    }
    for each in dossier.messages:
        if each.is_formal and each.accepted_at is not None:
            yield ActNotice(
                on=each.on,
                medium=word(MEDIA, each.medium),
                exhibit=each.exhibit,
                arrived=each.delivery in proven,
            )


def _rule(dossier: Dossier) -> str:
    counting = dossier.counting
    rule = word(INTEREST_RULES, counting.rule)
    if counting.percent is None:
        return rule
    return said(text("{rule} of {percent} a year", rule=rule, percent=percent(counting.percent)))


def _party(party: Party) -> ActParty:
    return ActParty(
        name=clean(party.name),
        address=clean(", ".join(party.address)),
        vat=clean(party.vat),
        tax_code=clean(party.tax_code),
        pec=clean(party.pec),
        is_consumer=party.is_consumer,
    )


def _exhibits(numbers: Sequence[int]) -> str:
    """ "doc. 1", "docc. 1-3", "docc. 1, 4"."""
    if not numbers:
        return ""
    if len(numbers) == 1:
        return f"doc. {numbers[0]}"
    if numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"docc. {numbers[0]}-{numbers[-1]}"
    return f"docc. {', '.join(map(str, numbers))}"


def _euro(amount: Decimal) -> Money:
    return Money(amount=amount, currency=EURO)
