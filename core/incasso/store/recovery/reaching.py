"""How clients may be reached where that is their own matter: contacts, refusals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Set
from datetime import date
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.sending.client_contacts import ClientContact, Reaches, reaches_of
from incasso.domain.sending.consents import ConsentKind
from incasso.domain.sending.open_ways import NOTHING_CLOSED, Closed, Refusal, address_key, alike
from incasso.store.records import columns_of, records
from incasso.store.sql_ids import among, near
from incasso.store.tables.ledger import clients, sources
from incasso.store.tables.reaching import client_contacts, consents
from incasso.store.tables.sending import bad_addresses

REFUSED: Final = sa.and_(consents.c.kind == ConsentKind.REFUSED, consents.c.ended_on.is_(None))
"""Refusals that nobody took back; the day of some may have passed."""


CONTACT: Final = client_contacts.c.ended_on.is_(None)
"""Contacts that nobody took away."""


class StandingRefusal(msgspec.Struct, frozen=True):
    """What a client refused, and how the office knows."""

    medium: str
    address: str
    since: date
    until: date | None
    reason: str
    origin: str


class _Address(msgspec.Struct, frozen=True):
    client_id: int
    medium: str
    address: str


class _Refusal(msgspec.Struct, frozen=True):
    client_id: int
    medium: str
    address: str
    formal: bool


def closed(connection: Connection, ids: Collection[int], on: date) -> Mapping[int, Closed]:
    """What must not be used of these clients' addresses on that day; most have nothing."""
    wrong: dict[int, set[tuple[str, str]]] = defaultdict(set)
    query = sa.select(*columns_of(_Address, bad_addresses))
    for bad in records(connection, _Address, query.where(_of(connection, bad_addresses, ids))):
        if bad.client_id in ids:
            wrong[bad.client_id] |= {
                (medium, address_key(medium, bad.address)) for medium in alike(bad.medium)
            }
    refused: dict[int, list[Refusal]] = defaultdict(list)
    for one in records(connection, _Refusal, _refusals(connection, ids, on)):
        if one.client_id in ids:
            refused[one.client_id].append(Refusal(one.medium, one.address, one.formal))
    return {
        client: Closed(frozenset(wrong[client]), tuple(refused[client]))
        for client in {*wrong, *refused}
    }


def contacts(connection: Connection, ids: Collection[int]) -> Mapping[int, list[ClientContact]]:
    """The contacts that the hub keeps of these clients, by role; most have none."""
    table = client_contacts
    query = (
        sa.select(*columns_of(ClientContact, table, name=clients.c.name))
        .join(clients, clients.c.id == table.c.client_id)
        .where(_of(connection, table, ids), CONTACT)
        .order_by(table.c.client_id, table.c.role)
    )
    found: dict[int, list[ClientContact]] = defaultdict(list)
    for one in records(connection, ClientContact, query):
        if one.client_id in ids:
            found[one.client_id].append(one)
    return found


def read_reaches(connection: Connection, ids: Set[int], on: date) -> dict[int, Reaches]:
    """By what those of these clients are reached of whom the ERP's addresses do not tell all."""
    shut, kept = closed(connection, ids, on), contacts(connection, ids)
    found = {*shut, *kept}
    if not found:
        return {}
    query = (
        sa.select(clients, sources.c.country.label("home"))
        .join(sources, sources.c.id == clients.c.source_id)
        .where(among(connection, clients.c.id, found))
    )
    return {
        row.id: reaches_of(kept.get(row.id, ()), row, shut.get(row.id, NOTHING_CLOSED), row.home)
        for row in connection.execute(query)
    }


def standing(connection: Connection, client: int, on: date) -> list[StandingRefusal]:
    """What a client refused that stands on that day, earliest first."""
    query = sa.select(*columns_of(StandingRefusal, consents)).order_by(consents.c.id)
    return records(
        connection, StandingRefusal, query.where(consents.c.client_id == client, _stands(on))
    )


def _refusals(connection: Connection, ids: Collection[int], on: date) -> sa.Select[Any]:
    query = sa.select(*columns_of(_Refusal, consents)).order_by(consents.c.id)
    return query.where(_of(connection, consents, ids), _stands(on))


def _stands(on: date) -> sa.ColumnElement[bool]:
    lasts = sa.or_(consents.c.until.is_(None), consents.c.until >= on)
    return sa.and_(REFUSED, lasts, consents.c.since <= on)


def _of(connection: Connection, table: sa.Table, ids: Collection[int]) -> sa.ColumnElement[bool]:
    return near(connection, table.c.client_id, ids)
