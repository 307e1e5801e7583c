"""What a file that claims to be a document really is: judged by its bytes and the ledger."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from incasso.contract.ledger import DocumentKind
from incasso.contract.text import in_a_row, text
from incasso.contract.values import Attachment
from incasso.domain.documents.matching import Form, Wanted
from incasso.domain.documents.numbers import may_be_same
from incasso.domain.ledger.tax_numbers import same_party
from incasso.fatturapa import FatturaError, Invoice
from incasso.messages.pages import pdf_damage
from incasso.services.documents.electronic import read_fattura

PDF: Final = "application/pdf"
XML: Final = "application/xml"
P7M: Final = "application/pkcs7-mime"
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")
_WORDS: Final = {
    DocumentKind.INVOICE: "Fattura",
    DocumentKind.CREDIT_NOTE: "Nota_di_credito",
    DocumentKind.DEBIT_NOTE: "Nota_di_debito",
    DocumentKind.ADVANCE: "Acconto",
    DocumentKind.OTHER: "Documento",
}


class File(msgspec.Struct, frozen=True, kw_only=True):
    """One document as bytes, before it is archived."""

    form: Form
    content: bytes
    filename: str
    media_type: str
    origin: str
    mark: str = ""
    place: int = 1


class ArchivedFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a document, in the archive (or, in a trial, only in memory)."""

    form: Form
    sha256: str
    size: int
    filename: str
    media_type: str
    origin: str
    place: int = 1
    content: bytes | None = None


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The files of a document; `why` says what is missing and why, for a person."""

    papers: Mapping[Form, ArchivedFile] = {}
    why: str = ""

    @property
    def page(self) -> ArchivedFile | None:
        """What a person can read: the supplier's own PDF, else the courtesy copy."""
        return self.papers.get(Form.PDF) or self.papers.get(Form.COURTESY)


class UnfitDocumentError(Exception):
    """A file is not the document that was asked for; says why."""


def accepted_file(wanted: Wanted, given: Attachment, origin: str, mark: str = "") -> File:
    """A file that an ERP gave, if it may be the document. Raises UnfitDocumentError.

    A PDF is believed: the ERP was asked by number. An electronic invoice must say the number and
    the client itself.
    """
    if not given.content:
        raise UnfitDocumentError(text("{origin} gave an empty file", origin=origin))
    if is_pdf(given.content):
        if broken := pdf_damage(given.content):
            raise UnfitDocumentError(
                text(
                    "{origin} gave {filename}: {broken}",
                    origin=origin,
                    filename=given.filename,
                    broken=broken,
                )
            )
        return page(wanted, given.content, origin, mark)
    try:
        invoices = read_fattura(given.content)
    except FatturaError as error:
        raise UnfitDocumentError(
            text(
                "{origin} gave {file}, neither PDF nor FatturaPA: {error}",
                origin=origin,
                file=given.filename or text("a file"),
                error=str(error),
            )
        ) from None
    invoice = matching_invoice(wanted, invoices)
    return electronic_invoice(given.content, given.filename, origin, mark, invoice.place)


def matching_invoice(wanted: Wanted, invoices: Sequence[Invoice]) -> Invoice:
    """The invoice of a file that is the wanted document. Raises UnfitDocumentError."""
    fitting = [each for each in invoices if _fits(wanted, each)]
    if len(fitting) == 1:
        return fitting[0]
    named = in_a_row(
        text("{number} of {date}", number=each.number, date=each.date) for each in invoices[:3]
    )
    raise UnfitDocumentError(
        text("the file is of {named}, not of {wanted} and this client", named=named, wanted=wanted)
    )


def _fits(wanted: Wanted, invoice: Invoice) -> bool:
    customer = (invoice.customer.vat, invoice.customer.tax_code)
    return (
        may_be_same(invoice.number, wanted.number)
        and (wanted.day is None or wanted.day == invoice.date)
        and same_party((wanted.vat, wanted.tax_code), customer) is not False
    )


def is_pdf(content: bytes) -> bool:
    """Whether a file begins as every PDF does; some programs write a line before it."""
    return b"%PDF-" in content[:1024]


def page(wanted: Wanted, content: bytes, origin: str, mark: str, form: Form = Form.PDF) -> File:
    """A PDF under a name that the client understands, whatever its own was."""
    return File(
        form=form,
        content=content,
        filename=f"{readable_name(wanted)}.pdf",
        media_type=PDF,
        origin=origin,
        mark=mark,
    )


def electronic_invoice(content: bytes, name: str, origin: str, mark: str, place: int) -> File:
    """An electronic invoice under its own name, which the exchange system gave it."""
    media_type = XML if content.lstrip()[:1] in (b"<", b"\xef", b"\xff", b"\xfe") else P7M
    ending = ".xml" if media_type == XML else ".xml.p7m"
    stem = re.sub(r"(\.xml)?(\.p7m)?$", "", name, flags=re.IGNORECASE)
    return File(
        form=Form.FATTURAPA,
        content=content,
        filename=f"{_safe(stem) or 'fattura'}{ending}",
        media_type=media_type,
        origin=origin,
        mark=mark,
        place=place,
    )


def readable_name(wanted: Wanted) -> str:
    """Fattura_123-A_2026-09-01: what the client looks for."""
    day = wanted.day.isoformat() if wanted.day else ""
    number = _safe(wanted.number.replace("/", "-")) or "documento"
    return "_".join(filter(None, (_WORDS[wanted.kind], number, day)))


def _safe(name: str) -> str:
    return _UNSAFE.sub("_", name).strip("._")[:80]
