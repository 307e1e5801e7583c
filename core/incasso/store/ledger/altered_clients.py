"""Clients that somebody changed outside the hub, in a read that may heal them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.store.ledger.staging import CLIENT_COLUMNS, altered_clients, staged_clients
from incasso.store.records import columns_of, records
from incasso.store.seals import reseal, unlike_seal
from incasso.store.tables.ledger import client_corrections, clients, sources


class AlteredClient(msgspec.Struct, frozen=True):
    """A client that somebody changed outside the hub."""

    id: int
    code: str
    is_new: bool
    """The hub never wrote it."""


class HealedClient(msgspec.Struct, frozen=True):
    """A client beside what somebody made of it, by column; only what differs."""

    code: str
    held: Mapping[str, Any]
    given: Mapping[str, Any]


def note_altered(connection: Connection, source_id: int) -> frozenset[int]:
    """Stage the clients of a source that somebody else changed; gives their ids."""
    chosen = sa.select(clients.c.id).where(clients.c.source_id == source_id, unlike_seal(clients))
    connection.execute(sa.insert(altered_clients).from_select(["id"], chosen))
    return frozenset(connection.scalars(sa.select(altered_clients.c.id)))


def healings(connection: Connection, most: int) -> list[HealedClient]:
    """The altered clients that this read brings again, at most so many; before it is applied."""
    names = [name for name in CLIENT_COLUMNS if name != "fingerprint"]
    query = (
        sa.select(
            clients.c.id,
            clients.c.gone_on,
            *(clients.c[name].label(f"held_{name}") for name in names),
            *(staged_clients.c[name].label(f"given_{name}") for name in names),
        )
        .join(altered_clients, altered_clients.c.id == clients.c.id)
        .join(staged_clients, staged_clients.c.known_id == clients.c.id)
        .order_by(clients.c.id)
        .limit(most)
    )
    corrected = _corrected(connection)
    rows = connection.execute(query).all()
    return [_healed(dict(row._mapping), names, corrected.get(row.id, {})) for row in rows]


def _healed(
    row: Mapping[str, Any], names: list[str], corrected: Mapping[str, tuple[str, str]]
) -> HealedClient:
    held = {name: row[f"held_{name}"] for name in names} | {"gone_on": row["gone_on"]}
    given = {name: row[f"given_{name}"] for name in names} | {"gone_on": None}
    for name, (value, erp_value) in corrected.items():
        if given[name] == erp_value:
            given[name] = value  # laid on again once the read is applied
    differ = [name for name in held if held[name] != given[name]]
    code = row["given_code"]
    return HealedClient(code, {n: held[n] for n in differ}, {n: given[n] for n in differ})


def _corrected(connection: Connection) -> Mapping[int, Mapping[str, tuple[str, str]]]:
    """By client and field, what a person corrected and what the ERP said then."""
    table = client_corrections
    query = (
        sa.select(table.c.client_id, table.c.field, table.c.value, table.c.erp_value)
        .join(altered_clients, altered_clients.c.id == table.c.client_id)
        .where(table.c.ended_on.is_(None))
    )
    found: dict[int, dict[str, tuple[str, str]]] = defaultdict(dict)
    for client, field, value, erp_value in connection.execute(query):
        found[client][field] = (value, erp_value)
    return found


def remaining(connection: Connection, most: int) -> list[AlteredClient]:
    """The altered clients that this read does not bring, at most so many."""
    is_new = clients.c.seal.is_(None)
    query = (
        sa.select(*columns_of(AlteredClient, clients, is_new=is_new))
        .where(_left_out())
        .order_by(clients.c.id)
        .limit(most)
    )
    return records(connection, AlteredClient, query)


def count_remaining(connection: Connection) -> int:
    """How many of them there are."""
    query = sa.select(sa.func.count()).select_from(clients).where(_left_out())
    return int(connection.scalar(query) or 0)


def _left_out() -> sa.ColumnElement[bool]:
    brought = sa.select(staged_clients.c.known_id).where(staged_clients.c.known_id.is_not(None))
    return sa.and_(clients.c.id.in_(sa.select(altered_clients.c.id)), clients.c.id.not_in(brought))


def accept_gone(connection: Connection) -> None:
    """A client that a whole read no longer brings cannot heal: it is kept as it stands."""
    altered = clients.c.id.in_(sa.select(altered_clients.c.id))
    reseal(connection, clients, sa.and_(altered, clients.c.gone_on.is_not(None)))


def mark_compared(connection: Connection, source_id: int, on: date) -> None:
    """The clients of the source were compared on that business day."""
    change = sa.update(sources).where(sources.c.id == source_id)
    connection.execute(change.values(clients_compared_on=on))
