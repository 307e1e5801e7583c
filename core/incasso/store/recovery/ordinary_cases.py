"""Running cases about which there is nothing out of the ordinary, read narrowly.

Why: on a normal day most of what falls due is the next stage of a case that runs. One that stands
between two stages, with nothing of its own, needs no step and no private stages read.

Must equal: `facts_cases.CaseReader` gives the same case. `tests/recovery/test_two_lanes.py` holds
it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from msgspec.structs import astuple
from sqlalchemy import Connection

from incasso.domain.recovery.states import CaseState
from incasso.store.recovery.facts_cases import CaseRow, RunningCase, running_case
from incasso.store.recovery.one_text import of_one_text, one_text
from incasso.store.sql_ids import among, raw_columns
from incasso.store.tables.recovery import cases

_COLUMNS: Final = (
    "iter_version_id",
    "unpaid",
    "stage",
    "counted_on",
    "next_stage",
    "next_due_on",
    "blocked_by",
    "skipped",
)


class WaitingCases(NamedTuple):
    """Cases that run, by number."""

    shared: Mapping[int, str | None]
    """What each shares with its like; null: it is out of the ordinary."""
    operators: Mapping[int, int]
    """Who works it, if not whoever works its client."""


NO_CASES: Final = WaitingCases({}, {})


def read_cases(connection: Connection, ids: Collection[int]) -> WaitingCases:
    """These cases.

    They are locked: an act that comes at this moment waits, and finds what planning wrote.
    """
    shared = sa.case((_is_ordinary(), one_text([cases.c[name] for name in _COLUMNS])))
    query = (
        sa.select(cases.c.id, shared.label("shared"), cases.c.operator_id)
        .where(among(connection, cases.c.id, ids))
        .order_by(cases.c.id)
        .with_for_update()
    )
    numbers, alike, operators = raw_columns(connection, query)
    working = zip(numbers, operators, strict=True)
    return WaitingCases(
        dict(zip(numbers, alike, strict=True)),
        {case: operator for case, operator in working if operator is not None},
    )


def _is_ordinary() -> sa.ColumnElement[bool]:
    """Whether it waits for its next stage, and all of its story is in the shared columns."""
    columns = cases.c
    return sa.and_(
        columns.state == CaseState.OPEN,
        columns.step_id.is_(None),
        columns.counted_on.is_not(None),
        columns.next_due_on.is_not(None),
        columns.blocked_by != "review",
        columns.moved_to.is_(None),
        sa.func.coalesce(sa.cast(columns.private_stages, sa.Text), "null") == "null",
        columns.container == "",
    )


def whole_case(alike: str) -> RunningCase | None:
    """One of the cases that share this, as the other lane reads it. Null: one of the texts makes it
    unclear where the next begins."""
    parts = of_one_text(alike)
    if len(parts) != len(_COLUMNS):
        return None
    read: dict[str, Any] = dict(zip(_COLUMNS, parts, strict=True))
    read |= {"iter_version_id": int(read["iter_version_id"]), "unpaid": bool(read["unpaid"])}
    # The day it opened matters only until a stage has counted: any will do.
    read["opened_on"] = read["counted_on"]
    row = CaseRow(**{**_USUAL, **read})
    return running_case(row, astuple(row))


_USUAL: Final[dict[str, Any]] = {
    **dict.fromkeys(CaseRow.__struct_fields__),
    "installment_id": 0,
    "id": 0,
    "state": CaseState.OPEN.value,
    "container": "",
}
