"""Write the cases that a page opens in sets: narrow rows in, wide ones made by the database.

Why: of a new case's twelve columns seven are the same for all that open alike, and its place in a
step repeats four more. Handing them over row by row costs twice what the database needs to copy
them itself.

Must equal: `write_planned.write_changes` with the same new cases and steps.
`tests/recovery/test_two_lanes.py` holds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Column, Connection, Integer, MetaData, Table

from incasso.store.bulk import load
from incasso.store.recovery import agenda
from incasso.store.recovery.planned_changes import NewStep, Opening
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
    # Gone with the connection; PostgreSQL empties them at each commit, on SQLite we do.
    return Table(
        name,
        _temporary,
        *columns,
        prefixes=["TEMPORARY"],
        postgresql_on_commit="DELETE ROWS",
    )


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

OpenedStep = tuple[int, int, int | None, int, int]
"""Step, client, operator, total, and the place of its pattern."""

OpenedCase = tuple[int, int, int, int | None, int, int]
"""Case, client, installment, step, residual, and the place of its opening."""


@dataclass(kw_only=True)
class OpenedPage:
    """What a page of ordinary installments comes to."""

    steps: list[OpenedStep] = field(default_factory=list)
    patterns: list[NewStep] = field(default_factory=list)
    """What steps have in common; number, client, operator and total are each one's own."""
    cases: list[OpenedCase] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)
    sources: list[int] = field(default_factory=list)
    """Of the openings: clients of one class have one source."""
    looks: list[tuple[date, int, int]] = field(default_factory=list)
    """The days of the next looks, each with client and installment."""


def prepare(connection: Connection) -> None:
    """Make the temporary tables that one connection needs, once."""
    _temporary.create_all(connection)
    connection.commit()


def write_opened(connection: Connection, page: OpenedPage) -> None:
    """Write a page's new steps, cases, members and next looks, in the caller's transaction."""
    if page.cases:
        for table, rows in _scratch_rows(connection, page).items():
            load(connection, table, list(table.c), rows)
        for statement in (_NEW_STEPS, _NEW_CASES, _NEW_MEMBERS):
            connection.execute(statement)
        if connection.dialect.name == "sqlite":
            for table in _temporary.sorted_tables:
                connection.execute(sa.delete(table))
    agenda.look_again(connection, page.looks)


def _scratch_rows(connection: Connection, page: OpenedPage) -> dict[Table, Sequence[Any]]:
    day_of = day_for(connection)
    openings = enumerate(zip(page.sources, page.openings, strict=True))
    patterns = enumerate(step_rows(page.patterns, day_of))
    return {
        _patterns: [(number, *row[1:]) for number, row in patterns],
        _opened_steps: page.steps,
        _openings: [
            (number, source, one.stage, *opening_row(one, day_of))
            for number, (source, one) in openings
        ],
        _opened: page.cases,
    }


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
