"""The office itself: people, assignment rules, settings that people change daily."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, Table, Text

from incasso.store.tables.columns import Instant, key_column, metadata, text

users = Table(
    "users",
    metadata,
    key_column(),
    Column("login", Text, nullable=False, unique=True),
    text("name"),
    text("email"),
    # administrator | credit_manager | operator | depot | agent | legal_office | lawyer |
    # provider | sales
    text("role", "operator"),
    text("password_hash"),
    Column("active", Boolean, nullable=False, default=True),
    Column("made_at", Instant),
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
