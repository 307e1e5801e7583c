"""Documents that were fetched: which bytes of the archive stand for which document of a client."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Final

import msgspec
import sqlalchemy as sa
from msgspec.structs import asdict
from sqlalchemy import Connection

from incasso.contract.ledger import DocumentKind
from incasso.domain.documents.matching import Form
from incasso.store.records import columns_of, maybe_record, records
from incasso.store.tables.documents import document_files
from incasso.store.tables.history import documents
from incasso.store.tables.ledger import clients, installments, sources
from incasso.store.upserting import insert_into

_KEY: Final = ("client_id", "reference", "form")


class FetchedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the archive, and whose document it is."""

    source_id: int
    client_id: int
    reference: str
    form: Form
    kind: DocumentKind
    number: str
    day: date | None
    place: int
    sha256: str
    size: int
    filename: str
    media_type: str
    origin: str
    """`erp`, or the path of its file."""
    mark: str
    """Of its origin when it was fetched; another one means: fetch it again."""
    fetched_at: datetime


class KnownFile(msgspec.Struct, frozen=True):
    """A file that was fetched before."""

    form: Form
    sha256: str
    size: int
    filename: str
    media_type: str
    origin: str
    place: int
    mark: str


class ListedDocument(msgspec.Struct, frozen=True):
    """A document as the ERP's own list has it."""

    number: str
    date: date
    total: int | None
    currency: str


class InstallmentOfDocument(msgspec.Struct, frozen=True):
    """An installment with what identifies its document and its parties."""

    source_id: int
    client_id: int
    source: str
    client: str
    client_name: str
    client_vat: str
    client_tax_code: str
    key: str
    document: str
    document_kind: str
    document_number: str
    document_date: date | None
    due_date: date
    amount: int
    residual: int
    currency: str


def remembered(connection: Connection, client_id: int, reference: str) -> dict[Form, KnownFile]:
    """The files of one document by their form."""
    query = sa.select(*columns_of(KnownFile, document_files)).where(
        document_files.c.client_id == client_id, document_files.c.reference == reference
    )
    return {file.form: file for file in records(connection, KnownFile, query)}


def remember(connection: Connection, file: FetchedFile) -> None:
    """Keep one file of a document; a later one of the same form takes its place."""
    values = asdict(file)
    statement = insert_into(connection, document_files).values(values)
    renewed = {name: statement.excluded[name] for name in values if name not in _KEY}
    connection.execute(statement.on_conflict_do_update(index_elements=list(_KEY), set_=renewed))


def forget(connection: Connection, client_id: int, reference: str, forms: Collection[Form]) -> None:
    """Files that are not the document any more; the archive keeps their bytes."""
    connection.execute(
        sa.delete(document_files).where(
            document_files.c.client_id == client_id,
            document_files.c.reference == reference,
            document_files.c.form.in_(sorted(forms)),
        )
    )


def source_id(connection: Connection, source: str) -> int | None:
    """The number of a source; None before its first sync."""
    found = connection.scalar(sa.select(sources.c.id).where(sources.c.name == source))
    return None if found is None else int(found)


def listed(connection: Connection, source_id: int, key: str) -> ListedDocument | None:
    """What the ERP's list of documents says of one, where the connector pulls that list."""
    query = sa.select(*columns_of(ListedDocument, documents)).where(
        documents.c.source_id == source_id, documents.c.key == key, documents.c.gone_on.is_(None)
    )
    return maybe_record(connection, ListedDocument, query)


def of_installments(connection: Connection, ids: Sequence[int]) -> list[InstallmentOfDocument]:
    """Installments with what identifies their document, oldest due date first."""
    columns = columns_of(
        InstallmentOfDocument,
        installments,
        source=sources.c.name,
        client=clients.c.code,
        client_name=clients.c.name,
        client_vat=clients.c.vat,
        client_tax_code=clients.c.tax_code,
    )
    query = (
        sa.select(*columns)
        .join(clients, clients.c.id == installments.c.client_id)
        .join(sources, sources.c.id == installments.c.source_id)
        .where(installments.c.id.in_(ids))
        .order_by(installments.c.due_date, installments.c.id)
    )
    return records(connection, InstallmentOfDocument, query)
