"""The same credit under a new key, the same client under a new code: found before items close."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.ledger.states import InstallmentStatus
from incasso.store.ledger.staging import (
    WAS,
    absent_installments,
    gone_installments,
    renumbered,
    staged_clients,
    staged_installments,
    successors,
)
from incasso.store.records import columns_of, records
from incasso.store.seals import reseal
from incasso.store.tables.ledger import clients, installments


def note_successors(connection: Connection, source_id: int, merged: Mapping[str, str]) -> None:
    """Stage which code follows which: clients that name their former code, and `merged`, what the
    ERP says of codes that are gone (old to new)."""
    formerly = clients.c.formerly
    of_ledger = sa.select(formerly, clients.c.code).where(
        clients.c.source_id == source_id, formerly != sa.literal_column("''")
    )
    of_read = sa.select(staged_clients.c.formerly, staged_clients.c.code).where(
        staged_clients.c.formerly != ""
    )
    both = sa.union(of_read, of_ledger)
    connection.execute(sa.insert(successors).from_select(["old", "new"], both))
    if merged:
        rows = [{"old": old, "new": new} for old, new in merged.items()]
        connection.execute(sa.insert(successors), rows)


def anything_leaves(connection: Connection) -> bool:
    """Whether the read lost or deleted any open item."""
    return any(
        connection.execute(sa.select(table.c.id).limit(1)).first() is not None
        for table in (absent_installments, gone_installments)
    )


def rematch(connection: Connection, named: Mapping[str, str]) -> int:
    """Give new rows the place of the leaving items that they are; gives how many.

    The same credit: client (or the code that follows it), kind, number and date of the document,
    due date, amount, residual and currency agree, and no other item on either side does. `named`
    are keys that the ERP itself says were merged into others (old to new): a paid item too goes on
    under its new key then, for instance a bill taken as collected whose return is posted anew.
    """
    # Left to the index of `known_id` SQLite would set every new row against every leaving one.
    connection.exec_driver_sql(
        "CREATE INDEX ix_staged_installments_alike ON staged_installments "
        "(document_number, residual, due_date) WHERE known_id IS NULL"
    )
    for old, new in named.items():
        connection.execute(
            _insert(
                _pairs(InstallmentStatus.OPEN, InstallmentStatus.PAID).where(_keys_are(old, new))
            )
        )
    connection.execute(_insert(_pairs(InstallmentStatus.OPEN).where(*_alike())))
    _drop_ambiguous(connection)
    found = connection.scalar(sa.select(sa.func.count()).select_from(renumbered)) or 0
    if found:
        _take_places(connection)
    return int(found)


def set_keys(connection: Connection) -> None:
    """The ledger's rows get the keys under which the ERP knows them now."""
    staged, table = staged_installments, installments
    connection.execute(
        sa.update(table)
        .where(table.c.id == renumbered.c.id, staged.c.seq == renumbered.c.seq)
        .values(key=staged.c.key)
    )
    reseal(connection, table, table.c.id.in_(sa.select(renumbered.c.id)))


TOLD: Final = 10_000
"""At most so many are reported one by one; if all keys are new, the company changed its system."""


class Renamed(msgspec.Struct, frozen=True):
    """A credit under a new key."""

    client: str
    key: str
    was: str


def renamed(connection: Connection) -> list[Renamed]:
    """The first `TOLD`, for the journal. Ask before keys are set."""
    staged, table = staged_installments, installments
    query = (
        sa.select(*columns_of(Renamed, staged, was=table.c.key))
        .join(renumbered, renumbered.c.seq == staged.c.seq)
        .join(table, table.c.id == renumbered.c.id)
        .order_by(staged.c.seq)
        .limit(TOLD)
    )
    return records(connection, Renamed, query)


def _pairs(*statuses: InstallmentStatus) -> sa.Select[tuple[int, int]]:
    leaving = sa.union(
        sa.select(absent_installments.c.id), sa.select(gone_installments.c.id)
    ).subquery()
    staged = staged_installments
    return (
        sa.select(staged.c.seq, installments.c.id)
        .select_from(leaving)
        .join(installments, installments.c.id == leaving.c.id)
        .join(clients, clients.c.id == installments.c.client_id)
        .join(staged, staged.c.known_id.is_(None))
        .where(installments.c.status.in_(statuses))
    )


def _keys_are(old: str, new: str) -> sa.ColumnElement[bool]:
    return sa.and_(installments.c.key == old, staged_installments.c.key == new)


def _alike() -> tuple[sa.ColumnElement[bool], ...]:
    staged, table = staged_installments, installments
    follows = sa.exists().where(
        successors.c.old == clients.c.code, successors.c.new == staged.c.client
    )
    same = "document_number document_kind due_date residual currency".split()
    return (
        table.c.document_number != "",
        *(staged.c[name] == table.c[name] for name in same),
        staged.c.document_date.is_not_distinct_from(table.c.document_date),
        sa.or_(staged.c.amount.is_(None), staged.c.amount == table.c.amount),
        sa.or_(staged.c.client == clients.c.code, follows),
        # What the ERP named itself is settled.
        staged.c.seq.not_in(sa.select(renumbered.c.seq)),
        table.c.id.not_in(sa.select(renumbered.c.id)),
    )


def _insert(pairs: sa.Select[tuple[int, int]]) -> sa.Insert:
    return sa.insert(renumbered).from_select(["seq", "id"], pairs)


def _drop_ambiguous(connection: Connection) -> None:
    """Two items that could be the same one are two items."""
    doubtful = [
        sa.select(column).group_by(column).having(sa.func.count() > 1)
        for column in (renumbered.c.seq, renumbered.c.id)
    ]
    both = [connection.scalars(query).all() for query in doubtful]
    for column, values in zip((renumbered.c.seq, renumbered.c.id), both, strict=True):
        if values:
            connection.execute(
                sa.delete(renumbered).where(column == sa.bindparam("one")),
                [{"one": value} for value in values],
            )


def _take_places(connection: Connection) -> None:
    """A renumbered row changes what the ledger has; nothing is absent and nothing new."""
    staged, chosen = staged_installments, renumbered
    connection.execute(
        sa.update(staged)
        .where(staged.c.seq == chosen.c.seq, installments.c.id == chosen.c.id)
        .values(known_id=chosen.c.id, **{f"was_{name}": installments.c[name] for name in WAS})
    )
    for table in (absent_installments, gone_installments):
        connection.execute(sa.delete(table).where(table.c.id.in_(sa.select(chosen.c.id))))
