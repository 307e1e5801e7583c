"""Contexts that the tests of messages share."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from incasso.api import Medium, Money
from incasso.messages import (
    Creditor,
    Debtor,
    EarlierMessage,
    Line,
    MessageContext,
    OfficeContact,
    Template,
    builtin_templates,
)

ON = date(2026, 11, 23)

COMPANY = Creditor(
    name="Ferramenta Subalpina S.r.l.",
    address=("Via delle Officine 12", "10148 Torino (TO)"),
    place="Torino",
    vat="IT01234560012",
    iban="IT60X0542811101000000123456",
    bic="BPMOIT22XXX",
    phone="011 5550101",
    email="crediti@subalpina.example",
    pec="subalpina@pec.example",
)
CLIENT = Debtor(
    name="Officine Bianchi S.n.c.",
    code="C00123",
    address=("Officine Bianchi S.n.c.", "Via Garibaldi 8", "20121 Milano MI"),
    contact_person="Mario Bianchi",
    vat="IT09876540011",
)

EARLIER = EarlierMessage(on=date(2026, 11, 3), medium=Medium.EMAIL, stage="Primo sollecito")


def euro(amount: str) -> Money:
    """An amount in euro."""
    return Money(amount=Decimal(amount))


def line(number: str = "1200/A", residual: str = "1234.50", **facts: object) -> Line:
    """One installment, six weeks overdue."""
    given: dict[str, object] = {"due_date": date(2026, 10, 10), **facts}
    return Line(document_number=number, residual=euro(residual), **given)  # type: ignore[arg-type]


def context(*lines: Line, language: str = "it", **facts: object) -> MessageContext:
    """A message of the sample company to the sample client."""
    given: dict[str, object] = {
        "company": COMPANY,
        "client": CLIENT,
        "operator": OfficeContact(name="Chiara Ferri"),
        "reference": "C00123-45",
        "stage": "Primo sollecito",
        "previous": (EARLIER,),
        **facts,
    }
    return MessageContext(language=language, on=ON, lines=lines or (line(),), **given)  # type: ignore[arg-type]


def template(text: str, *, language: str = "it", **parts: Any) -> Template:
    """An office's own template around one text."""
    return Template(
        key="prova", language=language, subject=parts.pop("subject", "Prova"), text=text, **parts
    )


def built_in(key: str, language: str = "it") -> Template:
    """One of the texts that ship."""
    return next(
        each for each in builtin_templates() if (each.key, each.language) == (key, language)
    )
