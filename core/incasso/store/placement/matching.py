"""Finds the placements and rows that reports of a provider mean, among those handed to it.

What was handed to somebody else is not found, as if it did not exist.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.placement.states import LotState, PlacementState
from incasso.store.records import columns_of, records
from incasso.store.tables.ledger import clients, installments, sources
from incasso.store.tables.placement import lots, placement_rows, placements

_HANDED: Final = (LotState.HANDED_OVER, LotState.WORKING, LotState.CLOSED)
_NEVER_THERE: Final = (PlacementState.COMPOSED, PlacementState.DROPPED)


class Placed(msgspec.Struct, frozen=True):
    """A placement that a provider got, with what its reports are measured by."""

    id: int
    lot_id: int
    lot: str
    lot_state: LotState
    source_id: int
    source: str
    client_id: int
    client: str
    state: PlacementState
    theirs: str
    currency: str
    handed_on: date | None
    until: date | None
    over_on: date | None


class Credit(NamedTuple):
    """What names a credit where the other side does not repeat our names."""

    lot: str
    client: str
    document: str
    due: date | None


class LotSeen(msgspec.Struct, frozen=True):
    """A lot as a file may name it."""

    id: int
    code: str
    digest: str
    state: LotState


def handed_lot(connection: Connection, provider: str, code: str) -> LotSeen | None:
    """The lot of that code, if it was handed to this provider."""
    query = sa.select(*columns_of(LotSeen, lots)).where(
        lots.c.code == code, lots.c.provider == provider, lots.c.state.in_(_HANDED)
    )
    return next(iter(records(connection, LotSeen, query)), None)


def by_number(connection: Connection, provider: str, ids: Collection[int]) -> dict[int, Placed]:
    """The placements of these numbers."""
    if not ids:
        return {}
    found = records(connection, Placed, _placed(provider).where(placements.c.id.in_(list(ids))))
    return {each.id: each for each in found}


def by_their_name(
    connection: Connection, provider: str, names: Collection[str]
) -> dict[str, list[Placed]]:
    """The placements that the provider calls so; it may use a name again in another lot."""
    found: defaultdict[str, list[Placed]] = defaultdict(list)
    if names:
        named = placements.c.theirs != sa.literal_column("''")
        query = _placed(provider).where(named, placements.c.theirs.in_(list(names)))
        for each in records(connection, Placed, query):
            found[each.theirs].append(each)
    return found


def of_lot(connection: Connection, provider: str, lot: str) -> list[Placed]:
    """All placements of a lot."""
    query = _placed(provider).where(lots.c.code == lot).order_by(placements.c.id)
    return records(connection, Placed, query)


def placements_of_rows(connection: Connection, rows: Collection[int]) -> dict[int, int]:
    """To which placement each of these rows belongs."""
    if not rows:
        return {}
    table = placement_rows.c
    query = sa.select(table.id, table.placement_id).where(table.id.in_(list(rows)))
    return {each.id: each.placement_id for each in connection.execute(query)}


def by_credit(
    connection: Connection, provider: str, credits: Collection[Credit]
) -> Mapping[Credit, list[tuple[int, int]]]:
    """Placement and row of each credit that is described; more than one is as good as none."""
    found: defaultdict[Credit, list[tuple[int, int]]] = defaultdict(list)
    if not credits:
        return found
    query = (
        sa.select(
            placement_rows.c.placement_id,
            placement_rows.c.id,
            lots.c.code,
            clients.c.code,
            installments.c.document_number,
            installments.c.due_date,
        )
        .join(placements, placements.c.id == placement_rows.c.placement_id)
        .join(lots, lots.c.id == placements.c.lot_id)
        .join(clients, clients.c.id == placements.c.client_id)
        .join(installments, installments.c.id == placement_rows.c.installment_id)
        .where(lots.c.provider == provider, lots.c.state.in_(_HANDED))
        .where(clients.c.code.in_(sorted({each.client for each in credits})))
        .order_by(placement_rows.c.id)
    )
    known = connection.execute(query).all()
    for wanted in credits:
        for placement, row, *names in known:
            if _fits(wanted, Credit(*names)):
                found[wanted].append((placement, row))
    return found


def _fits(wanted: Credit, known: Credit) -> bool:
    """What is not said fits everything; a document is asked for, or a due date."""
    if not (wanted.document or wanted.due):
        return False
    return (
        wanted.client == known.client
        and wanted.lot in ("", known.lot)
        and wanted.document in ("", known.document)
        and wanted.due in (None, known.due)
    )


def _placed(provider: str) -> sa.Select[Any]:
    columns = columns_of(
        Placed,
        placements,
        lot=lots.c.code,
        lot_state=lots.c.state,
        source_id=lots.c.source_id,
        source=sources.c.name,
        client=clients.c.code,
        handed_on=lots.c.handed_on,
        until=sa.func.coalesce(placements.c.until, lots.c.until),
    )
    return (
        sa.select(*columns)
        .join(lots, lots.c.id == placements.c.lot_id)
        .join(sources, sources.c.id == lots.c.source_id)
        .join(clients, clients.c.id == placements.c.client_id)
        .where(lots.c.provider == provider, lots.c.state.in_(_HANDED))
        .where(placements.c.state.not_in(_NEVER_THERE))
    )
