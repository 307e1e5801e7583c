"""Write the cases that a page opens into SQLite in sets: narrow rows in, wide ones made by it.

Why: of a new case's twelve columns seven are the same for all that open alike, and its place in a
step repeats four more. Handing them over row by row costs twice what the database needs to copy
them itself.

Must equal: `write_planned.write_changes` with the same new cases and steps.
`tests/recovery/test_two_lanes.py` holds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Column, Connection, Integer, MetaData, Table
from sqlalchemy.schema import CreateTable

from incasso.store.bulk import load
from incasso.store.recovery.opened_page import OpenedPage
from incasso.store.recovery.planning_rows import day_for
from incasso.store.recovery.write_planned import (
    CASE_COLUMNS,
    MEMBER_COLUMNS,
    STEP_COLUMNS,
    opening_row,
    step_rows,
)
from incasso.store.tables.columns import Id, Minor
from incasso.store.tables.recovery import cases, step_cases, steps

_temporary: Final = MetaData()


def _scratch(name: str, *columns: Column[Any]) -> Table:
    # Gone with the connection; emptied after each page.
    return Table(name, _temporary, *columns, prefixes=["TEMPORARY"])


_opened = _scratch(
    "opened_cases",
    Column("case_id", Id, primary_key=True, autoincrement=False),
    Column("client_id", Id),
    Column("installment_id", Id),
    Column("step_id", Id),  # null: it opens while something blocks it
    Column("residual", Minor),
    Column("opening", Integer),
)
_openings = _scratch(
    "openings",
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("source_id", Integer),
    Column("stage", sa.Text),  # of the first step
    *(
        Column(name, cases.c[name].type)
        for name in CASE_COLUMNS[CASE_COLUMNS.index("iter_version_id") :]
    ),
)
_opened_steps = _scratch(
    "opened_steps",
    Column("step_id", Id, primary_key=True, autoincrement=False),
    Column("client_id", Id),
    Column("operator_id", Id),
    Column("total", Minor),
    Column("pattern", Integer),
)
_patterns = _scratch(
    "step_patterns",
    Column("number", Integer, primary_key=True, autoincrement=False),
    *(Column(name, steps.c[name].type) for name in STEP_COLUMNS[1:]),
)


def make_tables(connection: Connection) -> None:
    """Make the temporary tables that one connection needs, once."""
    for table in _temporary.sorted_tables:
        connection.execute(CreateTable(table, if_not_exists=True))
    connection.commit()


def write_sets(connection: Connection, page: OpenedPage) -> None:
    """Write a page's new steps, cases and members, in the caller's transaction."""
    filled = [
        table for table, rows in _scratch_rows(connection, page) if _fill(connection, table, rows)
    ]
    if _opened_steps in filled:
        connection.execute(_NEW_STEPS)
    if _opened in filled:
        connection.execute(_NEW_CASES)
        connection.execute(_NEW_MEMBERS)
    for table in filled:
        connection.execute(sa.delete(table))


def _fill(connection: Connection, table: Table, rows: Sequence[Any]) -> bool:
    if rows:
        load(connection, table, list(table.c), rows)
    return bool(rows)


def _scratch_rows(
    connection: Connection, page: OpenedPage
) -> Iterator[tuple[Table, Sequence[Any]]]:
    day_of = day_for(connection)
    patterns = zip(page.patterns, step_rows(list(page.patterns.values()), day_of), strict=True)
    yield _patterns, [(number, *row[1:]) for number, row in patterns]
    yield _opened_steps, page.steps
    openings = page.openings.items() if page.cases else ()
    yield (
        _openings,
        [
            (number, source, one.stage, *opening_row(one, day_of))
            for number, (source, one) in openings
        ],
    )
    yield _opened, page.cases


def _own_or_shared(name: str, own: Table, shared: Table) -> Any:
    return own.c[name] if name in own.c else shared.c[name]


_NEW_STEPS: Final = sa.insert(steps).from_select(
    list(STEP_COLUMNS),
    sa.select(
        _opened_steps.c.step_id,
        *(_own_or_shared(name, _opened_steps, _patterns) for name in STEP_COLUMNS[1:]),
    )
    .select_from(_opened_steps)
    .join(_patterns, _patterns.c.number == _opened_steps.c.pattern)
    .order_by(_opened_steps.c.step_id),
    include_defaults=False,
)


def _from_scratch(table: Table, names: Sequence[str], *columns: Any) -> sa.Insert:
    query = (
        sa.select(*columns)
        .select_from(_opened)
        .join(_openings, _openings.c.number == _opened.c.opening)
        .order_by(_opened.c.case_id)
    )
    if table is step_cases:
        query = query.where(_opened.c.step_id.is_not(None))
    return sa.insert(table).from_select(list(names), query, include_defaults=False)


_OWN: Final = {"id": _opened.c.case_id, "case_id": _opened.c.case_id, "cycle": sa.literal(0)}


def _column(name: str) -> Any:
    return _OWN[name] if name in _OWN else _own_or_shared(name, _opened, _openings)


_NEW_CASES: Final = _from_scratch(cases, CASE_COLUMNS, *map(_column, CASE_COLUMNS))
_NEW_MEMBERS: Final = _from_scratch(step_cases, MEMBER_COLUMNS, *map(_column, MEMBER_COLUMNS))
