"""Which file is the document of a credit: proven by number, date and party.

A wrong file would show one client the prices of another, so what is not certain is not attached.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Final

from incasso.contract.ledger import DocumentKind
from incasso.contract.values import Value
from incasso.domain.documents.numbers import (
    is_credit_note,
    may_be_same,
    normalised,
    prefix,
    without_kind,
)
from incasso.domain.fault import Fault, fault
from incasso.domain.ledger.tax_numbers import same_party, tax_number

_MONTHS: Final = (
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"
).split()


class MatchFault(StrEnum):
    """Why a file is not accepted as the document."""

    FILE = "file"
    SEVERAL = "several"
    NO_DAY = "no_day"
    OTHER_DAY = "other_day"
    CREDIT_NOTE = "is_credit_note"
    NO_CREDIT_NOTE = "no_credit_note"
    OTHER_NUMBER = "other_number"
    OTHER_SUPPLIER = "other_supplier"
    CLIENT = "of_client"
    OTHER_CLIENT = "other_client"
    NO_TAX_NUMBER = "no_tax_number"


class Form(StrEnum):
    """What kind of file a document is kept as."""

    PDF = "pdf"
    """A page made by the supplier or its ERP."""
    FATTURAPA = "fatturapa"
    """The electronic invoice, XML or signed."""
    COURTESY = "courtesy"
    """A legible page made by the hub out of the electronic invoice."""


class Wanted(Value, frozen=True, kw_only=True):
    """The document of an installment, as the ledger knows it."""

    source: str
    client: str
    number: str
    kind: DocumentKind = DocumentKind.INVOICE
    day: date | None = None
    key: str = ""
    """The ERP's own key of the document, if it gives one."""
    vat: str = ""
    tax_code: str = ""
    company_vat: str = ""

    @property
    def reference(self) -> str:
        """The same for every installment of one document of a client."""
        day = self.day.isoformat() if self.day else ""
        return f"{self.kind}|{normalised(self.number)}|{day}|{self.key}"

    def __str__(self) -> str:
        return f"{self.number} ({self.day})" if self.day else self.number


class Candidate(Value, frozen=True):
    """A file of the documents' folder, or one invoice in it; fields it does not give are empty."""

    path: str
    form: Form
    number: str
    place: int = 1
    mark: str = ""
    """Changes when the file does."""
    day: date | None = None
    year: int | None = None
    kind: str = ""
    client: str = ""
    customer_vat: str = ""
    customer_tax_code: str = ""
    supplier_vat: str = ""


class Choice(Value, frozen=True, kw_only=True):
    """The files that match; several may be copies of one. `why`: why others were rejected."""

    pdfs: tuple[Candidate, ...] = ()
    fatture: tuple[Candidate, ...] = ()
    why: tuple[Fault, ...] = ()


def choose(wanted: Wanted, candidates: Sequence[Candidate]) -> Choice:
    """The candidates that certainly are the document; if there are none, the nearest reason.

    A number with another series (`7` for `7/FE`) is accepted only if no other one of that client
    and day matches.
    """
    ordered = sorted(candidates, key=lambda one: (one.path.lower().endswith(".p7m"), one.path))
    named = [
        each for each in ordered if without_kind(each.number) == without_kind(wanted.number) != ""
    ]
    fitting, reasons = _judged(wanted, named)
    if not fitting:
        near, more = _judged(wanted, [each for each in ordered if _is_near(wanted, each)])
        reasons += more
        if len(numbers := sorted({each.number for each in near})) == 1:
            fitting = near
        elif numbers:
            reasons.append(fault(MatchFault.SEVERAL, numbers=numbers))
    return Choice(
        pdfs=tuple(each for each in fitting if each.form is Form.PDF),
        fatture=tuple(each for each in fitting if each.form is Form.FATTURAPA),
        why=() if fitting else tuple(reasons[:3]),
    )


def _judged(wanted: Wanted, candidates: Sequence[Candidate]) -> tuple[list[Candidate], list[Fault]]:
    """The candidates without an objection, and the objections to the others."""
    objections = [(each, _objection(wanted, each)) for each in candidates]
    fitting = [each for each, why in objections if why is None]
    return fitting, [
        fault(MatchFault.FILE, file=each.path, why=why) for each, why in objections if why
    ]


def _is_near(wanted: Wanted, found: Candidate) -> bool:
    """Only an electronic invoice holds enough data to be accepted under a similar number."""
    same = without_kind(found.number) == without_kind(wanted.number)
    return found.form is Form.FATTURAPA and not same and may_be_same(found.number, wanted.number)


def is_proven(wanted: Wanted, found: Candidate) -> bool:
    """Whether more than a bare number says that a PDF is the document.

    Numbers restart every year: `12.pdf` alone may be another client's invoice.
    """
    if found.day or found.year or found.client or found.customer_vat:
        return True
    return wanted.day is not None and str(wanted.day.year) in normalised(found.number).split()


def text_proves(wanted: Wanted, text: str) -> bool:
    """Whether the words of a page name the client and the day of the document."""
    if wanted.day is None:
        return False
    bare = re.sub(r"[^A-Z0-9]", "", text.upper())
    numbers = {tax_number(each) for each in (wanted.vat, wanted.tax_code)} - {""}
    if not any(number in bare for number in numbers):
        return False
    day, month, year = wanted.day.day, wanted.day.month, wanted.day.year
    written = re.compile(
        rf"(?<!\d)(0?{day}\s*[-/.]\s*0?{month}\s*[-/.]\s*({year}|{year % 100:02d})"
        rf"|{year}-{month:02d}-{day:02d}|{day}\s+{_MONTHS[month - 1]}\s+{year})(?!\d)",
        re.IGNORECASE,
    )
    return bool(written.search(text))


def _objection(wanted: Wanted, found: Candidate) -> Fault | None:
    """Why this file is not the document; None if it is."""
    if wanted.day is None:
        return fault(MatchFault.NO_DAY)
    if objection := _kind_objection(wanted, found) or _number_objection(wanted, found):
        return objection
    if wanted.day and found.day and wanted.day != found.day:
        return fault(MatchFault.OTHER_DAY, found=found.day, wanted=wanted.day)
    if wanted.day and found.year and wanted.day.year != found.year:
        return fault(MatchFault.OTHER_DAY, found=found.year, wanted=wanted.day.year)
    return _party_objection(wanted, found)


def _kind_objection(wanted: Wanted, found: Candidate) -> Fault | None:
    """An invoice and a credit note may share number and date."""
    credit = wanted.kind is DocumentKind.CREDIT_NOTE
    says_credit = found.kind == DocumentKind.CREDIT_NOTE or is_credit_note(found.number)
    if says_credit and not credit:
        return fault(MatchFault.CREDIT_NOTE)
    if credit and not says_credit:
        return fault(MatchFault.NO_CREDIT_NOTE)
    return None


def _number_objection(wanted: Wanted, found: Candidate) -> Fault | None:
    """`FT 123` may be 123; but `FA 123` is `FV 123` only if the day proves it."""
    dated = wanted.day is not None and wanted.day == found.day
    named = {prefix(wanted.number), prefix(found.number)} - {""}
    proven = len(named) < 2 if found.form is Form.PDF else dated
    if normalised(wanted.number) == normalised(found.number) or proven:
        return None
    return fault(MatchFault.OTHER_NUMBER, number=found.number)


def _party_objection(wanted: Wanted, found: Candidate) -> Fault | None:
    """An electronic invoice must name the client; a file name need not, but if it does it must."""
    supplier, ours = tax_number(found.supplier_vat), tax_number(wanted.company_vat)
    if supplier and ours and supplier != ours:
        return fault(MatchFault.OTHER_SUPPLIER, found=found.supplier_vat, wanted=wanted.company_vat)
    if found.client and normalised(found.client) != normalised(wanted.client):
        return fault(MatchFault.CLIENT, client=found.client)
    customer = (found.customer_vat, found.customer_tax_code)
    same = same_party((wanted.vat, wanted.tax_code), customer)
    if same is False:
        return fault(MatchFault.OTHER_CLIENT)
    if same is None and found.form is Form.FATTURAPA:
        return fault(MatchFault.NO_TAX_NUMBER)
    return None
