"""The office itself: people, programs that may ask, assignment rules, daily settings."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, Table, Text

from incasso.domain.office.actor import Role
from incasso.store.tables.columns import Instant, code, digest, key_column, metadata, text

users = Table(
    "users",
    metadata,
    key_column(),
    Column("login", Text, nullable=False, unique=True),
    text("name"),
    text("email"),
    code("role", Role, Role.OPERATOR),
    # Which clients they may see and act on: sources, agents, depots, own; a key left out narrows
    # nothing.
    Column("scope", JSON, nullable=False, default=dict),
    text("password_hash"),
    Column("active", Boolean, nullable=False, default=True),
    Column("made_at", Instant),
)

# Programs that ask over HTTP. The token is shown once; only its digest is kept.
api_tokens = Table(
    "api_tokens",
    metadata,
    key_column(),
    Column("name", Text, nullable=False, unique=True),
    Column("public_id", Text, nullable=False, unique=True),  # the part of the token before the dot
    digest("sha256", nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("sources", JSON, nullable=False),  # names of sources; empty: every one
    text("made_by"),
    Column("made_at", Instant, nullable=False),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
    Column("expires_at", Instant),  # from this instant on it is refused; null: never
)

assignment_rules = Table(
    "assignment_rules",
    metadata,
    key_column(),
    Column("priority", Integer, nullable=False, default=100),
    text("label"),
    Column("match", JSON, nullable=False, default=dict),
    Column("pool", JSON, nullable=False, default=list),  # logins; more than one: round robin
    Column("next_in_pool", Integer, nullable=False, default=0),
    Column("responsible_id", ForeignKey("users.id")),
)

office_settings = Table(
    "office_settings",
    metadata,
    Column("key", Text, primary_key=True),  # e.g. contact_policy
    Column("value", JSON, nullable=False),
)
