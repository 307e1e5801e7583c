"""Proof: the archive of exact bytes and the hash-chained journal of events."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, ForeignKey, Index, Integer, Table, Text

from incasso.store.tables.columns import Id, Instant, key_column, metadata, partial_index, text

archive = Table(
    "archive",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("size", Integer, nullable=False),
    text("media_type"),
    text("filename"),
    Column("stored_at", Instant, nullable=False),
)

# Files that a person put beside an act; their bytes lie in the archive.
attachments = Table(
    "attachments",
    metadata,
    key_column(),
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    Column("client_id", ForeignKey("clients.id"), nullable=False, index=True),
    Column("sha256", Text, nullable=False, index=True),
    text("name"),
    Column("size", Integer, nullable=False),
    text("act"),
    text("subject"),
    Column("on_date", Date, nullable=False),
    Column("at", Instant, nullable=False),
    text("made_by"),
)

journal_batches = Table(
    "journal_batches",
    metadata,
    key_column(),
    Column("at", Instant, nullable=False),
    Column("count", Integer, nullable=False),
    text("previous_hash"),
    # SHA-256 over previous_hash and the canonical bytes of every event of the batch
    Column("hash", Text, nullable=False, unique=True),
)

journal = Table(
    "journal",
    metadata,
    key_column(),
    Column("batch_id", ForeignKey("journal_batches.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("on_date", Date, nullable=False),
    text("actor"),  # a login, or the service: sync, plan, dispatch, collect
    text("kind"),  # e.g. sync.finished, steps.planned, delivery.accepted, agreement.made
    text("source"),
    text("client"),
    text("subject"),  # what it is about: "step 12", "installment A-1/1", ...
    Column("facts", JSON, nullable=False, default=dict),
    Index("ix_journal_client", "source", "client"),
    # What `init` sealed: asked at every dispatch of an office without a key, and very few rows.
    partial_index("ix_journal_sealed", "kind", where="kind = 'rows.written' AND actor = 'init'"),
)

# Messages that left, found by `recover`, to clients that the ledger did not have then. When it has
# them again, the message is written down as theirs.
left_without_client = Table(
    "left_without_client",
    metadata,
    Column("delivery_id", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

# One row that says where the chain ends: the lock that keeps writers in single file, and what
# makes a journal cut off at its end show.
journal_head = Table(
    "journal_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("last_batch", Id, nullable=False),
    Column("last_event", Id, nullable=False),
    Column("hash", Text, nullable=False),
)
