"""What travels between hub and providers: batches out, files and updates in, notices to tell."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from incasso.contract.exchange import (
    ActivityResult,
    BatchKind,
    ClosingReason,
    NoticeKind,
    RefusalReason,
    UpdateKind,
)
from incasso.domain.placement.states import ArrivalState, BatchState, NoticeState, UpdateStanding
from incasso.store.tables.columns import (
    Instant,
    Minor,
    code,
    key_column,
    metadata,
    partial_index,
    sentence,
    text,
)

exchange_batches = Table(
    "exchange_batches",
    metadata,
    key_column(),
    Column("name", Text, nullable=False, unique=True),  # what the provider knows it by
    Column("provider", Text, nullable=False),
    text("instance"),  # the plugin instance that carries it
    code("kind", BatchKind),
    Column("sequence", Integer, nullable=False),
    Column("lot_id", ForeignKey("lots.id")),
    Column("arrival_id", ForeignKey("exchange_arrivals.id")),  # of an answer: to which file
    code("state", BatchState),
    text("filename"),
    text("media_type"),
    text("sha256"),  # of the exact bytes, in the archive
    Column("size", Integer, nullable=False, default=0),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_attempt_at", Instant),
    text("claimed_by"),
    Column("on_date", Date, nullable=False),
    Column("prepared_at", Instant),
    Column("sending_at", Instant),
    Column("sent_at", Instant),
    text("ref"),
    Column("cost", Minor),
    text("cost_currency", "EUR"),
    sentence("reason"),
    UniqueConstraint("provider", "sequence"),
    Index("ix_exchange_batches_state", "state", "next_attempt_at"),
    Index("ix_exchange_batches_lot_id", "lot_id"),
)

exchange_arrivals = Table(
    "exchange_arrivals",
    metadata,
    key_column(),
    Column("provider", Text, nullable=False),
    text("instance"),
    Column("name", Text, nullable=False),
    text("identity"),  # by which the plugin knows the claimed file; empty: given by hand
    Column("sha256", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("on_date", Date, nullable=False),
    Column("sequence", Integer),
    text("lot"),  # as the file names it
    code("state", ArrivalState),
    Column("rows", Integer, nullable=False, default=0),
    Column("applied", Integer, nullable=False, default=0),
    Column("noted", Integer, nullable=False, default=0, server_default="0"),
    Column("waiting", Integer, nullable=False, default=0),
    Column("refused", Integer, nullable=False, default=0),
    Column("repeated", Integer, nullable=False, default=0),  # rows known before
    sentence("reason"),
    UniqueConstraint("provider", "sha256"),
    Index("ix_exchange_arrivals_provider_sequence", "provider", "sequence"),
)

exchange_updates = Table(
    "exchange_updates",
    metadata,
    key_column(),
    Column("provider", Text, nullable=False),
    Column("update_id", Text, nullable=False),
    Column("arrival_id", ForeignKey("exchange_arrivals.id")),  # null: over a web service
    Column("line", Integer),  # row of the file, with its heading
    text("lot"),  # as the update names it
    text("ours"),
    text("theirs"),
    text("row"),
    Column("placement_id", ForeignKey("placements.id")),  # null: it fits none
    Column("row_id", ForeignKey("placement_rows.id")),
    code("kind", UpdateKind),
    code("standing", UpdateStanding),
    Column("at", Instant, nullable=False),
    Column("on_date", Date),
    Column("taken_on", Date, nullable=False),  # the business day on which the hub took it in
    Column("amount", Minor),
    text("currency"),
    code("refused", RefusalReason),
    code("result", ActivityResult),
    code("closing", ClosingReason),
    text("code"),
    text("corrects"),
    text("remittance"),
    Column("until", Date),
    text("medium"),
    text("words"),  # what the provider wrote
    Column("evidence", JSON(none_as_null=True)),  # names and digests of what is in the archive
    text("problem"),  # of the closed list; empty: none
    sentence("reason"),
    Column("breaks_policy", Boolean, nullable=False, default=False),
    text("answered"),  # of a question: the notice that answers it
    text("digest"),  # of its content: the same id with another one is no repetition
    text("decided_by"),  # who decided about one that waited
    UniqueConstraint("provider", "update_id"),
    Index("ix_exchange_updates_placement_id", "placement_id", "at"),
    Index("ix_exchange_updates_standing", "standing", "id"),
    Index("ix_exchange_updates_arrival_id", "arrival_id"),
)

# What could not be taken of a provider's file, as it is told back; the id stays free, so that the
# row can come again, put right.
exchange_refusals = Table(
    "exchange_refusals",
    metadata,
    key_column(),
    Column("provider", Text, nullable=False),
    Column("arrival_id", ForeignKey("exchange_arrivals.id")),  # null: over a web service
    Column("cause", Text, nullable=False),  # file, row and content: read again, it is the same
    Column("line", Integer),
    text("update_id"),
    text("code"),
    sentence("message"),
    text("raw"),
    Column("kept", Boolean, nullable=False, default=False),
    Column("on_date", Date, nullable=False),
    Column("batch_id", ForeignKey("exchange_batches.id")),  # which told it; null: not told yet
    UniqueConstraint("provider", "cause"),
    Index("ix_exchange_refusals_arrival_id", "arrival_id"),
    partial_index("ix_exchange_refusals_untold", "provider", where="batch_id IS NULL"),
)

exchange_notices = Table(
    "exchange_notices",
    metadata,
    key_column(),
    Column("name", Text, nullable=False, unique=True),  # the same twice is the same notice
    Column("provider", Text, nullable=False),
    Column("lot_id", ForeignKey("lots.id"), nullable=False),
    Column("placement_id", ForeignKey("placements.id")),  # null: the whole lot
    Column("row_id", ForeignKey("placement_rows.id")),
    code("kind", NoticeKind),
    code("state", NoticeState),
    Column("on_date", Date, nullable=False),
    Column("amount", Minor),
    text("currency"),
    text("reason"),
    text("answers"),
    Column("accepted", Boolean),
    Column("until", Date),
    Column("documents", JSON(none_as_null=True)),
    Column("batch_id", ForeignKey("exchange_batches.id")),
    Column("made_at", Instant, nullable=False),
    text("made_by"),
    text("told_by"),
    Index("ix_exchange_notices_provider_state", "provider", "state"),
    Index("ix_exchange_notices_placement_id", "placement_id"),
)
