"""Put back what an act changed, as long as every record is still as the act left it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, Table

from incasso.domain.acts.undo import Before, Change, Made, Thing
from incasso.store import seals
from incasso.store.proof.sealed_rows import SEALED
from incasso.store.recovery.before import TABLES, plain
from incasso.store.tables import metadata
from incasso.store.tables.columns import Instant
from incasso.store.tables.recovery import step_cases
from incasso.store.written_rows import written


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A record that changed since the act."""

    thing: Thing
    id: int
    field: str
    """Empty: the record is gone, or others rest on it now."""
    now: str = ""


def take_back(connection: Connection, before: Before) -> Difference | None:
    """From the end to the beginning; the first record that is not as the act left it.

    Where there is one, part of it is done: the caller's transaction must not be committed.
    """
    for made in before.made:
        if found := _differs(connection, made.thing, made.id, made.after) or _unmake(
            connection, made
        ):
            return found
    for change in reversed(before.changes):
        if found := _differs(connection, change.thing, change.id, change.after):
            return found
        _restore(connection, change)
    for left in before.left:
        values = msgspec.structs.asdict(left)
        place = {"case_id": values.pop("case"), "step_id": values.pop("step"), **values}
        connection.execute(sa.insert(step_cases).values(place))
    return None


def steps_about(connection: Connection, cases: Collection[int]) -> set[int]:
    """Every step that some cases were ever in."""
    query = sa.select(step_cases.c.step_id).where(step_cases.c.case_id.in_(cases))
    return set(connection.scalars(query))


def _differs(
    connection: Connection, thing: Thing, number: int, after: Mapping[str, Any]
) -> Difference | None:
    table = TABLES[thing]
    row = connection.execute(sa.select(table).where(table.c.id == number)).one_or_none()
    if row is None:
        return Difference(thing=thing, id=number, field="")
    for field, value in after.items():
        if field in table.c and plain(row._mapping[field]) != value:
            now = plain(row._mapping[field])
            return Difference(thing=thing, id=number, field=field, now=str(now))
    return None


def _restore(connection: Connection, change: Change) -> None:
    table = TABLES[change.thing]
    values = {name: _typed(table, name, value) for name, value in change.before.items()}
    if change.thing is Thing.CLIENT:
        seals.change(connection, table, change.id, values)
    else:
        connection.execute(sa.update(table).where(table.c.id == change.id).values(values))
    if table.name in SEALED:
        written(connection, table.name, change.id)


def _unmake(connection: Connection, made: Made) -> Difference | None:
    """Delete a record with the rows that are part of it; others that rest on it forbid it."""
    table = TABLES[made.thing]
    for other, column in _resting_on(table):
        if column.primary_key:
            connection.execute(sa.delete(other).where(column == made.id))
            if other.name in SEALED:
                written(connection, other.name, made.id)
        elif connection.scalar(sa.select(column).where(column == made.id).limit(1)) is not None:
            return Difference(thing=made.thing, id=made.id, field="")
    connection.execute(sa.delete(table).where(table.c.id == made.id))
    if table.name in SEALED:
        written(connection, table.name, made.id)
    return None


def _resting_on(table: Table) -> Iterator[tuple[Table, sa.Column[Any]]]:
    for other in metadata.tables.values():
        for column in other.c:
            if any(key.column.table is table for key in column.foreign_keys):
                yield other, column


def _typed(table: Table, name: str, value: Any) -> Any:
    """A value of the journal as its column wants it."""
    kind = table.c[name].type
    if value is not None and isinstance(kind, Instant):
        return datetime.fromisoformat(value)
    if value is not None and isinstance(kind, sa.Date):
        return date.fromisoformat(value)
    return value
