"""Those whom credits are handed to, and their price lists, as the office published them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Column, Integer, Table
from sqlalchemy import UniqueConstraint as Unique

from incasso.store.tables.columns import Instant, key_column, metadata, ordered_text, text


def _published() -> tuple[Column[Any], ...]:
    return (
        key_column(),
        ordered_text("key"),
        Column("number", Integer, nullable=False),  # how often it was published
        Column("definition", JSON, nullable=False),
        Column("published_at", Instant, nullable=False),
        text("published_by"),  # a login
    )


providers = Table("providers", metadata, *_published(), Unique("key"))

price_lists = Table("price_lists", metadata, *_published(), Unique("key"))
