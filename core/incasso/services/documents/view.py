"""Show the documents of credits: the files, what the electronic invoice says, where they differ."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Connection, Row

from incasso.domain.documents.matching import Form
from incasso.domain.money import from_minor
from incasso.domain.office.actor import Scope
from incasso.fatturapa import Difference, FatturaError, Invoice, LedgerSide, differences
from incasso.fatturapa import read_fattura as read
from incasso.services.acts.subjects import resolve
from incasso.services.documents.content import ArchivedFile, UnfitDocumentError, matching_invoice
from incasso.services.documents.fetch import DocumentFetcher
from incasso.services.running.hub import Hub
from incasso.store.documents import fetched_files
from incasso.store.lists.subjects import targets


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
        rows = _rows(connection, scope, subject)
    desk = DocumentFetcher(hub, on)
    asked: set[tuple[int, str]] = set()
    return [_view(hub, desk, row, again, asked) for row in rows]


def bytes_of(hub: Hub, paper: ArchivedFile, on: date) -> bytes:
    """A file out of the archive. Raises FileNotFoundError if it was lost."""
    return DocumentFetcher(hub, on).load(paper)


def _rows(connection: Connection, scope: Scope, text: str) -> Sequence[Row[Any]]:
    found = resolve(connection, text, scope)
    if found.kind == "installment":
        return fetched_files.of_installments(connection, [found.id])
    ids = [target.installment_id for target in targets(connection, found)]
    return fetched_files.of_installments(connection, ids)


def _view(
    hub: Hub, desk: DocumentFetcher, row: Row[Any], again: bool, asked: set[tuple[int, str]]
) -> DocumentView:
    client = _Client(code=row.client, vat=row.client_vat, tax_code=row.client_tax_code)
    wanted = desk.wanted(row, row.source, client)
    document = (row.client_id, wanted.reference)
    found = desk.fetch(wanted, row.client_id, again=again and document not in asked)
    asked.add(document)
    shown = DocumentView(
        source=row.source,
        client=row.client,
        client_name=row.client_name,
        installment=row.key,
        document_kind=row.document_kind,
        document_number=wanted.number,
        document_date=wanted.day,
        due_date=row.due_date,
        amount=from_minor(row.amount, row.currency),
        residual=from_minor(row.residual, row.currency),
        currency=row.currency,
        files=tuple(found.papers[form] for form in Form if form in found.papers),
        why="" if found.page else found.why,
        total=_total(hub, row),
    )
    electronic = found.papers.get(Form.FATTURAPA)
    if electronic is None:
        return shown
    try:
        invoice = matching_invoice(wanted, read(desk.load(electronic)))
    except (FatturaError, UnfitDocumentError, FileNotFoundError) as error:
        return msgspec.structs.replace(shown, invoice_problem=str(error))
    told = differences(_ledger_side(hub, row, shown), invoice)
    bare = msgspec.structs.replace(invoice, files=())
    return msgspec.structs.replace(shown, invoice=bare, differences=told)


class _Client(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    vat: str
    tax_code: str


def _ledger_side(hub: Hub, row: Row[Any], shown: DocumentView) -> LedgerSide:
    company = hub.config.company(row.source)
    return LedgerSide(
        due_date=row.due_date,
        amount=shown.amount,
        currency=row.currency,
        document_date=shown.document_date,
        total=shown.total,
        client_vat=row.client_vat,
        client_tax_code=row.client_tax_code,
        company_vat=company.vat,
        company_iban=company.iban,
    )


def _total(hub: Hub, row: Row[Any]) -> Decimal | None:
    if not row.document:
        return None
    with hub.store.read() as connection:
        listed = fetched_files.record(connection, row.source_id, row.document)
    if listed is None or listed.total is None:
        return None
    return from_minor(listed.total, listed.currency)
