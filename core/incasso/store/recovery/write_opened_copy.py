"""Write the cases that a page opens into PostgreSQL: each table by one COPY.

Why: COPY writes a page of rows at a time, INSERT one row after the other; and temporary tables,
which serve SQLite (`write_opened_sets`), leave dead rows in the server's catalogue. What rows have
in common that open alike is made into text once.

Must equal: what SQLite gets of the same page (`write_opened_sets`).
`tests/recovery/test_side_by_side.py` holds it, and `tests/store/test_bulk.py` that no text leaves
its column.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from incasso.store.bulk import copy_lines, in_line
from incasso.store.recovery.opened_page import OpenedPage
from incasso.store.recovery.planning_rows import day_for
from incasso.store.recovery.write_planned import (
    CASE_COLUMNS,
    MEMBER_COLUMNS,
    STEP_COLUMNS,
    opening_row,
    step_rows,
)
from incasso.store.tables.recovery import cases, step_cases, steps

_OWN: Final = ("id", "client_id", "operator_id", "total")
_OF_PATTERN: Final = [place for place, name in enumerate(STEP_COLUMNS) if name not in _OWN]


def copy_sets(connection: Connection, page: OpenedPage) -> None:
    """Write a page's new steps, cases and members, in the caller's transaction."""
    if page.steps:
        _copy_steps(connection, page)
    if page.cases:
        _copy_cases(connection, page)
        _copy_members(connection, page)


def _copy_steps(connection: Connection, page: OpenedPage) -> None:
    rows = step_rows(list(page.patterns.values()), day_for(connection))
    shared = {
        number: in_line(row[place] for place in _OF_PATTERN)
        for number, row in zip(page.patterns, rows, strict=True)
    }
    lines = (
        f"{step}\t{client}\t{operator or _NULL}\t{total}\t{shared[like]}\n"
        for step, client, operator, total, like in page.steps
    )
    names = (*_OWN, *(STEP_COLUMNS[place] for place in _OF_PATTERN))
    copy_lines(connection, steps, names, lines)


def _copy_cases(connection: Connection, page: OpenedPage) -> None:
    day_of = day_for(connection)
    sources = {number: source for number, (source, _) in page.openings.items()}
    shared = {
        number: in_line(opening_row(one, day_of)) for number, (_, one) in page.openings.items()
    }
    lines = (
        f"{case}\t{sources[like]}\t{client}\t{number}\t{step or _NULL}\t{shared[like]}\n"
        for case, client, number, step, _, like in page.cases
    )
    copy_lines(connection, cases, CASE_COLUMNS, lines)


def _copy_members(connection: Connection, page: OpenedPage) -> None:
    stages = {number: in_line([one.stage]) for number, (_, one) in page.openings.items()}
    lines = (
        f"{step}\t{case}\t{stages[like]}\t{residual}\t0\n"
        for case, _, _, step, residual, like in page.cases
        if step is not None
    )
    copy_lines(connection, step_cases, MEMBER_COLUMNS, lines)


_NULL: Final = in_line([None])
