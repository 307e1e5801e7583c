"""Messages that came in: mostly answers of clients. The bytes are in the archive."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Table, Text, UniqueConstraint

from incasso.domain.sending.replies import ReplyKind, ReplyState
from incasso.store.tables.columns import (
    Instant,
    code,
    key_column,
    metadata,
    partial_index,
    text,
)

replies = Table(
    "replies",
    metadata,
    key_column(),
    # Null: nobody knows yet which client it is from.
    Column("source_id", ForeignKey("sources.id")),
    Column("client_id", ForeignKey("clients.id")),
    Column("step_id", ForeignKey("steps.id")),  # null: it answers no message of ours
    Column("delivery_id", ForeignKey("deliveries.id")),
    Column("channel", Text, nullable=False),
    Column("update_id", Text, nullable=False),
    Column("at", Instant, nullable=False),  # when it arrived
    Column("on_date", Date, nullable=False),  # the business day on which the hub took it in
    text("sender"),
    text("sender_name"),
    text("subject"),
    text("preview"),  # the beginning of what was written; nothing else here repeats the words
    code("kind", ReplyKind),
    code("state", ReplyState),
    Column("assigned_id", ForeignKey("users.id")),  # to whom it was handed over
    Column("state_on", Date),
    text("state_by"),
    text("sha256"),  # of its exact bytes; empty: it came without any
    Column("is_cut", Boolean, nullable=False, default=False),
    # The message that it answers, while nobody knows that one: a later receipt may tell its name.
    text("answers_to"),
    UniqueConstraint("channel", "update_id"),
    Index("ix_replies_at", "at", "id"),
    Index("ix_replies_client_id", "client_id", "at"),
    # One mailbox may be read by several channels.
    Index("ix_replies_sha256", "sha256"),
    partial_index("ix_replies_answers_to", "answers_to", where="answers_to <> ''"),
    partial_index(
        "ix_replies_waiting",
        "client_id",
        "on_date",
        where="state IN ('new', 'handed_over')",
    ),
)
