"""Show the documents of credits: the files, what the electronic invoice says, where they differ."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final

import msgspec
from sqlalchemy import Connection

from incasso.contract.text import text
from incasso.domain.documents.matching import Form
from incasso.domain.money import from_minor
from incasso.domain.office.actor import Scope
from incasso.fatturapa import Difference, FatturaError, Invoice, LedgerSide, differences
from incasso.services.documents.content import ArchivedFile, UnfitDocumentError, matching_invoice
from incasso.services.documents.electronic import read_fattura
from incasso.services.documents.fetch import DocumentFetcher
from incasso.services.hub.hub import Hub
from incasso.services.office.subjects import resolve
from incasso.store.documents import fetched_files
from incasso.store.documents.fetched_files import InstallmentOfDocument
from incasso.store.lists.subjects import targets

_LATIN: Final = text(
    "the file says that it is UTF-8 and is Latin-1: its accented letters were read as Latin-1"
)


class DocumentView(msgspec.Struct, frozen=True, kw_only=True):
    """One installment with its document."""

    source: str
    client: str
    client_name: str
    installment: str
    document_kind: str
    document_number: str
    document_date: date | None
    due_date: date
    amount: Decimal
    residual: Decimal
    currency: str
    files: tuple[ArchivedFile, ...] = ()
    why: str = ""
    """What was not found, and why."""
    invoice: Invoice | None = None
    invoice_problem: str = ""
    note: str = ""
    """What was odd about the electronic invoice, though it could be read."""
    differences: tuple[Difference, ...] = ()
    total: Decimal | None = None
    """As the ERP's list of documents says."""

    def file(self, ending: str) -> ArchivedFile | None:
        """The file to save under a name: `.pdf` the page, anything else the electronic invoice."""
        papers = {paper.form: paper for paper in self.files}
        page = papers.get(Form.PDF) or papers.get(Form.COURTESY)
        electronic = papers.get(Form.FATTURAPA)
        if ending in (".xml", ".p7m"):
            return electronic
        return page if ending == ".pdf" else page or electronic


def view(
    hub: Hub, scope: Scope, subject: str, on: date, *, again: bool = False
) -> list[DocumentView]:
    """The documents of what a text names, oldest due date first; fetches what is not there yet.

    Raises SubjectError. `again` asks the ERP even for what it gave before.
    """
    with hub.store.read() as connection:
        items = _items(connection, scope, subject)
    desk = DocumentFetcher(hub, on)
    asked: set[tuple[int, str]] = set()
    return [_view(hub, desk, item, again, asked) for item in items]


def bytes_of(hub: Hub, paper: ArchivedFile, on: date) -> bytes:
    """A file out of the archive. Raises FileNotFoundError if it was lost."""
    return DocumentFetcher(hub, on).load(paper)


def _items(connection: Connection, scope: Scope, text: str) -> Sequence[InstallmentOfDocument]:
    found = resolve(connection, text, scope)
    if found.kind == "installment":
        return fetched_files.of_installments(connection, [found.id])
    ids = [target.installment_id for target in targets(connection, found)]
    return fetched_files.of_installments(connection, ids)


def _view(
    hub: Hub,
    desk: DocumentFetcher,
    item: InstallmentOfDocument,
    again: bool,
    asked: set[tuple[int, str]],
) -> DocumentView:
    client = _Client(code=item.client, vat=item.client_vat, tax_code=item.client_tax_code)
    wanted = desk.wanted(item, item.source, client)
    document = (item.client_id, wanted.reference)
    found = desk.fetch(wanted, item.client_id, again=again and document not in asked)
    asked.add(document)
    shown = DocumentView(
        source=item.source,
        client=item.client,
        client_name=item.client_name,
        installment=item.key,
        document_kind=item.document_kind,
        document_number=wanted.number,
        document_date=wanted.day,
        due_date=item.due_date,
        amount=from_minor(item.amount, item.currency),
        residual=from_minor(item.residual, item.currency),
        currency=item.currency,
        files=tuple(found.papers[form] for form in Form if form in found.papers),
        why="" if found.page else found.why,
        total=_total(hub, item),
    )
    electronic = found.papers.get(Form.FATTURAPA)
    if electronic is None:
        return shown
    try:
        invoice = matching_invoice(wanted, read_fattura(desk.load(electronic)))
    except (FatturaError, UnfitDocumentError, FileNotFoundError) as error:
        return msgspec.structs.replace(shown, invoice_problem=str(error))
    differing = differences(_ledger_side(hub, item, shown), invoice)
    bare = msgspec.structs.replace(invoice, files=())
    note = _LATIN if invoice.reencoded else ""
    return msgspec.structs.replace(shown, invoice=bare, differences=differing, note=note)


class _Client(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    vat: str
    tax_code: str


def _ledger_side(hub: Hub, item: InstallmentOfDocument, shown: DocumentView) -> LedgerSide:
    company = hub.config.company(item.source)
    return LedgerSide(
        due_date=item.due_date,
        amount=shown.amount,
        currency=item.currency,
        document_date=shown.document_date,
        total=shown.total,
        client_vat=item.client_vat,
        client_tax_code=item.client_tax_code,
        company_vat=company.vat,
        company_iban=company.iban,
    )


def _total(hub: Hub, item: InstallmentOfDocument) -> Decimal | None:
    if not item.document:
        return None
    with hub.store.read() as connection:
        listed = fetched_files.listed(connection, item.source_id, item.document)
    if listed is None or listed.total is None:
        return None
    return from_minor(listed.total, listed.currency)
