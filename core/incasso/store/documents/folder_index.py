"""What lies in a source's folder of documents, as far as it was read; a copy, never the truth."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection, Row
from sqlalchemy.dialects import postgresql, sqlite

from incasso.store.tables.documents import document_index

_AT_ONCE: Final = 500


def marks(connection: Connection, source_id: int) -> dict[str, str]:
    """Every known file of a source with the mark it had when it was read."""
    columns = (document_index.c.path, document_index.c.mark)
    query = sa.select(*columns).where(document_index.c.source_id == source_id).distinct()
    return {row.path: row.mark for row in connection.execute(query)}


def replace(
    connection: Connection,
    source_id: int,
    paths: Collection[str],
    rows: Iterable[Mapping[str, Any]],
) -> None:
    """Forget what was read of these files and write what they say now; idempotent."""
    forget(connection, source_id, paths)
    fresh = [{"source_id": source_id, **row} for row in rows]
    if fresh:  # two that look at the same time read the same
        insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        connection.execute(insert(document_index).on_conflict_do_nothing(), fresh)


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


def numbered(connection: Connection, source_id: int, number_key: str) -> Sequence[Row[Any]]:
    """Every document of that number, whoever its customer is."""
    query = sa.select(document_index).where(
        document_index.c.source_id == source_id, document_index.c.number_key == number_key
    )
    return connection.execute(query.order_by(document_index.c.path, document_index.c.place)).all()
