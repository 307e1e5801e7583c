"""What lies in a source's folder of documents, as far as it was read; a copy, never the truth."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Final

import msgspec
import sqlalchemy as sa
from msgspec.structs import asdict
from sqlalchemy import Connection

from incasso.domain.documents.matching import Candidate, Form
from incasso.store.records import columns_of, records
from incasso.store.tables.documents import document_index
from incasso.store.upserting import insert_into

_AT_ONCE: Final = 500


class IndexedFile(msgspec.Struct, frozen=True, kw_only=True):
    """What a file of the folder says, or one invoice in it; empty is what it does not tell."""

    path: str
    mark: str
    place: int = 1
    form: Form | None = None
    """None: it is no document."""
    number: str = ""
    number_key: str = ""
    day: date | None = None
    year: int | None = None
    kind: str = ""
    client: str = ""
    customer_vat: str = ""
    customer_tax_code: str = ""
    supplier_vat: str = ""
    problem: str = ""
    """Why it cannot be used; empty where it is simply no invoice."""


def marks(connection: Connection, source_id: int) -> dict[str, str]:
    """Every known file of a source with the mark it had when it was read."""
    columns = (document_index.c.path, document_index.c.mark)
    query = sa.select(*columns).where(document_index.c.source_id == source_id).distinct()
    return {row.path: row.mark for row in connection.execute(query)}


def replace(
    connection: Connection,
    source_id: int,
    paths: Collection[str],
    files: Iterable[IndexedFile],
) -> None:
    """Forget what was read of these files and write what they say now; idempotent."""
    forget(connection, source_id, paths)
    fresh = [{"source_id": source_id, **asdict(file), "form": file.form or ""} for file in files]
    if fresh:  # two that look at the same time read the same
        connection.execute(insert_into(connection, document_index).on_conflict_do_nothing(), fresh)


def forget(connection: Connection, source_id: int, paths: Collection[str]) -> None:
    """Files that are there no more."""
    waiting = sorted(paths)
    for start in range(0, len(waiting), _AT_ONCE):
        some = waiting[start : start + _AT_ONCE]
        connection.execute(
            sa.delete(document_index).where(
                document_index.c.source_id == source_id, document_index.c.path.in_(some)
            )
        )


def numbered(connection: Connection, source_id: int, number_key: str) -> list[Candidate]:
    """Every document of that number, of any customer."""
    query = sa.select(*columns_of(Candidate, document_index)).where(
        document_index.c.source_id == source_id,
        document_index.c.number_key == number_key,
        document_index.c.form != "",
    )
    in_turn = query.order_by(document_index.c.path, document_index.c.place)
    return records(connection, Candidate, in_turn)


def no_documents_called(connection: Connection, source_id: int, stem: str) -> list[str]:
    """Paths of files that are no documents and whose names hold this: receipts of an invoice."""
    query = sa.select(document_index.c.path).where(
        document_index.c.source_id == source_id,
        document_index.c.form == "",
        document_index.c.problem == "",
        document_index.c.path.contains(stem, autoescape=True),
    )
    return sorted(connection.scalars(query))
