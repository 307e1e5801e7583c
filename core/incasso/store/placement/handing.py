"""Placements and their rows on the way out and back, with the cases behind them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.placement.moves import (
    PlacementMove,
    RowMove,
    placement_after,
    placements_that_may,
    row_after,
)
from incasso.domain.placement.states import PlacementState, RowState
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.states import NOT_BEGUN, CaseState, StepStatus
from incasso.store.placement import pages
from incasso.store.records import columns_of, records
from incasso.store.recovery import agenda, case_counts, case_progress
from incasso.store.sql_ids import among
from incasso.store.tables.ledger import clients, sources
from incasso.store.tables.placement import lots, placement_rows, placements
from incasso.store.tables.recovery import cases, step_cases, steps

_PAGE: Final = 1_000


class PlacementRow(msgspec.Struct, frozen=True):
    """One placement as it stands; the total in minor units."""

    id: int
    lot_id: int
    lot: str
    client_id: int
    source: str
    client: str
    currency: str
    state: PlacementState
    total: int
    until: date | None


def of_lot(
    connection: Connection, lot: int, states: Collection[PlacementState] = tuple(PlacementState)
) -> Iterator[PlacementRow]:
    """The placements of a lot in these states, in pages."""
    after = 0
    while page := records(connection, PlacementRow, _placements(lot, states, after)):
        yield from page
        after = page[-1].id


def _placements(lot: int, states: Collection[PlacementState], after: int) -> sa.Select[Any]:
    columns = columns_of(
        PlacementRow,
        placements,
        lot=lots.c.code,
        source=sources.c.name,
        client=clients.c.code,
    )
    return (
        sa.select(*columns)
        .join(lots, lots.c.id == placements.c.lot_id)
        .join(clients, clients.c.id == placements.c.client_id)
        .join(sources, sources.c.id == clients.c.source_id)
        .where(placements.c.lot_id == lot, placements.c.state.in_(states), placements.c.id > after)
        .order_by(placements.c.id)
        .limit(_PAGE)
    )


def move(
    connection: Connection,
    which: sa.ColumnElement[bool],
    step: PlacementMove,
    **values: object,
) -> int:
    """Move the placements for which a condition on `placements` holds, each from a state that may.
    How many."""
    moved = 0
    for state in sorted(placements_that_may(step)):
        mine = sa.and_(which, placements.c.state == state)
        change = sa.update(placements).where(mine)
        after = placement_after(state, step)
        moved += connection.execute(change.values(state=after, **values)).rowcount
    return moved


def move_rows(
    connection: Connection, which: sa.ColumnElement[bool], step: RowMove, **values: object
) -> int:
    """The same for rows, by a condition on `placement_rows`. How many."""
    before = RowState.PLACED if step is RowMove.END else RowState.COMPOSED
    change = sa.update(placement_rows).where(which, placement_rows.c.state == before)
    return connection.execute(change.values(state=row_after(before, step), **values)).rowcount


def rows_of(which: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """The rows of the placements for which a condition holds."""
    return placement_rows.c.placement_id.in_(sa.select(placements.c.id).where(which))


def these_rows(ids: Collection[int]) -> sa.ColumnElement[bool]:
    """The rows of these numbers."""
    return placement_rows.c.id.in_(list(ids))


def in_lot(lot: int) -> sa.ColumnElement[bool]:
    """The placements of a lot."""
    return placements.c.lot_id == lot


def stop_house(connection: Connection, lot: int, on: date, why: str) -> int:
    """The cases of a lot that leaves: out of every step that has not left, and placed. A step that
    only proposed the placement waits until the lot has left. How many cases."""
    stopped = 0
    for some in _case_pages(connection, lot, CaseState.OPEN, CaseState.PARKED):
        waiting = (
            sa.select(cases.c.id)
            .join(steps, steps.c.id == cases.c.step_id)
            .where(among(connection, cases.c.id, some))
            .where(steps.c.status.in_(NOT_BEGUN), steps.c.action != Action.PLACE)
        )
        leaving = list(connection.scalars(waiting.order_by(cases.c.id)))
        case_progress.release(connection, leaving, on, why)
        _place(connection, some, on)
        stopped += len(some)
    return stopped


def count_proposals(connection: Connection, lot: int, on: date) -> int:
    """The steps that proposed what has now left are done, and their stage counts; a case that such
    a step has and the lot has not is proposed again. How many steps."""
    done = 0
    for some in _case_pages(connection, lot, CaseState.PLACED):
        proposing = (
            sa.select(steps.c.id)
            .join(step_cases, step_cases.c.step_id == steps.c.id)
            .join(cases, sa.and_(cases.c.id == step_cases.c.case_id, cases.c.step_id == steps.c.id))
            .where(among(connection, cases.c.id, some), steps.c.action == Action.PLACE)
            .where(steps.c.status.in_((*NOT_BEGUN, StepStatus.WORKING)))
            .distinct()
        )
        found = list(connection.scalars(proposing))
        if not found:
            continue
        others = sa.select(cases.c.id).where(
            among(connection, cases.c.step_id, found), cases.c.state != CaseState.PLACED
        )
        case_progress.release(connection, list(connection.scalars(others)), on, "")
        connection.execute(
            sa.update(steps)
            .where(among(connection, steps.c.id, found))
            .values(status=StepStatus.DONE, done_on=on)
        )
        case_progress.count(connection, found, on)
        done += len(found)
    return done


def resume_house(connection: Connection, rows: sa.ColumnElement[bool], on: date) -> int:
    """The cases behind some rows run on where they were: parked ones in their container. Planning
    looks at them that day. How many."""
    inside = sa.select(placement_rows.c.case_id).where(rows, placement_rows.c.case_id.is_not(None))
    mine = sa.and_(cases.c.id.in_(inside), cases.c.state == CaseState.PLACED)
    resumed = list(connection.scalars(sa.select(cases.c.id).where(mine)))
    for state, lies in ((CaseState.PARKED, cases.c.container != ""), (CaseState.OPEN, sa.true())):
        connection.execute(sa.update(cases).where(mine, lies).values(state=state))
    about = sa.select(placement_rows.c.installment_id).where(rows)
    agenda.review_on(connection, about, on)
    _recount(connection, resumed)
    return len(resumed)


def cases_of(connection: Connection, lot: int) -> Iterator[list[int]]:
    """The placed cases of a lot, in pages."""
    yield from _case_pages(connection, lot, CaseState.PLACED)


def _place(connection: Connection, ids: Collection[int], on: date) -> None:
    mine = among(connection, cases.c.id, ids)
    connection.execute(sa.update(cases).where(mine).values(state=CaseState.PLACED))
    # The next look says what it waits for.
    agenda.review_on(connection, sa.select(cases.c.installment_id).where(mine), on)
    _recount(connection, ids)


def _recount(connection: Connection, ids: Collection[int]) -> None:
    owners = sa.select(cases.c.client_id).where(among(connection, cases.c.id, ids)).distinct()
    case_counts.count_again(connection, list(connection.scalars(owners)))


def _case_pages(connection: Connection, lot: int, *states: CaseState) -> Iterator[list[int]]:
    """The running cases of the installments in a lot, whichever runs now, in pages."""
    for numbers in pages.of_lot(connection, lot):
        inside = sa.select(placement_rows.c.installment_id).where(
            among(connection, placement_rows.c.placement_id, numbers),
            placement_rows.c.state != RowState.OVER,
        )
        query = sa.select(cases.c.id).where(
            cases.c.installment_id.in_(inside), _RUNNING, cases.c.state.in_(states)
        )
        found = list(connection.scalars(query.order_by(cases.c.id)))
        if found:
            yield found


# In the words of the index of running cases.
_RUNNING: Final = sa.text("cases.state <> 'closed'")
