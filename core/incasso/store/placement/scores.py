"""What scorecards are made of, summed by the database: lots, money by day, what was done."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, FromClause

from incasso.contract.exchange import Service, UpdateKind
from incasso.domain.ledger.bands import BAND_NAMES, BANDS
from incasso.domain.office.actor import Scope
from incasso.domain.placement.states import EntryKind, UpdateStanding
from incasso.store.office.scope import within
from incasso.store.placement.fees import NOT_TAKEN
from incasso.store.records import records
from incasso.store.tables.exchange import exchange_updates
from incasso.store.tables.ledger import clients, sources
from incasso.store.tables.placement import lots, placement_entries, placement_rows, placements


class LotSums(msgspec.Struct, frozen=True):
    """A lot in one currency as it was handed over."""

    lot: str
    provider: str
    service: Service
    currency: str
    band: str
    handed_on: date
    placements: int
    rows: int
    placed: int


class DaySum(msgspec.Struct, frozen=True):
    """Entries of one kind and day, of a lot or of one placement."""

    lot: str
    currency: str
    band: str
    placement: int
    kind: EntryKind
    on_date: date
    amount: int


class FirstAction(msgspec.Struct, frozen=True):
    """The first action on a placement."""

    lot: str
    currency: str
    on_date: date


class PromiseRow(msgspec.Struct, frozen=True):
    """A promise on a placement."""

    lot: str
    currency: str
    placement: int
    on_date: date
    until: date
    amount: int | None


class Count(msgspec.Struct, frozen=True):
    """How many of a lot."""

    lot: str
    currency: str
    number: int


_PLACED: Final = (
    placements.join(lots, lots.c.id == placements.c.lot_id)
    .join(clients, clients.c.id == placements.c.client_id)
    .join(sources, sources.c.id == clients.c.source_id)
)
_MONEY: Final = (
    EntryKind.COLLECTED,
    EntryKind.REVERSED,
    EntryKind.DIRECT,
    EntryKind.DIRECT_REVERSED,
)


def _late() -> str:
    """The band of a row's lateness at the hand-over, as a constant of the query: PostgreSQL takes
    no parameters in what it groups by."""
    whens = (
        f"WHEN placement_rows.days_late <= {last} THEN '{name}'"
        for (_, last), name in zip(BANDS, BAND_NAMES, strict=True)
        if last is not None
    )
    not_due = "WHEN placement_rows.days_late <= 0 THEN 'not_due'"
    return f"CASE {not_due} {' '.join(whens)} ELSE '{BAND_NAMES[-1]}' END"


_BAND: Final = sa.literal_column(_late(), sa.Text)
_NO_BAND: Final = sa.literal_column("''", sa.Text)


def lot_sums(
    connection: Connection, scope: Scope, on: date, provider: str, *, by_band: bool = False
) -> list[LotSums]:
    """The lots that were handed over by that day, by code and currency; `by_band`: and by how late
    their debts were."""
    rows, band = placement_rows, _BAND if by_band else _NO_BAND
    by = (*_lot(), *((band,) if by_band else ()), lots.c.provider, lots.c.service, lots.c.handed_on)
    query = (
        sa.select(
            lots.c.code,
            lots.c.provider,
            lots.c.service,
            placements.c.currency,
            band,
            lots.c.handed_on,
            sa.func.count(placements.c.id.distinct()),
            sa.func.count(rows.c.id),
            _sum(rows.c.residual),
        )
        .select_from(_PLACED.join(rows, rows.c.placement_id == placements.c.id))
        .where(*_theirs(scope, on, provider))
        .group_by(*by)
        .order_by(lots.c.code, placements.c.currency, sa.func.min(rows.c.days_late))
    )
    return records(connection, LotSums, query)


def money_by_day(
    connection: Connection, scope: Scope, on: date, provider: str, *, by_band: bool = False
) -> list[DaySum]:
    """What came in and went back, by lot and day; `by_band` as above."""
    band = _BAND if by_band else _NO_BAND
    return _money(connection, scope, on, provider, sa.literal(0), band, sa.true())


def money_of_promises(
    connection: Connection, scope: Scope, on: date, provider: str
) -> list[DaySum]:
    """The same by placement, of placements with a promise."""
    promised = sa.select(exchange_updates.c.placement_id).where(*_reported(UpdateKind.PROMISE))
    only = placements.c.id.in_(promised)
    return _money(connection, scope, on, provider, placements.c.id, _NO_BAND, only)


def _money(
    connection: Connection,
    scope: Scope,
    on: date,
    provider: str,
    placement: ColumnElement[int],
    band: ColumnElement[str],
    only: ColumnElement[bool],
) -> list[DaySum]:
    rows, entries = placement_rows, placement_entries
    by: list[ColumnElement[Any]] = [*_lot(), entries.c.kind, entries.c.on_date]
    if isinstance(placement, sa.Column):
        by.append(placement)
    if band is _BAND:
        by.append(band)
    tables = _PLACED.join(rows, rows.c.placement_id == placements.c.id).join(
        entries, entries.c.row_id == rows.c.id
    )
    query = (
        sa.select(
            *_lot(), band, placement, entries.c.kind, entries.c.on_date, _sum(entries.c.amount)
        )
        .select_from(tables)
        .where(*_theirs(scope, on, provider), only)
        .where(entries.c.kind.in_(_MONEY), entries.c.on_date <= on)
        .group_by(*by)
    )
    return records(connection, DaySum, query)


def first_actions(
    connection: Connection, scope: Scope, on: date, provider: str
) -> list[FirstAction]:
    """Of each placement with an action the day of the first, one row for each."""
    day = _day()
    query = (
        sa.select(*_lot(), sa.func.min(day))
        .select_from(_with_updates())
        .where(*_theirs(scope, on, provider), *_reported(UpdateKind.ACTIVITY), day <= on)
        .group_by(*_lot(), placements.c.id)
    )
    return records(connection, FirstAction, query)


def promises(connection: Connection, scope: Scope, on: date, provider: str) -> list[PromiseRow]:
    """Every promise with a day that was reported by then."""
    updates = exchange_updates
    query = (
        sa.select(*_lot(), placements.c.id, _day(), updates.c.until, updates.c.amount)
        .select_from(_with_updates())
        .where(*_theirs(scope, on, provider), *_reported(UpdateKind.PROMISE))
        .where(updates.c.until.is_not(None), _day() <= on)
        .order_by(updates.c.id)
    )
    return records(connection, PromiseRow, query)


def complaints(connection: Connection, scope: Scope, on: date, provider: str) -> list[Count]:
    """How many complaints came."""
    query = (
        sa.select(*_lot(), sa.func.count())
        .select_from(_with_updates())
        .where(*_theirs(scope, on, provider), *_reported(UpdateKind.COMPLAINT), _day() <= on)
        .group_by(*_lot())
    )
    return records(connection, Count, query)


def _lot() -> tuple[sa.Column[str], sa.Column[str]]:
    return lots.c.code, placements.c.currency


def _with_updates() -> FromClause:
    return _PLACED.join(exchange_updates, exchange_updates.c.placement_id == placements.c.id)


def _theirs(scope: Scope, on: date, provider: str) -> tuple[ColumnElement[bool], ...]:
    """What a provider took by that day, as far as the scope sees it."""
    found = (
        lots.c.handed_on <= on,
        placements.c.state.not_in(NOT_TAKEN),
        within(scope),
    )
    return (*found, lots.c.provider == provider) if provider else found


def _reported(kind: UpdateKind) -> tuple[ColumnElement[bool], ...]:
    return (
        exchange_updates.c.kind == kind,
        exchange_updates.c.standing != UpdateStanding.REFUSED,
    )


def _day() -> ColumnElement[date]:
    return sa.func.coalesce(exchange_updates.c.on_date, exchange_updates.c.taken_on)


def _sum(column: ColumnElement[int]) -> ColumnElement[int]:
    """As a whole number: PostgreSQL sums large integers into decimals."""
    return sa.cast(sa.func.coalesce(sa.func.sum(column), 0), sa.BigInteger)
