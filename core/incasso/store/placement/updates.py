"""What providers report, each piece once: a provider's id makes it one of its kind."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.contract.exchange import (
    ActivityResult,
    ClosingReason,
    RefusalReason,
    UpdateKind,
)
from incasso.domain.placement.states import UpdateStanding
from incasso.store.records import columns_of, maybe_record, records
from incasso.store.tables.exchange import exchange_updates
from incasso.store.tables.placement import placements

EXCHANGE_LOCK = 0x1CA558
"""Of PostgreSQL's advisory locks, with a number of the provider."""


class KnownUpdate(msgspec.Struct, frozen=True):
    """A piece that is stored already."""

    id: int
    update_id: str
    digest: str
    standing: UpdateStanding


class NewUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """A piece to be stored; money in minor units."""

    provider: str
    update_id: str
    arrival_id: int | None
    line: int | None
    lot: str
    ours: str
    theirs: str
    row: str
    placement_id: int | None
    row_id: int | None
    kind: UpdateKind
    standing: UpdateStanding
    at: datetime
    on_date: date
    taken_on: date
    amount: int | None
    currency: str
    refused: RefusalReason | None
    result: ActivityResult | None
    closing: ClosingReason | None
    code: str
    corrects: str
    remittance: str
    until: date | None
    medium: str
    words: str
    evidence: Sequence[Mapping[str, Any]] | None
    problem: str
    reason: str
    breaks_policy: bool
    digest: str


class StoredUpdate(msgspec.Struct, frozen=True):
    """A stored piece, for a person who decides about it."""

    id: int
    provider: str
    update_id: str
    placement_id: int | None
    client_id: int | None
    """Null: about a whole lot."""
    row_id: int | None
    lot: str
    kind: UpdateKind
    standing: UpdateStanding
    on_date: date
    amount: int | None
    currency: str
    closing: ClosingReason | None
    corrects: str
    until: date | None
    words: str
    problem: str
    answered: str


def take_turn(connection: Connection, provider: str) -> None:
    """Alone with what this provider reports until the transaction ends.

    SQLite's write lock does the same.
    """
    if connection.dialect.name == "postgresql":
        lock = sa.func.pg_advisory_xact_lock(EXCHANGE_LOCK, sa.func.hashtext(provider))
        connection.execute(sa.select(lock))


def known(connection: Connection, provider: str, ids: Collection[str]) -> dict[str, KnownUpdate]:
    """Those of these ids that are stored."""
    if not ids:
        return {}
    table = exchange_updates.c
    query = sa.select(*columns_of(KnownUpdate, exchange_updates)).where(
        table.provider == provider, table.update_id.in_(list(ids))
    )
    return {each.update_id: each for each in records(connection, KnownUpdate, query)}


def store(connection: Connection, new: Sequence[NewUpdate]) -> dict[str, int]:
    """Write them, none of which is there; gives their numbers by id."""
    if not new:
        return {}
    insert = sa.insert(exchange_updates).returning(
        exchange_updates.c.update_id, exchange_updates.c.id
    )
    rows = [_row(each) for each in new]
    return {each.update_id: each.id for each in connection.execute(insert, rows)}


def _row(new: NewUpdate) -> dict[str, Any]:
    """What is empty is an empty word in its column."""
    row = msgspec.structs.asdict(new)
    return row | {name: row[name] or "" for name in ("refused", "result", "closing")}


def settle(
    connection: Connection,
    placement: int,
    update_id: str,
    standing: UpdateStanding,
    problem: str,
    by: str = "",
) -> None:
    """A piece that waited is decided; `by`: the person who did."""
    table = exchange_updates.c
    mine = sa.and_(table.placement_id == placement, table.update_id == update_id)
    values = {"standing": standing, "problem": problem, **({"decided_by": by} if by else {})}
    connection.execute(sa.update(exchange_updates).where(mine).values(**values))


def numbered(connection: Connection, number: int) -> StoredUpdate | None:
    """The piece of that number, locked until the transaction ends."""
    columns = columns_of(StoredUpdate, exchange_updates, client_id=placements.c.client_id)
    query = (
        sa.select(*columns)
        .outerjoin(placements, placements.c.id == exchange_updates.c.placement_id)
        .where(exchange_updates.c.id == number)
        .with_for_update(of=exchange_updates)
    )
    return maybe_record(connection, StoredUpdate, query)


def set_values(connection: Connection, number: int, **values: object) -> None:
    """Change some of its fields."""
    mine = exchange_updates.c.id == number
    connection.execute(sa.update(exchange_updates).where(mine).values(**values))


def count_waiting(connection: Connection) -> int:
    """How many wait for a person."""
    waiting = exchange_updates.c.standing == UpdateStanding.WAITING
    return connection.scalar(sa.select(sa.func.count()).where(waiting)) or 0
