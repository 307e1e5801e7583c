"""Rows of the ledger that somebody changed in the database and no sync has healed yet."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from incasso.contract.text import counted
from incasso.services.office.office import Office
from incasso.store.ledger.seals import altered_sources
from incasso.store.migrate import is_level


def altered_rows(office: Office, sources: Collection[str]) -> list[str]:
    """Of these sources, as `altered_ledger`; nothing for a database that is not there or level."""
    if not sources or not is_level(office.store):
        return []
    with office.store.read() as connection:
        return altered_ledger(connection, sources)


def altered_ledger(connection: Connection, sources: Collection[str] = ()) -> list[str]:
    """One sentence for each source (of these, or all) with rows whose seal does not fit what they
    say. Reads every row, changes nothing."""
    return [
        counted(
            "{source}: {n} installment was changed in the database outside the hub, such as {key} "
            "of client {client}; `incasso sync {source} --full` reads it again from the source",
            "{source}: {n} installments were changed in the database outside the hub, such as "
            "{key} of client {client}; `incasso sync {source} --full` reads them again from the "
            "source",
            n=each.rows,
            source=each.source,
            key=each.key,
            client=each.client,
        )
        for each in altered_sources(connection, sources)
    ]
