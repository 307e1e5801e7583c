"""Rows of the ledger that somebody changed in the database and no sync has healed yet."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from incasso.contract.text import counted, text
from incasso.services.office.office import Office
from incasso.store.ledger.altered_sources import (
    AlteredSource,
    LostRows,
    altered_clients,
    altered_installments,
    lost_rows,
)
from incasso.store.revision import is_level


def altered_rows(office: Office, sources: Collection[str]) -> list[str]:
    """Of these sources, as `altered_ledger`; nothing for a database that is not there or level."""
    if not sources or not is_level(office.store):
        return []
    with office.store.read() as connection:
        return altered_ledger(connection, sources)


def altered_ledger(connection: Connection, sources: Collection[str] = ()) -> list[str]:
    """One sentence for each source (of these, or all) and kind of row, where rows are not what the
    hub wrote: changed, put in or deleted. Reads every row, changes nothing."""
    changed = [_installments(each) for each in altered_installments(connection, sources)]
    changed += [_clients(each) for each in altered_clients(connection, sources)]
    return changed + [_lost(each) for each in lost_rows(connection, sources)]


def _installments(each: AlteredSource) -> str:
    return counted(
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


def _clients(each: AlteredSource) -> str:
    return counted(
        "{source}: {n} client was changed in the database outside the hub, such as {client}; "
        "`incasso sync {source} --full` reads it again from the source",
        "{source}: {n} clients were changed in the database outside the hub, such as {client}; "
        "`incasso sync {source} --full` reads them again from the source",
        n=each.rows,
        source=each.source,
        client=each.client,
    )


def _lost(each: LostRows) -> str:
    return text(
        "{source}: the last sync left {left} rows in the table {table}, and it holds {held}: "
        "rows were deleted or put in outside the hub; `incasso sync {source} --full` reads what "
        "the source has",
        source=each.source,
        left=each.left,
        table=each.table,
        held=each.held,
    )
