"""How clients may be reached beside what the ERP says: contacts, refusals, addresses."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Table,
    UniqueConstraint,
    false,
)

from incasso.domain.sending.address_state import AddressState
from incasso.domain.sending.consents import ConsentKind
from incasso.store.tables.columns import (
    Instant,
    code,
    key_column,
    metadata,
    partial_index,
    sentence,
    text,
)

consents = Table(
    "consents",
    metadata,
    key_column(),
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    Column("client_id", ForeignKey("clients.id"), nullable=False, index=True),
    code("kind", ConsentKind),
    text("medium"),  # or a way to talk: call, visit
    text("address"),  # as `address_key` has it; empty: every address
    # Formal notices neither: a plain refusal does not stop what the law gives to the creditor.
    Column("formal", Boolean, nullable=False, default=False, server_default=false()),
    Column("since", Date, nullable=False),
    Column("until", Date),  # the last day; null: until it is taken back
    text("reason"),
    text("origin"),  # where the office has it from
    text("made_by"),
    Column("made_on", Date, nullable=False),
    Column("ended_on", Date),
    text("ended_by"),  # consent: the client agreed again; replaced: by a later refusal
    # One refusal in force for each address, kept by the database itself.
    partial_index(
        "uq_consents_refused",
        "client_id",
        "medium",
        "address",
        unique=True,
        where="kind = 'refused' AND ended_on IS NULL",
    ),
    Index("ix_consents_made_on", "made_on", "id"),
)

# People and offices of a client by role; one role stands above the ERP's addresses everywhere.
client_contacts = Table(
    "client_contacts",
    metadata,
    key_column(),
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    Column("client_id", ForeignKey("clients.id"), nullable=False, index=True),
    text("role"),
    text("person"),
    text("language"),  # of the messages to it; empty: the client's
    text("email"),
    text("pec"),
    text("phone"),
    text("mobile"),
    text("fax"),
    text("address"),
    text("zip"),
    text("city"),
    text("province"),
    text("country"),
    text("reason"),
    text("origin"),  # where the office has it from
    text("made_by"),
    Column("made_on", Date, nullable=False),
    Column("ended_on", Date),
    text("ended_by"),  # replaced: by a later one; else the person who took it away
    # One in force for each role, kept by the database itself.
    partial_index(
        "uq_client_contacts_in_force", "client_id", "role", unique=True, where="ended_on IS NULL"
    ),
    Index("ix_client_contacts_made_on", "made_on", "id"),
)

# What became of messages, by the address they went to; news of channels write it.
address_health = Table(
    "address_health",
    metadata,
    key_column(),
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    Column("client_id", ForeignKey("clients.id"), nullable=False),
    text("medium"),
    text("address"),
    code("state", AddressState),
    Column("seen_at", Instant, nullable=False),  # when the last news came
    Column("delivered_at", Instant),
    Column("bounced_at", Instant),
    sentence("reason"),
    text("delivery"),  # the message that the last news are about
    UniqueConstraint("client_id", "medium", "address"),
    Index("ix_address_health_seen_at", "seen_at", "id"),
    partial_index("ix_address_health_bad", "seen_at", "id", where="state <> 'good'"),
)
