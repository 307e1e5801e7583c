"""Documents that were fetched: which bytes of the archive stand for which document of a client."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection, Row
from sqlalchemy.dialects import postgresql, sqlite

from incasso.store.tables.documents import document_files
from incasso.store.tables.history import documents
from incasso.store.tables.ledger import clients, installments, sources

_KEY: Final = ("client_id", "reference", "form")


def remembered(connection: Connection, client_id: int, reference: str) -> dict[str, Row[Any]]:
    """The files of one document by their form."""
    query = sa.select(document_files).where(
        document_files.c.client_id == client_id, document_files.c.reference == reference
    )
    return {row.form: row for row in connection.execute(query)}


def remember(connection: Connection, row: Mapping[str, Any]) -> None:
    """Keep one file of a document; a later one of the same form takes its place."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(document_files).values(**row)
    renewed = {name: statement.excluded[name] for name in row if name not in _KEY}
    connection.execute(statement.on_conflict_do_update(index_elements=list(_KEY), set_=renewed))


def forget(connection: Connection, client_id: int, reference: str, forms: Collection[str]) -> None:
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


def record(connection: Connection, source_id: int, key: str) -> Row[Any] | None:
    """What the ERP's list of documents says of one, where the connector pulls that list."""
    query = sa.select(documents).where(
        documents.c.source_id == source_id, documents.c.key == key, documents.c.gone_on.is_(None)
    )
    return connection.execute(query).one_or_none()


def of_installments(connection: Connection, ids: Sequence[int]) -> Sequence[Row[Any]]:
    """Installments with what identifies their document and its parties."""
    query = (
        sa.select(
            installments,
            sources.c.name.label("source"),
            clients.c.code.label("client"),
            clients.c.name.label("client_name"),
            clients.c.vat.label("client_vat"),
            clients.c.tax_code.label("client_tax_code"),
        )
        .join(clients, clients.c.id == installments.c.client_id)
        .join(sources, sources.c.id == installments.c.source_id)
        .where(installments.c.id.in_(ids))
        .order_by(installments.c.due_date, installments.c.id)
    )
    return connection.execute(query).all()
