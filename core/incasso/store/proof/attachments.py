"""Files beside acts, as they are written down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.store.proof.archive import Entry
from incasso.store.tables.proof import attachments
from incasso.store.written_rows import written


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """The act that files are put beside."""

    source_id: int
    client_id: int
    act: str
    subject: str
    on_date: date
    at: datetime
    made_by: str


def note(connection: Connection, files: Sequence[Entry], beside: Beside) -> None:
    """Write down which files belong to an act."""
    same = msgspec.structs.asdict(beside)
    rows = [{"sha256": one.sha256, "name": one.filename, "size": one.size, **same} for one in files]
    if rows:
        connection.execute(sa.insert(attachments), rows)
    for one in files:
        written(connection, attachments.name, one.sha256)
