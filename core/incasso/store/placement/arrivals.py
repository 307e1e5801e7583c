"""Files that providers sent: each known by its bytes, so that the same one is taken once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.placement.states import ArrivalState, UpdateStanding
from incasso.store.records import columns_of, maybe_record, one_record
from incasso.store.tables.exchange import exchange_arrivals, exchange_refusals, exchange_updates
from incasso.store.upserting import insert_into


class KnownArrival(msgspec.Struct, frozen=True):
    """A file that arrived before."""

    id: int
    name: str
    state: ArrivalState
    sequence: int | None
    rows: int
    applied: int
    noted: int
    waiting: int
    refused: int
    repeated: int
    reason: str


class NewArrival(msgspec.Struct, frozen=True, kw_only=True):
    """A file whose bytes lie in the archive."""

    provider: str
    instance: str
    name: str
    identity: str
    sha256: str
    size: int
    at: datetime
    on_date: date
    sequence: int | None
    lot: str


def known(connection: Connection, provider: str, sha256: str) -> KnownArrival | None:
    """The file of these bytes, if the provider sent it before."""
    table = exchange_arrivals.c
    query = sa.select(*columns_of(KnownArrival, exchange_arrivals))
    return maybe_record(
        connection,
        KnownArrival,
        query.where(table.provider == provider, table.sha256 == sha256),
    )


def begin(connection: Connection, new: NewArrival) -> int:
    """Write it down as being read; the number it has, also if another process was quicker."""
    row = {**msgspec.structs.asdict(new), "state": ArrivalState.READING}
    insert = insert_into(connection, exchange_arrivals).on_conflict_do_nothing()
    connection.execute(insert, row)
    table = exchange_arrivals.c
    mine = sa.and_(table.provider == new.provider, table.sha256 == new.sha256)
    return int(connection.execute(sa.select(table.id).where(mine)).scalar_one())


def sequence_used(connection: Connection, provider: str, sequence: int) -> str:
    """The name of the file that was taken under that number; empty: none."""
    table = exchange_arrivals.c
    query = sa.select(table.name).where(table.provider == provider, table.sequence == sequence)
    taken = query.where(table.state == ArrivalState.TAKEN)
    return connection.scalar(taken.order_by(table.id).limit(1)) or ""


def last_sequence(connection: Connection, provider: str) -> int | None:
    """The highest number that was taken."""
    table = exchange_arrivals.c
    query = sa.select(sa.func.max(table.sequence)).where(table.provider == provider)
    found = connection.scalar(query.where(table.state == ArrivalState.TAKEN))
    return None if found is None else int(found)


def is_reading(connection: Connection, arrival: int) -> bool:
    """Whether nobody has finished it meanwhile; its row is locked until the transaction ends."""
    query = sa.select(exchange_arrivals.c.state).where(exchange_arrivals.c.id == arrival)
    return connection.scalar(query.with_for_update()) == ArrivalState.READING


def finish(
    connection: Connection, arrival: int, state: ArrivalState, rows: int, reason: str = ""
) -> Mapping[str, int]:
    """Write down how it ended, and what became of its rows; gives the counts.

    They are counted in the tables, so that a file read again after a crash has the same ones.
    """
    counts = _counts(connection, arrival, rows)
    change = sa.update(exchange_arrivals).where(exchange_arrivals.c.id == arrival)
    connection.execute(change.values(state=state, reason=reason, **counts))
    return counts


def _counts(connection: Connection, arrival: int, rows: int) -> Mapping[str, int]:
    table = exchange_updates.c
    query = (
        sa.select(table.standing, sa.func.count())
        .where(table.arrival_id == arrival)
        .group_by(table.standing)
    )
    standing = {name: int(number) for name, number in connection.execute(query)}
    # What is kept and told all the same has an update of its own, and what the whole file is
    # refused for has no row.
    mine = exchange_refusals.c.arrival_id == arrival
    lost = sa.select(sa.func.count()).where(mine, ~exchange_refusals.c.kept)
    of_rows = lost.where(exchange_refusals.c.line.is_not(None))
    refused = int(connection.scalar(of_rows) or 0)
    counts = {
        "applied": standing.get(UpdateStanding.APPLIED, 0),
        "noted": standing.get(UpdateStanding.NOTED, 0),
        "waiting": standing.get(UpdateStanding.WAITING, 0),
        "refused": refused,
    }
    return {"rows": rows, **counts, "repeated": max(rows - sum(counts.values()), 0)}


class Head(msgspec.Struct, frozen=True):
    """What a file said of itself."""

    lot: str
    sequence: int | None


def head(connection: Connection, arrival: int) -> Head:
    """The head of the file of that number."""
    query = sa.select(*columns_of(Head, exchange_arrivals))
    return one_record(connection, Head, query.where(exchange_arrivals.c.id == arrival))
