"""What a complete read leaves behind for the next one (`remembered`), in the read's transaction."""

from __future__ import annotations

from collections.abc import Collection
from itertools import compress
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Table

from incasso.domain.ledger.states import RecordKind
from incasso.store.bulk import pairs
from incasso.store.ledger.remembered import Part, ids_of, packed, packed_ids, pieces
from incasso.store.ledger.staging import rows_read
from incasso.store.tables.remembered import forgotten_rows, remembered_rows


def part_of(connection: Connection, source_id: int, record: RecordKind, part: int) -> Part | None:
    """A piece of what is remembered of a source; None behind the last one."""
    table = remembered_rows
    query = sa.select(table.c.digests, table.c.ids).where(
        table.c.source_id == source_id, table.c.record == record, table.c.part == part
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else (row.digests, row.ids)


def forgotten(connection: Connection, record: RecordKind) -> frozenset[int]:
    """Rows of every source that must be looked up by their keys."""
    table = forgotten_rows
    return frozenset(connection.scalars(sa.select(table.c.row_id).where(table.c.record == record)))


def forget(connection: Connection, record: RecordKind, ids: Collection[int]) -> None:
    """The fingerprints of these rows have been written outside a complete read."""
    table = forgotten_rows
    query = sa.select(table.c.row_id).where(table.c.record == record, table.c.row_id.in_(ids))
    already = set(connection.scalars(query))
    new = [{"record": record, "row_id": each} for each in ids if each not in already]
    if new:
        connection.execute(sa.insert(table), new)


def _forget_all_of(connection: Connection, record: RecordKind, chosen: sa.Select[Any]) -> None:
    """The same for the rows that a query of ids names."""
    table = forgotten_rows
    already = sa.select(table.c.row_id).where(table.c.record == record)
    named = chosen.distinct().subquery()
    fresh = sa.select(sa.literal(record, table.c.record.type), named.c[0]).where(
        named.c[0].not_in(already)
    )
    connection.execute(sa.insert(table).from_select(["record", "row_id"], fresh))


def forget_staged(connection: Connection, record: RecordKind, staged: Table) -> None:
    """After a read of only a part: what it changed no longer has the digest that is remembered."""
    changed = sa.select(staged.c.known_id).where(staged.c.known_id.is_not(None))
    _forget_all_of(connection, record, changed)


def forget_gone(connection: Connection, record: RecordKind, gone: Table) -> None:
    """After any read: absent rows are no longer recognised by their digest."""
    _forget_all_of(connection, record, sa.select(gone.c.id))


def remember(
    connection: Connection,
    source_id: int,
    record: RecordKind,
    ledger: Table,
    key: str,
    staged: Table,
) -> None:
    """After a complete read was applied: its rows instead of those of the read before."""
    table = remembered_rows
    mine = sa.and_(table.c.source_id == source_id, table.c.record == record)
    connection.execute(sa.delete(table).where(mine))
    query = sa.select(rows_read.c.digests, rows_read.c.ids)
    numbers = sa.select(rows_read.c.part).where(rows_read.c.record == record)
    for part in sorted(connection.scalars(numbers).all()):
        read = connection.execute(
            query.where(rows_read.c.record == record, rows_read.c.part == part)
        ).one()
        digests, ids = _settled(
            connection, (read.digests, read.ids), source_id, ledger, key, staged
        )
        values = {"source_id": source_id, "record": record, "part": part}
        connection.execute(sa.insert(table).values(**values, digests=digests, ids=ids))
    _remember_again(connection, source_id, record, ledger)


def _settled(
    connection: Connection, part: Part, source_id: int, ledger: Table, key: str, staged: Table
) -> Part:
    """The piece with ids for sequences; a staged row that was refused since is left out."""
    ids = ids_of(part[1])
    waiting = [-each for each in ids if each < 0]
    if not waiting:
        return part
    found = _ids_of_staged(connection, waiting[0], waiting[-1], source_id, ledger, key, staged)
    known = [each if each > 0 else found.get(-each, 0) for each in ids]
    if all(known):
        return part[0], packed_ids(known)
    return packed(list(compress(pieces(part[0]), known)), list(filter(None, known)))


def _ids_of_staged(
    connection: Connection,
    first: int,
    last: int,
    source_id: int,
    ledger: Table,
    key: str,
    staged: Table,
) -> dict[int, int]:
    """The row of the ledger that each staged row has become, by its sequence."""
    these = staged.c.seq.between(first, last)
    changed = sa.select(staged.c.seq, staged.c.known_id).where(
        these, staged.c.known_id.is_not(None)
    )
    new = (
        sa.select(staged.c.seq, ledger.c.id)
        .join(ledger, sa.and_(ledger.c.source_id == source_id, ledger.c[key] == staged.c[key]))
        .where(these, staged.c.known_id.is_(None))
    )
    return {seq: row for query in (changed, new) for seq, row in pairs(connection, query)}


def _remember_again(
    connection: Connection, source_id: int, record: RecordKind, ledger: Table
) -> None:
    """Rows that have a fingerprint again; what was forgotten while the source was read has none."""
    table = forgotten_rows
    printed = sa.exists().where(
        ledger.c.id == table.c.row_id,
        ledger.c.source_id == source_id,
        sa.func.length(ledger.c.fingerprint) > 0,
    )
    connection.execute(sa.delete(table).where(table.c.record == record, printed))
