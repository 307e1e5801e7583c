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
from incasso.store.recovery.planning_rows import day_for, insert
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

OpenedCase = tuple[int, int, int, int | None, int, int]
"""Case, client, installment, step, residual, and the place of its opening."""


@dataclass(kw_only=True)
class OpenedPage:
    """What a page of ordinary installments comes to."""

    steps: list[NewStep] = field(default_factory=list)
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
    day_of = day_for(connection)
    insert(connection, steps, STEP_COLUMNS, step_rows(page.steps, day_of))
    if page.cases:
        ways = [
            (number, source, one.stage, *opening_row(one, day_of))
            for number, (source, one) in enumerate(zip(page.sources, page.openings, strict=True))
        ]
        load(connection, _openings, list(_openings.c), ways)
        load(connection, _opened, list(_opened.c), page.cases)
        for statement in (_NEW_CASES, _NEW_MEMBERS):
            connection.execute(statement)
        _empty(connection)
    agenda.look_again(connection, page.looks)


def _empty(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        for table in (_opened, _openings):
            connection.execute(sa.delete(table))


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
    if name in _OWN:
        return _OWN[name]
    return _opened.c[name] if name in _opened.c else _openings.c[name]


_NEW_CASES: Final = _from_scratch(cases, CASE_COLUMNS, *map(_column, CASE_COLUMNS))
_NEW_MEMBERS: Final = _from_scratch(step_cases, MEMBER_COLUMNS, *map(_column, MEMBER_COLUMNS))
