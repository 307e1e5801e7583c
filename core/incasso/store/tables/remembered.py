"""What the last complete read of a source brought: digests of its rows, in the order of reading."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, Table

from incasso.domain.ledger.states import RecordKind
from incasso.store.tables.columns import WITHOUT_ROWID, Code, Id, metadata

remembered_rows = Table(
    "remembered_rows",
    metadata,
    Column("source_id", ForeignKey("sources.id"), primary_key=True, autoincrement=False),
    Column("record", Code(RecordKind), primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("digests", LargeBinary, nullable=False),  # 16 bytes for each row
    Column("ids", LargeBinary, nullable=False),  # 8 bytes for each row, the lowest first
)

# Rows whose fingerprint has changed since they were remembered: they are looked up by their keys.
forgotten_rows = Table(
    "forgotten_rows",
    metadata,
    Column("record", Code(RecordKind), primary_key=True),
    Column("row_id", Id, primary_key=True, autoincrement=False),
    info=WITHOUT_ROWID,
)
