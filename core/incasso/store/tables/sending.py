"""The outbox: deliveries, their attempts and what came back; templates; channel cursors."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from incasso.contract.channel import DeliveryState
from incasso.domain.sending.delivery import OVER, DeliveryStatus
from incasso.domain.sending.texts import TextStatus
from incasso.domain.sending.trust import NewsStanding, Trust
from incasso.store.tables.columns import (
    Instant,
    Minor,
    code,
    key_column,
    metadata,
    partial_index,
    quoted,
    sentence,
    text,
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Text, primary_key=True),  # made by the hub; Message-ID is a pure function of it
    Column("step_id", ForeignKey("steps.id"), nullable=False),
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    Column("client_id", ForeignKey("clients.id"), nullable=False),
    text("medium"),
    text("channel"),  # instance id
    text("to"),
    code("status", DeliveryStatus),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_attempt_at", Instant),
    # The dispatcher that has it in hand: from `sending` until all that follows is written down.
    text("claimed_by"),
    Column("sending_at", Instant),
    Column("accepted_at", Instant),
    Column("accepted_on", Date),
    Column("final_at", Instant),
    Column("cost", Minor),
    text("cost_currency", "EUR"),
    text("ref"),  # what the receipt carried
    text("prepared_ref"),  # what was known before it left, e.g. its Message-ID
    text("tracking"),  # the carrier's number, by which anybody can follow it
    text("known_as"),  # the name that the other side gave it instead, where answers quote that one
    text("sha256"),  # of the exact bytes sent
    sentence("reason"),
    Column("on_date", Date, nullable=False),
    text("fallback_of"),
    Column(
        "enclosed", JSON(none_as_null=True)
    ),  # documents that went with it, and those that could not; null: none
    # The open credits it took off what it asked, by the id of their installment; null: none.
    Column("set_off", JSON(none_as_null=True)),
    Column("asked", Minor),  # with bank charges and less these credits, in its step's currency
    Index("ix_deliveries_step_id", "step_id"),
    Index("ix_deliveries_status_next_attempt_at", "status", "next_attempt_at"),
    # What a client heard in a week, whatever it heard before.
    Index("ix_deliveries_on_date_client_id", "on_date", "client_id"),
    # Who answers STOP is known by the number alone.
    Index("ix_deliveries_to", "to"),
    Index("ix_deliveries_ref", "ref"),
    Index("ix_deliveries_prepared_ref", "prepared_ref"),
    partial_index("ix_deliveries_known_as", "known_as", where="known_as <> ''"),
    partial_index(
        "ix_deliveries_claimed_by",
        "claimed_by",
        where="claimed_by <> ''",
    ),
    # What a channel spent in a month: most messages cost nothing that anybody wrote down.
    partial_index("ix_deliveries_cost", "channel", "on_date", where="cost IS NOT NULL"),
    partial_index("ix_deliveries_tracking", "tracking", where="tracking <> ''"),
    # What is under way: few at any time, while what once left grows for ever.
    partial_index(
        "ix_deliveries_under_way",
        "status",
        where="status = 'queued' OR status = 'sending' OR status = 'uncertain'",
    ),
    # The promise "no step leaves twice", kept by the database itself: a new delivery of a step
    # needs the one before it to be over for good.
    partial_index(
        "uq_deliveries_live",
        "step_id",
        unique=True,
        where=f"status NOT IN ({quoted(*OVER)})",
    ),
)

# Which dispatcher is busy with which step right now; small, and empty when all is quiet.
step_claims = Table(
    "step_claims",
    metadata,
    Column("step_id", ForeignKey("steps.id"), primary_key=True, autoincrement=False),
    Column("owner", Text, nullable=False, index=True),
)

delivery_events = Table(
    "delivery_events",
    metadata,
    key_column(),
    Column("delivery_id", ForeignKey("deliveries.id"), nullable=False, index=True),
    Column("update_id", Text, nullable=False),
    Column("at", Instant, nullable=False),
    code("state", DeliveryState),
    sentence("note"),
    text("evidence_sha256"),
    code("trust", Trust),
    code("standing", NewsStanding),
    # Refused because of who sends: several of these in a day stop the channel.
    Column("sender_refused", Boolean, nullable=False, default=False, server_default=false()),
    UniqueConstraint("delivery_id", "update_id"),
    Index("ix_delivery_events_at", "at", "id"),
    partial_index("ix_delivery_events_waiting", "delivery_id", where="standing = 'waiting'"),
    partial_index("ix_delivery_events_sender_refused", "at", where="sender_refused"),
)

# News that its channel gave in a form nobody can take; kept once, for a person to read.
refused_news = Table(
    "refused_news",
    metadata,
    key_column(),
    Column("at", Instant, nullable=False),
    Column("on_date", Date, nullable=False),
    text("channel"),
    text("ref"),
    text(
        "delivery"
    ),  # the message it is about; empty: none of ours, or the reference is unreadable
    text("source"),
    text("client"),
    text("field"),
    sentence("problem"),
    sentence("hint"),
    text("raw"),
    Column("digest", Text, nullable=False, unique=True),  # of channel, reference, problem and raw
)

bad_addresses = Table(
    "bad_addresses",
    metadata,
    key_column(),
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    Column("client_id", ForeignKey("clients.id"), nullable=False),
    text("medium"),
    text("address"),
    Column("since", Instant, nullable=False),
    sentence("reason"),
    text("delivery"),  # the message that came back; empty: it was refused before any left
    text("evidence_sha256"),  # of the report that says so, in the archive
    UniqueConstraint("client_id", "medium", "address"),
    Index("ix_bad_addresses_since", "since", "id"),
)

instance_cursors = Table(
    "instance_cursors",
    metadata,
    Column("instance", Text, primary_key=True),
    Column("hook", Text, primary_key=True),
    Column("cursor", Text),
)

# What plugin instances remember: encrypted with the hub's key, so that a copy tells no token.
plugin_state = Table(
    "plugin_state",
    metadata,
    Column("instance", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
    Column("stamp", BigInteger, nullable=False),  # another with every change, never one from before
    Column("changed_at", Instant, nullable=False),
)

templates = Table(
    "templates",
    metadata,
    key_column(),
    Column("key", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("version", Integer, nullable=False),
    code("status", TextStatus, TextStatus.DRAFT),
    Column("parts", JSON, nullable=False),  # subject, text, html, letter
    Column("made_at", Instant),
    text("made_by"),
    UniqueConstraint("key", "language", "version"),
)

calls = Table(
    "calls",
    metadata,
    key_column(),
    Column("at", Instant, nullable=False),
    text("instance"),
    text("hook"),
    text("key"),
    Column("attempt", Integer, nullable=False, default=1),
    Column("milliseconds", Integer, nullable=False, default=0),
    text("outcome"),
    text("error"),
    Index("ix_calls_instance_at", "instance", "at"),
)

instance_states = Table(
    "instance_states",
    metadata,
    Column("instance", Text, primary_key=True),
    text("family"),
    text("kind"),
    text("state"),
    Column("since", Instant, nullable=False),
    sentence("reason"),
    sentence("hint"),
    text("remote_identity"),
    Column("enabled", Boolean, nullable=False, default=True),
)
