"""Write the cases of a page that go into their next step into PostgreSQL in sets.

Why: on a normal day most of what falls due is a next stage. The other lane makes three objects of
each before it is a row; here a row is made of what all share that go on alike.

Must equal: what SQLite gets of the same page (`write_opened_sets`).
`tests/recovery/test_two_lanes.py` holds it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from incasso.store.recovery.planned_changes import Opening
from incasso.store.recovery.planning_rows import day_for, insert, update_by_id
from incasso.store.recovery.write_planned import (
    MEMBER_COLUMNS,
    MOVED,
    next_cycles,
    shown_row,
)
from incasso.store.tables.recovery import cases, step_cases

MovedRow = tuple[int, int, int, int]
"""Case, step, residual, and the number of what it shows from now on."""


def write_moved(
    connection: Connection, moved: Sequence[MovedRow], shown: Mapping[int, Opening]
) -> None:
    """Write which steps the cases are in, in the caller's transaction; the steps are there."""
    if not moved:
        return
    day_of = day_for(connection)
    cells = {number: (*shown_row(one.shown, day_of), one.skipped) for number, one in shown.items()}
    rows = [(*cells[number], step, case) for case, step, _, number in moved]
    update_by_id(connection, cases, MOVED, rows)
    stages = {number: one.stage for number, one in shown.items()}
    cycles = next_cycles(connection, [(case, stages[number]) for case, _, _, number in moved])
    members = [
        (step, case, stages[number], residual, cycles.get((case, stages[number]), 0))
        for case, step, residual, number in moved
    ]
    insert(connection, step_cases, MEMBER_COLUMNS, members)
