"""Write the cases of a page into SQLite in sets: narrow rows in, wide ones made by it.

Why: of a new case's twelve columns seven are the same for all that open alike, and its place in a
step repeats four more; one that goes on shows what others show. Handing them over row by row costs
twice what the database needs to copy them itself. The statements are texts: on a normal day
SQLAlchemy would need as long to make them as SQLite to run them.

Must equal: `write_planned.write_changes` with the same new and moved cases and steps.
`tests/recovery/test_two_lanes.py` holds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from incasso.store.recovery.opened_page import OpenedPage
from incasso.store.recovery.planning_rows import day_for
from incasso.store.recovery.write_planned import (
    CASE_COLUMNS,
    MEMBER_COLUMNS,
    MOVED,
    STEP_COLUMNS,
    opening_row,
    step_rows,
)

_OF_CASE: Final = ("case_id", "client_id", "installment_id", "step_id", "residual", "opening")
"""Of one new case. Without a step it opens while something blocks it."""

_OF_OPENING: Final = (
    "number",
    "source_id",
    "stage",  # of the first step
    *CASE_COLUMNS[CASE_COLUMNS.index("iter_version_id") :],
)
_OF_MOVED: Final = ("case_id", "step_id", "residual", "opening")
"""Of one that goes into its next step."""

_OF_STEP: Final = ("step_id", "client_id", "operator_id", "total", "pattern")
_OF_PATTERN: Final = ("number", *STEP_COLUMNS[1:])

# Gone with the connection; emptied after each page. A number is a key; other rows are gone through
# in the order in which they came, which is that of their clients and steps.
_SCRATCH: Final = {
    "step_patterns": _OF_PATTERN,
    "opened_steps": _OF_STEP,
    "openings": _OF_OPENING,
    "opened_cases": _OF_CASE,
    "moved_cases": _OF_MOVED,
}


def make_tables(connection: Connection) -> None:
    """Make the temporary tables that one connection needs, once."""
    driver: Any = connection.connection.driver_connection
    for table, names in _SCRATCH.items():
        keyed = (f"{name} INTEGER PRIMARY KEY" if name == "number" else name for name in names)
        driver.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS {table} ({', '.join(keyed)})")
    connection.commit()


def write_sets(connection: Connection, page: OpenedPage) -> None:
    """Write a page's new steps, its new and moved cases and their members, in the caller's
    transaction."""
    driver: Any = connection.connection.driver_connection
    for name, rows in _scratch_rows(connection, page):
        marks = ", ".join("?" * len(_SCRATCH[name]))
        driver.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
    if page.steps:
        driver.execute(_NEW_STEPS)
    if page.cases:
        driver.execute(_NEW_CASES)
        driver.execute(_NEW_MEMBERS)
    if page.moved:
        driver.execute(_MOVE_CASES)
        driver.execute(_MOVED_MEMBERS)
    for name in _SCRATCH:
        driver.execute(f"DELETE FROM {name}")


def _scratch_rows(
    connection: Connection, page: OpenedPage
) -> Iterator[tuple[str, Iterable[Sequence[Any]]]]:
    day_of = day_for(connection)
    patterns = zip(page.patterns, step_rows(list(page.patterns.values()), day_of), strict=True)
    yield "step_patterns", [(number, *row[1:]) for number, row in patterns]
    yield "opened_steps", page.steps
    openings = page.openings.items()
    yield (
        "openings",
        [
            (number, source, one.stage, *opening_row(one, day_of))
            for number, (source, one) in openings
        ],
    )
    yield "opened_cases", page.cases
    yield "moved_cases", page.moved


def _columns(names: Sequence[str], named: dict[str, str], own: Sequence[str]) -> str:
    """What each column is filled with: by another name, out of each one's own row (o), or out of
    what it shares with its like (s)."""
    filled = (named.get(name) or f"{'o' if name in own else 's'}.{name}" for name in names)
    return ", ".join(filled)


_OPENED: Final = "FROM opened_cases AS o CROSS JOIN openings AS s ON s.number = o.opening"

_NEW_STEPS: Final = f"""
INSERT INTO steps ({", ".join(STEP_COLUMNS)})
SELECT {_columns(STEP_COLUMNS, {"id": "o.step_id"}, _OF_STEP)}
FROM opened_steps AS o CROSS JOIN step_patterns AS s ON s.number = o.pattern
"""

_NEW_CASES: Final = f"""
INSERT INTO cases ({", ".join(CASE_COLUMNS)})
SELECT {_columns(CASE_COLUMNS, {"id": "o.case_id"}, _OF_CASE)} {_OPENED}
"""

_NEW_MEMBERS: Final = f"""
INSERT INTO step_cases ({", ".join(MEMBER_COLUMNS)})
SELECT {_columns(MEMBER_COLUMNS, {"cycle": "0"}, _OF_CASE)} {_OPENED}
WHERE o.step_id IS NOT NULL
"""

_OF_MOVE: Final = [name for name, _ in MOVED if name != "step_id"]
_MOVED: Final = "FROM moved_cases AS o CROSS JOIN openings AS s ON s.number = o.opening"

_MOVE_CASES: Final = f"""
UPDATE cases SET step_id = o.step_id, {", ".join(f"{name} = s.{name}" for name in _OF_MOVE)}
{_MOVED} WHERE cases.id = o.case_id
"""

# A case that has been in the stage before is in it once more.
_CYCLE: Final = """coalesce((
    SELECT max(b.cycle) + 1 FROM step_cases AS b WHERE b.case_id = o.case_id AND b.stage = s.stage
), 0)"""

_MOVED_MEMBERS: Final = f"""
INSERT INTO step_cases ({", ".join(MEMBER_COLUMNS)})
SELECT {_columns(MEMBER_COLUMNS, {"cycle": _CYCLE}, _OF_MOVED)} {_MOVED}
"""
