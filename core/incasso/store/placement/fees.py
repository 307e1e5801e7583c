"""The money of placements and the lines of fee notes, page by page of placements."""

from __future__ import annotations

from collections.abc import Collection, Generator
from datetime import date
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.contract.exchange import NoticeKind, Service, UpdateKind
from incasso.domain.office.actor import Scope
from incasso.domain.placement.states import EntryKind, PlacementState, UpdateStanding
from incasso.store.office.scope import within
from incasso.store.records import columns_of, records
from incasso.store.sql_ids import among
from incasso.store.tables.exchange import exchange_notices, exchange_updates
from incasso.store.tables.ledger import clients, sources
from incasso.store.tables.placement import lots, placement_entries, placement_rows, placements

_PAGE: Final = 1000


class PlacementHead(msgspec.Struct, frozen=True):
    """A placement that was handed over, as fees see it."""

    id: int
    lot: str
    provider: str
    service: Service
    source: str
    client: str
    client_name: str
    currency: str
    total: int
    handed_on: date
    over_on: date | None


class EntryRow(msgspec.Struct, frozen=True):
    """A movement of the account of a placed row."""

    id: int
    placement: int
    row: int
    kind: EntryKind
    amount: int
    on_date: date
    days_late: int
    corrects: int | None
    update_id: str | None
    """The provider's own id of it; None: the ledger made it."""


class FeeRow(msgspec.Struct, frozen=True):
    """A line of a fee note."""

    id: int
    placement: int | None
    update_id: str
    corrects: str
    on_date: date
    amount: int
    currency: str


class ToldPayment(msgspec.Struct, frozen=True):
    """A direct payment as the provider was told of it: the name by which it may ask a fee."""

    name: str
    row: int | None
    on_date: date
    amount: int


class HeardPayment(msgspec.Struct, frozen=True):
    """A direct payment that the provider heard of: by its own id it may ask a fee."""

    update_id: str
    placement: int
    amount: int


_JOINED: Final = (
    placements.join(lots, lots.c.id == placements.c.lot_id)
    .join(clients, clients.c.id == placements.c.client_id)
    .join(sources, sources.c.id == clients.c.source_id)
)

NOT_TAKEN: Final = (PlacementState.COMPOSED, PlacementState.REFUSED, PlacementState.DROPPED)
"""Placements that no provider works: they are not in its accounts."""


def handed_over(
    connection: Connection, scope: Scope, until: date, provider: str = ""
) -> Generator[list[PlacementHead], None, None]:
    """The placements that a provider took by that day, in pages; all providers without a key."""
    query = sa.select(
        *columns_of(
            PlacementHead,
            placements,
            lot=lots.c.code,
            provider=lots.c.provider,
            service=lots.c.service,
            source=sources.c.name,
            client=clients.c.code,
            client_name=clients.c.name,
            handed_on=lots.c.handed_on,
        )
    ).select_from(_JOINED)
    query = query.where(
        lots.c.handed_on <= until, placements.c.state.not_in(NOT_TAKEN), within(scope)
    )
    if provider:
        query = query.where(lots.c.provider == provider)
    after = 0
    while page := records(
        connection,
        PlacementHead,
        query.where(placements.c.id > after).order_by(placements.c.id).limit(_PAGE),
    ):
        yield page
        after = page[-1].id


def entries_of(connection: Connection, ids: Collection[int], until: date) -> list[EntryRow]:
    """The movements of money of these placements up to that day, in the order of their days."""
    entries, rows, updates = placement_entries, placement_rows, exchange_updates
    money = (
        EntryKind.COLLECTED,
        EntryKind.REVERSED,
        EntryKind.DIRECT,
        EntryKind.DIRECT_REVERSED,
    )
    columns = columns_of(
        EntryRow,
        entries,
        placement=rows.c.placement_id,
        row=rows.c.id,
        days_late=rows.c.days_late,
        corrects=entries.c.corrects_id,
        update_id=updates.c.update_id,
    )
    query = (
        sa.select(*columns)
        .select_from(
            entries.join(rows, rows.c.id == entries.c.row_id).outerjoin(
                updates, updates.c.id == entries.c.update_id
            )
        )
        .where(among(connection, rows.c.placement_id, ids))
        .where(entries.c.kind.in_(money), entries.c.on_date <= until)
        .order_by(rows.c.placement_id, entries.c.on_date, entries.c.id)
    )
    return records(connection, EntryRow, query)


def fee_lines(connection: Connection, ids: Collection[int], until: date) -> list[FeeRow]:
    """What was asked for these placements up to that day."""
    query = _fees(until).where(among(connection, exchange_updates.c.placement_id, ids))
    return records(connection, FeeRow, query)


def stray_fee_lines(connection: Connection, provider: str, until: date) -> list[FeeRow]:
    """What was asked for placements that there are not."""
    updates = exchange_updates
    query = _fees(until).where(updates.c.provider == provider, updates.c.placement_id.is_(None))
    return records(connection, FeeRow, query)


def _fees(until: date) -> sa.Select[tuple[int]]:
    updates = exchange_updates
    day = sa.func.coalesce(updates.c.on_date, updates.c.taken_on)
    columns = columns_of(
        FeeRow,
        updates,
        placement=updates.c.placement_id,
        on_date=day,
        amount=sa.func.coalesce(updates.c.amount, 0),
    )
    query: sa.Select[tuple[int]] = (
        sa.select(*columns)
        .where(updates.c.kind == UpdateKind.FEE, day <= until)
        .where(updates.c.standing != UpdateStanding.REFUSED)
        .order_by(updates.c.id)
    )
    return query


def told_payments(connection: Connection, ids: Collection[int]) -> list[ToldPayment]:
    """The direct payments that the provider was told of, of these placements."""
    notices = exchange_notices
    query = (
        sa.select(*columns_of(ToldPayment, notices, row=notices.c.row_id))
        .where(among(connection, notices.c.placement_id, ids))
        .where(notices.c.kind == NoticeKind.DIRECT_PAYMENT, notices.c.amount.is_not(None))
        .order_by(notices.c.id)
    )
    return records(connection, ToldPayment, query)


def heard_payments(connection: Connection, ids: Collection[int]) -> list[HeardPayment]:
    """The direct payments that the provider told us of, of these placements."""
    updates = exchange_updates
    query = (
        sa.select(*columns_of(HeardPayment, updates, placement=updates.c.placement_id))
        .where(among(connection, updates.c.placement_id, ids))
        .where(updates.c.kind == UpdateKind.DIRECT_PAYMENT, updates.c.amount.is_not(None))
        .where(updates.c.standing != UpdateStanding.REFUSED)
        .order_by(updates.c.id)
    )
    return records(connection, HeardPayment, query)
