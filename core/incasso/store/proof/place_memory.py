"""What the database remembers of the places that keep copies of its anchor.

A place that had a copy and has none any more is a disk that is not connected, not a new place.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.contract.text import encodable
from incasso.store.tables.office import office_settings

_KEY: Final = "anchor_places"


class Taken(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one place took, and since when it refuses."""

    epoch: int = 0
    batch: int = 0
    at: datetime | None = None
    """When it took its last copy; None: it never took one, or a person accepted that it is gone."""
    refuses_since: datetime | None = None
    reason: str = ""
    accepted: datetime | None = None
    """When a person accepted that nobody knows what it had; until it takes copies again."""

    @property
    def order(self) -> tuple[int, int]:
        """As `Anchor.order`, of the last copy."""
        return (self.epoch, self.batch)


def taken(connection: Connection) -> dict[str, Taken]:
    """By place, as `[hub] anchor` names it."""
    query = sa.select(office_settings.c.value).where(office_settings.c.key == _KEY)
    found: Any = connection.scalar(query)
    return msgspec.convert(found or {}, dict[str, Taken])


def note(connection: Connection, changed: Mapping[str, Taken]) -> None:
    """Keep what changed; the last writer wins, each tells the truth of its own instant."""
    table = office_settings
    kept = msgspec.to_builtins({**taken(connection), **changed}, enc_hook=encodable)
    update = sa.update(table).where(table.c.key == _KEY).values(value=kept)
    if not connection.execute(update).rowcount:
        connection.execute(sa.insert(table).values(key=_KEY, value=kept))
