"""Texts as they come out: each in every form, for a firm and a person, with few rows and many."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from markupsafe import escape
from msgspec.structs import replace

from incasso.contract.ledger import PaymentMethod
from incasso.contract.media import Medium
from incasso.contract.values import Money
from incasso.messages.context import (
    Account,
    Creditor,
    Debtor,
    EarlierMessage,
    Line,
    MessageContext,
    OfficeContact,
)
from incasso.messages.letterhead import Letterhead
from incasso.messages.render import Rendered, Template, letter_pages, render
from incasso.messages.variants import first_contact

ROWS: Final = (1, 12, 40)
"""How many installments the messages have."""

PORTRAIT_PPI: Final = 72
"""Of a letter's picture: readable, and as wide as a page of documentation."""

_FIRM: Final = Debtor(
    name="Officine Bianchi S.n.c.",
    code="C00123",
    address=("Officine Bianchi S.n.c.", "Via Garibaldi 8", "20121 Milano (MI)"),
    contact_person="Mario Bianchi",
    vat="IT09876540011",
)
_PERSON: Final = Debtor(
    name="Anna Conti",
    code="C00877",
    address=("Anna Conti", "Corso Francia 102", "10143 Torino (TO)"),
    is_person=True,
)
_ABROAD: Final = Debtor(name="Harper & Sons Ltd", code="C01204")
_SUMMARY: Final = "riepilogo"
_BILLS: Final = "insoluto_riba"
_BEFORE_DUE: Final = "promemoria"


class Picture(NamedTuple):
    """One message of the gallery."""

    name: str
    """Path of its files below the gallery's folder, without ending."""
    subject: str
    text: str
    html: str
    pdf: bytes


class Head(NamedTuple):
    """Who writes."""

    company: Creditor
    operator: OfficeContact
    letterhead: Letterhead


class Portrait(NamedTuple):
    """One text to be looked at: the letter's first page (PNG), and the mail's page."""

    name: str
    subject: str
    letter: bytes
    html: str


def gallery(
    templates: Iterable[Template],
    company: Creditor,
    operator: OfficeContact,
    letterhead: Letterhead,
    on: date,
) -> Iterator[Picture]:
    """Every text for a firm and a person with 1, 12 and 40 rows. Raises TemplateError.

    A text that assumes earlier messages is shown with one, and with 1 row in its words for a first
    contact. About 30 ms a picture.
    """
    head = Head(company, operator, letterhead)
    for template in templates:
        for kind, client in (("firm", _FIRM), ("person", _PERSON)):
            for rows in ROWS:
                context = _context(template, head, client, rows, on)
                yield _picture(template, f"{kind}-{rows:02}", context)
            if (first := first_contact(template)) is not None:
                context = _context(first, head, client, 1, on, earlier=False)
                yield _picture(first, f"{kind}-first", context)


def portraits(
    templates: Iterable[Template],
    company: Creditor,
    operator: OfficeContact,
    letterhead: Letterhead,
    on: date,
) -> Iterator[Portrait]:
    """Every text as an ordinary firm gets it, with three rows. Raises TemplateError."""
    head = Head(company, operator, letterhead)
    for template in templates:
        context = _context(template, head, _FIRM, 3, on)
        mail = render(template, replace(context, medium=Medium.EMAIL))
        pages = letter_pages(template, context, ppi=PORTRAIT_PPI)
        name = f"{template.language}/{template.key}"
        yield Portrait(name, mail.subject, pages[0], _whole(mail))


def index_page(pictures: Iterable[tuple[str, str]]) -> str:
    """A page with a link to each form of each message; takes name and subject."""
    rows = "\n".join(
        f'<tr><td>{escape(name)}</td><td>{escape(subject)}</td><td><a href="{escape(name)}.html">'
        f'HTML</a> <a href="{escape(name)}.txt">text</a> <a href="{escape(name)}.pdf">PDF</a></td>'
        "</tr>"
        for name, subject in pictures
    )
    return f'<!DOCTYPE html>\n<html><meta charset="utf-8"><table>\n{rows}\n</table></html>\n'


def _picture(template: Template, which: str, context: MessageContext) -> Picture:
    made = render(template, replace(context, medium=Medium.EMAIL))
    letter = render(template, context, want_letter=True).letter_pdf
    assert letter is not None
    name = f"{template.language}/{template.key}-{which}"
    words = f"{made.text}\n{'-' * 72}\n{made.short}\n"
    return Picture(name, made.subject, words, _whole(made), letter)


def _whole(made: Rendered) -> str:
    """The page with its pictures inside, for a browser: only mail programs know `cid:`."""
    html = made.html
    for image in made.images:
        inside = b64encode(image.content).decode()
        html = html.replace(f"cid:{image.cid}", f"data:{image.media_type};base64,{inside}")
    return html


def _context(
    template: Template,
    head: Head,
    client: Debtor,
    rows: int,
    on: date,
    *,
    earlier: bool = True,
) -> MessageContext:
    days = 20 if template.key != _BEFORE_DUE else -5
    day = on - timedelta(days=14)
    before = EarlierMessage(on=day, medium=Medium.EMAIL, stage="Primo sollecito")
    lines = tuple(_line(place, days, template.key == _BILLS, on) for place in range(rows))
    return MessageContext(
        company=head.company,
        letterhead=head.letterhead,
        client=client,
        language=template.language,
        on=on,
        lines=() if template.key == _SUMMARY else lines,
        accounts=_accounts(lines, before) if template.key == _SUMMARY else (),
        stage=template.key,
        step="4711",
        reference=f"{client.code}/4711",
        charges=Money(amount=Decimal("4.50")) if template.key == _BILLS else None,
        operator=head.operator,
        previous=(before,) if earlier else (),
        medium=Medium.REGISTERED,
    )


def _accounts(lines: tuple[Line, ...], before: EarlierMessage) -> tuple[Account, ...]:
    """The same installments, of several clients, the last of whom owes another currency."""
    found = []
    for who, last, mine in (
        (_FIRM, before, lines[::3]),
        (_PERSON, None, lines[1::3]),
        (_ABROAD, before, tuple(map(_in_pounds, lines[2::3]))),
    ):
        if mine:
            found.append(Account(name=who.name, code=who.code, lines=mine, last=last))
    return tuple(found)


def _in_pounds(line: Line) -> Line:
    residual = Money(amount=line.residual.amount, currency="GBP")
    return replace(line, residual=residual, amount=residual)


def _line(place: int, days: int, is_bill: bool, on: date) -> Line:
    due = on - timedelta(days=days + (9 * place if days > 0 else 0))
    residual = Money(amount=Decimal(123450 + 37_17 * place).scaleb(-2))
    part_paid = place % 7 == 3
    return Line(
        document_number=f"{1200 - place}/A",
        document_date=due - timedelta(days=60),
        due_date=due,
        residual=residual,
        amount=Money(amount=residual.amount * 2) if part_paid else residual,
        installment_number=1 + place % 3 // 2,
        payment_method=PaymentMethod.RIBA if is_bill else PaymentMethod.TRANSFER,
        unpaid_on=due + timedelta(days=4) if is_bill else None,
        bill_number=f"{88 + place}/2026" if is_bill else "",
    )
