"""What lies in a source's folder of documents, as far as it was read; a copy, never the truth."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection, Row
from sqlalchemy.dialects import postgresql, sqlite

from incasso.store.tables.documents import document_index
from incasso.store.tables.ledger import sources

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


def entries(
    connection: Connection, source: str | None, *, only_problems: bool
) -> Iterator[dict[str, Any]]:
    """The index as a list, a stream."""
    columns = [column for column in document_index.c if column.name not in ("id", "source_id")]
    query = sa.select(sources.c.name.label("source"), *columns).join(
        sources, sources.c.id == document_index.c.source_id
    )
    if source is not None:
        query = query.where(sources.c.name == source)
    if only_problems:
        query = query.where(document_index.c.problem != "")
    ordered = query.order_by(sources.c.name, document_index.c.path, document_index.c.place)
    with connection.execute(ordered, execution_options={"yield_per": 1000}) as result:
        for row in result:
            yield dict(row._mapping)
