"""Lots, and how they move: each change says from which states it may be made."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.contract.errors import IncassoError
from incasso.contract.exchange import Service
from incasso.contract.text import text
from incasso.domain.office.actor import Scope
from incasso.domain.placement.moves import LotMove, lot_after
from incasso.domain.placement.names import lot_code
from incasso.domain.placement.states import LotState
from incasso.store.records import columns_of, maybe_record, records
from incasso.store.tables.ledger import sources
from incasso.store.tables.placement import lots

CODES_LOCK: Final = 0x1CA553
"""Of PostgreSQL's advisory locks: two lots composed at once must not get one code."""


class LotChangedError(IncassoError):
    """Somebody else changed the lot meanwhile; nothing was done."""


class Lot(msgspec.Struct, frozen=True):
    """A lot as it stands; money in minor units by currency."""

    id: int
    code: str
    source_id: int
    source: str
    provider: str
    service: Service
    state: LotState
    name: str
    mandate: str
    composed_on: date
    composed_by: str
    chosen_by: Mapping[str, Any]
    digest: str
    placements: int
    rows: int
    sums: Mapping[str, int]
    frozen_at: datetime | None
    frozen_by: str
    approved_by: str
    approved_at: datetime | None
    handed_on: date | None
    until: date | None
    acknowledged_at: datetime | None
    closed_on: date | None
    reason: str


class NewLot(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a lot when it is composed."""

    source_id: int
    provider: str
    service: Service
    name: str
    mandate: str
    composed_on: date
    composed_by: str
    chosen_by: Mapping[str, Any]
    until: date | None = None


def find(connection: Connection, code: str, scope: Scope, *, lock: bool = False) -> Lot | None:
    """The lot of that code, if the scope shows it: a provider's own, else whole companies' only."""
    query = _lots().where(lots.c.code == code, in_scope(scope))
    return maybe_record(connection, Lot, query.with_for_update(of=lots) if lock else query)


def numbered(connection: Connection, number: int, *, lock: bool = False) -> Lot:
    """The lot of that number. Raises LookupError."""
    query = _lots().where(lots.c.id == number)
    found = maybe_record(connection, Lot, query.with_for_update(of=lots) if lock else query)
    if found is None:
        raise LookupError(number)
    return found


def in_states(connection: Connection, states: Collection[LotState]) -> list[Lot]:
    """The lots in these states, oldest first."""
    query = _lots().where(lots.c.state.in_(states)).order_by(lots.c.id)
    return records(connection, Lot, query)


def in_scope(scope: Scope) -> sa.ColumnElement[bool]:
    """The condition on `lots` and their `sources`, both joined. Who sees only some clients sees no
    lot, which is of many."""
    if (scope.agents, scope.depots, scope.operator) != (None, None, None):
        return sa.false()
    conditions: list[sa.ColumnElement[bool]] = [sa.true()]
    if scope.sources is not None:
        conditions.append(sources.c.name.in_(sorted(scope.sources)))
    if scope.providers is not None:
        conditions.append(lots.c.provider.in_(sorted(scope.providers)))
    return sa.and_(*conditions)


def make(connection: Connection, new: NewLot) -> tuple[int, str]:
    """A new lot, still empty: its number and its code."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(CODES_LOCK)))
    year = new.composed_on.year
    beginning = lot_code(year, 0)[:-4]
    of_year = lots.c.code.startswith(beginning, autoescape=True)
    number = connection.scalar(sa.select(sa.func.count()).where(of_year)) or 0
    code = lot_code(year, number + 1)  # a lot is never deleted
    beginning_state = {"code": code, "state": LotState.COMPOSED, "sums": {}}
    values = msgspec.structs.asdict(new) | beginning_state
    made = sa.insert(lots).values(values).returning(lots.c.id)
    return int(connection.execute(made).scalar_one()), code


def move(connection: Connection, lot: Lot, step: LotMove, **values: object) -> None:
    """Move a lot as it was read, and change fields of it.

    Raises IllegalMoveError, and LotChangedError if it has moved since it was read.
    """
    change(connection, lot, state=lot_after(lot.state, step), **values)


def change(connection: Connection, lot: Lot, **values: object) -> None:
    """Change fields of a lot that still is as it was read. Raises LotChangedError."""
    mine = sa.and_(lots.c.id == lot.id, lots.c.state == lot.state, lots.c.digest == lot.digest)
    if connection.execute(sa.update(lots).where(mine).values(**values)).rowcount != 1:
        raise LotChangedError(
            text("{lot} was changed by somebody else meanwhile: look at it again.", lot=lot.code)
        )


def _lots() -> sa.Select[Any]:
    columns = columns_of(Lot, lots, source=sources.c.name)
    return sa.select(*columns).join(sources, sources.c.id == lots.c.source_id)
