"""Acts as the journal has them: the last one of somebody, and what came after one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, Select

from incasso.store.records import columns_of, maybe_record, records
from incasso.store.tables.proof import journal

UNDONE: Final = "act.undone"
"""The event of an act that was taken back; its fact `event` is the number of that act's event."""

_LOOKED_THROUGH: Final = 1000


class PastEvent(msgspec.Struct, frozen=True):
    """One event, as far as taking back asks."""

    id: int
    on_date: date
    actor: str
    kind: str
    source: str
    client: str
    subject: str
    facts: Mapping[str, Any]


def event(connection: Connection, number: int) -> PastEvent | None:
    """The event of that number."""
    return maybe_record(connection, PastEvent, _events().where(journal.c.id == number))


def last_act(connection: Connection, actor: str) -> PastEvent | None:
    """The newest act of this actor that changed something and was not taken back.

    Looked for among the thousand newest events of the actor, from the end of the journal.
    """
    newest = _events().where(journal.c.actor == actor).order_by(journal.c.id.desc())
    undone: set[Any] = set()
    for one in records(connection, PastEvent, newest.limit(_LOOKED_THROUGH)):
        if one.kind == UNDONE:
            undone.add(one.facts.get("event"))
        elif "before" in one.facts and one.id not in undone:
            return one
    return None


def since(connection: Connection, past: PastEvent) -> list[PastEvent]:
    """What happened about the same client after an event, oldest first; read by index."""
    query = _events().where(
        journal.c.source == past.source,
        journal.c.client == past.client,
        journal.c.id > past.id,
    )
    return records(connection, PastEvent, query.order_by(journal.c.id))


def _events() -> Select[Any]:
    return sa.select(*columns_of(PastEvent, journal))
