"""The public half of the hub's key, as the database remembers it since the first anchor."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.store.proof.sealed_rows import by_init
from incasso.store.tables.office import office_settings
from incasso.store.tables.proof import journal

_KEY: Final = "anchor_key"


def known(connection: Connection) -> str:
    """The public key, hexadecimal; empty: no anchor of this database was ever signed."""
    query = sa.select(office_settings.c.value).where(office_settings.c.key == _KEY)
    return str(connection.scalar(query) or "")


def was_taken_out(connection: Connection) -> bool:
    """Whether the journal says that `init` sealed this database, which it does with a key only,
    and the database knows none: somebody deleted the row."""
    if known(connection):
        return False
    return connection.scalar(sa.select(journal.c.id).where(*by_init()).limit(1)) is not None


def remember(connection: Connection, public: str) -> None:
    """From now on the anchors of this database carry this key's signature."""
    table = office_settings
    update = sa.update(table).where(table.c.key == _KEY).values(value=public)
    if not connection.execute(update).rowcount:
        connection.execute(sa.insert(table).values(key=_KEY, value=public))
