"""The order block: who may not order and why, and what of it is written back into the ERPs."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Date, ForeignKey, Index, Integer, Table, Text
from sqlalchemy import UniqueConstraint as Unique

from incasso.contract.connector import WriteBackKind
from incasso.domain.orders.blocks import BlockStatus, InErp, Release
from incasso.domain.orders.write_back import UNFINISHED, WriteBackStatus
from incasso.store.tables.columns import (
    Code,
    Instant,
    code,
    key_column,
    metadata,
    partial_index,
    quoted,
    sentence,
    text,
)

order_blocks = Table(
    "order_blocks",
    metadata,
    key_column(),
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    Column("client_id", ForeignKey("clients.id"), nullable=False),
    code("status", BlockStatus, BlockStatus.ACTIVE),
    text("reason"),
    text("made_by"),  # a login; empty: the hub by its rules
    Column("step_id", ForeignKey("steps.id")),  # the step that made it
    Column("made_on", Date, nullable=False),
    Column("made_at", Instant, nullable=False),
    code("release_when", Release, Release.PAID),
    code("erp", InErp, InErp.NOTHING),
    Column("erp_at", Instant),  # when that was found or written
    Column("released_on", Date),
    Column("released_at", Instant),
    text("released_by"),  # a login; "hub": paid; "erp": freed by hand over there
    text("release_reason"),
    Index("ix_order_blocks_client_id", "client_id"),
    # The promise "at most one active block per client", kept by the database itself.
    partial_index(
        "uq_order_blocks_active",
        "client_id",
        unique=True,
        where=f"status = {quoted(BlockStatus.ACTIVE)}",
    ),
    # Blocks whose trace in the ERP is still ours to follow: few, whatever the history.
    partial_index(
        "ix_order_blocks_erp",
        "source_id",
        where="erp <> ''",
    ),
)

write_backs = Table(
    "write_backs",
    metadata,
    Column("id", Text, primary_key=True),  # the idempotency key is a pure function of it
    Column("block_id", ForeignKey("order_blocks.id"), nullable=False),
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    Column("client_id", ForeignKey("clients.id"), nullable=False),
    Column("kind", Code(WriteBackKind), nullable=False),
    code("status", WriteBackStatus, WriteBackStatus.QUEUED),
    Column("attempts", Integer, nullable=False, default=0, server_default="0"),
    # Null and uncertain: it is not tried again, a person must look.
    Column("next_attempt_at", Instant),
    text("claimed_by"),
    Column("made_at", Instant, nullable=False),
    Column("on_date", Date, nullable=False),
    Column("sending_at", Instant),
    Column("done_at", Instant),
    Column("before", JSON(none_as_null=True)),  # what it replaced over there; null: not known
    text("ref"),
    sentence("reason"),
    text("made_by"),  # a login; empty: the hub by its rules
    Column("by_hand", Boolean, nullable=False, default=False),
    Unique("block_id", "kind"),
    Index("ix_write_backs_client_id", "client_id"),
    partial_index(
        "ix_write_backs_unfinished",
        "status",
        where=f"status IN ({quoted(*UNFINISHED, WriteBackStatus.FAILED)})",
    ),
)
