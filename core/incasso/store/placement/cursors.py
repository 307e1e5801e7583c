"""Where the last pull from an agency's web service stopped."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.store.tables.sending import instance_cursors
from incasso.store.upserting import insert_into

HOOK: Final = "provider_pull_updates"


def cursor(connection: Connection, instance: str) -> str | None:
    """The cursor of an instance; None before the first pull."""
    table = instance_cursors.c
    query = sa.select(table.cursor).where(table.instance == instance, table.hook == HOOK)
    return connection.scalar(query)


def set_cursor(connection: Connection, instance: str, cursor: str) -> None:
    """Remember it in the transaction that wrote what came before."""
    row = {"instance": instance, "hook": HOOK, "cursor": cursor}
    statement = insert_into(connection, instance_cursors).on_conflict_do_update(
        index_elements=["instance", "hook"], set_={"cursor": cursor}
    )
    connection.execute(statement, row)
