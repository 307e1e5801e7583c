"""Where placements and lots stand, as far as their provider says."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.contract.exchange import ClosingReason
from incasso.domain.placement.outcomes import Proposal
from incasso.domain.placement.states import LotState, PlacementState
from incasso.domain.recovery.states import CaseState
from incasso.store.records import columns_of, maybe_record, records
from incasso.store.tables.placement import lots, placement_rows, placements
from incasso.store.tables.recovery import cases


class Back(msgspec.Struct, frozen=True):
    """A row that came back, with the case that waited for it."""

    id: int
    installment_id: int
    case_id: int | None
    case_state: CaseState | None


def set_theirs(connection: Connection, placement: int, theirs: str) -> None:
    """The provider's own name of it, as it said it first."""
    mine = sa.and_(placements.c.id == placement, placements.c.theirs == "")
    connection.execute(sa.update(placements).where(mine).values(theirs=theirs))


def acknowledge(connection: Connection, lot: int, placement: int | None, at: datetime) -> None:
    """The provider has it: one placement, or all of the lot that it did not name before."""
    waiting = placements.c.state == PlacementState.HANDED_OVER
    which = placements.c.id == placement if placement else placements.c.lot_id == lot
    working = sa.update(placements).where(which, waiting)
    connection.execute(working.values(state=PlacementState.WORKING))
    handed = sa.and_(lots.c.id == lot, lots.c.state == LotState.HANDED_OVER)
    change = sa.update(lots).where(handed)
    connection.execute(change.values(state=LotState.WORKING, acknowledged_at=at))


def end(
    connection: Connection,
    placement: int,
    state: PlacementState,
    closing: ClosingReason | None,
    on: date,
    reason: str = "",
) -> None:
    """A placement is over, all its rows being back."""
    change = sa.update(placements).where(placements.c.id == placement)
    values = {"state": state, "closing": closing or "", "over_on": on, "reason": reason}
    connection.execute(change.values(**values))


def back(connection: Connection, rows: Collection[int]) -> list[Back]:
    """The rows of these numbers with their cases."""
    query = (
        sa.select(*columns_of(Back, placement_rows, case_state=cases.c.state))
        .outerjoin(cases, cases.c.id == placement_rows.c.case_id)
        .where(placement_rows.c.id.in_(list(rows)))
        .order_by(placement_rows.c.id)
    )
    return records(connection, Back, query)


def set_deleted(connection: Connection, lot: int, on: date) -> None:
    """The provider says that it deleted the data of the lot; the first day counts."""
    mine = sa.and_(lots.c.id == lot, lots.c.deleted_on.is_(None))
    connection.execute(sa.update(lots).where(mine).values(deleted_on=on))


def propose(
    connection: Connection, placement: int, proposal: Proposal | None, *, needs_report: bool
) -> None:
    """What a person has to decide now that a placement, or a row of it, is over."""
    change = sa.update(placements).where(placements.c.id == placement)
    connection.execute(change.values(proposes=proposal or "", needs_report=needs_report))


def extend(connection: Connection, placement: int, until: date) -> None:
    """The mandate for one placement ends on another day."""
    change = sa.update(placements).where(placements.c.id == placement)
    connection.execute(change.values(until=until))


class ToDecide(msgspec.Struct, frozen=True):
    """A placement that came back with something to decide."""

    client_id: int
    proposes: str
    needs_report: bool


def to_decide(connection: Connection, placement: int) -> ToDecide | None:
    """The placement of that number, locked, if there is anything to decide about it."""
    query = (
        sa.select(*columns_of(ToDecide, placements))
        .where(placements.c.id == placement)
        .where(sa.or_(placements.c.proposes != "", placements.c.needs_report))
        .with_for_update()
    )
    return maybe_record(connection, ToDecide, query)
