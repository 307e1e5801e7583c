"""Temporary tables of one sync: what was read and differs, before anything is applied.

They live in the connection, not in the database: a run killed at any instant leaves no trace.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

from incasso.domain.ledger.states import InstallmentStatus
from incasso.store.tables.columns import Id, quoted
from incasso.store.tables.ledger import clients, installments

_temporary = MetaData()

_LEDGER_ONLY = frozenset({"id", "source_id", "client_id"})

_OFFICE_ONLY = frozenset(
    "seal iter_override office_excluded operator_id responsible_id gone_on successor_id".split()
)


def _copied(table: Table, names: Sequence[str]) -> list[Column[Any]]:
    return [Column(name, table.c[name].type) for name in names]


CLIENT_COLUMNS: Final = tuple(
    column.name
    for column in clients.columns
    if column.name not in _LEDGER_ONLY and column.name not in _OFFICE_ONLY
)
"""What the ERP says of a client; what the office decides is not among it."""

INSTALLMENT_COLUMNS: Final = (
    "key",
    "document_kind",
    "document_number",
    "document_date",
    "installment_number",
    "due_date",
    "amount",
    "residual",
    "currency",
    "payment_method",
    "unpaid_on",
    "presented_on",
    "agent",
    "depot",
    "area",
    "notes",
    "document",
    "bill_number",
    "base_residual",
    "reminded_on",
    "reminders",
    "erp_hold",
    "fingerprint",
)
"""What the ERP says of an installment, beside its client."""


WAS: Final = tuple(
    "status residual currency absences due_date presented_on unpaid_on client_id".split()
)
"""What the ledger held of a changed installment, copied beside it."""

OPEN: Final = installments.c.status == sa.literal_column(quoted(InstallmentStatus.OPEN))
"""As a literal: SQLite uses a partial index only for what it can read in the statement."""


def _staged(name: str, *columns: Column[Any]) -> Table:
    return Table(
        name,
        _temporary,
        Column("seq", Integer, primary_key=True, autoincrement=False),  # order of reading
        Column("known_id", Id),  # the row it changes; null: new
        *columns,
        Column("file", Text),
        Column("row", Integer),
        prefixes=["TEMPORARY"],
    )


staged_clients = _staged("staged_clients", *_copied(clients, CLIENT_COLUMNS))
staged_installments = _staged(
    "staged_installments",
    Column("client", Text),
    *_copied(installments, INSTALLMENT_COLUMNS),
    *(Column(f"was_{name}", installments.c[name].type) for name in WAS),
)

absent_clients = Table("absent_clients", _temporary, Column("id", Id), prefixes=["TEMPORARY"])
absent_installments = Table(
    "absent_installments", _temporary, Column("id", Id, primary_key=True), prefixes=["TEMPORARY"]
)
gone_installments = Table(
    "gone_installments", _temporary, Column("id", Id, primary_key=True), prefixes=["TEMPORARY"]
)
successors = Table(
    "successors",
    _temporary,
    Column("old", Text),
    Column("new", Text),
    prefixes=["TEMPORARY"],
)
altered_installments = Table(
    "altered_installments", _temporary, Column("id", Id, primary_key=True), prefixes=["TEMPORARY"]
)
altered_clients = Table(
    "altered_clients", _temporary, Column("id", Id, primary_key=True), prefixes=["TEMPORARY"]
)
renumbered = Table(
    "renumbered", _temporary, Column("seq", Integer), Column("id", Id), prefixes=["TEMPORARY"]
)
touched_clients = Table(
    "touched_clients", _temporary, Column("id", Id, primary_key=True), prefixes=["TEMPORARY"]
)

rows_read = Table(
    "rows_read",
    _temporary,
    Column("record", Text, primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("digests", LargeBinary),
    Column("ids", LargeBinary),  # of a staged row: its sequence, negative
    prefixes=["TEMPORARY"],
)


def read_columns(table: Table) -> list[Column[Any]]:
    """The columns that a reading fills, in their order."""
    return [column for column in table.columns if not column.name.startswith("was_")]


def create(connection: Connection) -> None:
    """Fresh temporary tables on this connection, whatever an earlier run left on it."""
    drop(connection)
    _temporary.create_all(connection, checkfirst=False)
    connection.commit()


def drop(connection: Connection) -> None:
    """Away with them: a pooled connection would carry them into its next life."""
    connection.rollback()
    for table in _temporary.sorted_tables:
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table.name}")
    connection.commit()


def finish(connection: Connection) -> None:
    """Index what was staged and update the planner's statistics."""
    for table, column, others in (
        (staged_clients, "code", ""),
        (staged_installments, "key", ", client, document_number"),
    ):
        for name in ("known_id", column):
            connection.exec_driver_sql(
                f"CREATE INDEX ix_{table.name}_{name} ON {table.name} ({name})"
            )
        if connection.dialect.name == "postgresql":
            # Only what is joined: of all thirty columns it would take four times as long.
            weighed = f"known_id, {column}{others}"
            connection.exec_driver_sql(f"ANALYZE {table.name} ({weighed})")
    # One look per row, from here: left to itself SQLite would walk the whole ledger for each join.
    connection.exec_driver_sql(
        f"UPDATE staged_installments SET ({', '.join(f'was_{name}' for name in WAS)}) = "
        f"(SELECT {', '.join(WAS)} FROM installments WHERE id = known_id) "
        "WHERE known_id IS NOT NULL"
    )
    connection.commit()
