"""The sums of each client that are kept beside the ledger: held against it, and counted again."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from incasso.contract.text import counted
from incasso.domain.office.actor import Scope
from incasso.services.office.office import Office
from incasso.store.ledger import totals
from incasso.store.lists.subjects import client_numbered
from incasso.store.recovery import case_counts


def roll(office: Office, on: date) -> int:
    """The day is another one: count again what stands elsewhere on it. How many clients."""
    with office.store.write() as connection:
        return totals.roll(connection, on)


def recount(office: Office, on: date) -> int:
    """Count everything again. Of how many clients something else had been kept."""
    with office.store.write() as connection:
        wrong = _wrong(connection)
        totals.count_all(connection, on)
        case_counts.count_all(connection)
        return len(wrong)


def wrong_totals(connection: Connection) -> list[str]:
    """Where kept sums are not what the ledger adds up to, in a sentence. Changes nothing."""
    found = _wrong(connection)
    if not found:
        return []
    return [
        counted(
            "the sums kept of {n} client, {client}, are not what its installments and cases add "
            "up to; `incasso recount` adds them up again",
            "the sums kept of {n} clients, such as {client}, are not what their installments and "
            "cases add up to; `incasso recount` adds them up again",
            n=len(found),
            client=_named(connection, found[0]),
        )
    ]


def _wrong(connection: Connection) -> list[int]:
    return sorted({*totals.wrong(connection), *case_counts.wrong(connection)})


def _named(connection: Connection, client: int) -> str:
    found = client_numbered(connection, Scope.everything(), client)
    return f"{found.source}/{found.client}" if found else str(client)
