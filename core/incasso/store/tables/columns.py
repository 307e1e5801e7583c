"""Column types and the naming convention that all tables share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    TypeDecorator,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite gives an automatic row id only to a column of type INTEGER, which holds 64 bits there.
Id = BigInteger().with_variant(Integer(), "sqlite")

# Money in minor units (cents) of the currency beside it; never a float, never a NUMERIC.
Minor = BigInteger().with_variant(Integer(), "sqlite")


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept in UTC; SQLite has no time zone, so there it is naive UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive instants: a time without a zone has cost others double reminders."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Give the instant back in UTC."""
        if value is None:
            return None
        instant: datetime = value
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def key_column() -> Column[Any]:
    """The usual surrogate key."""
    return Column("id", Id, primary_key=True, autoincrement=True)


def text(name: str, default: str = "") -> Column[Any]:
    """A text that is empty rather than null."""
    return Column(name, Text, nullable=False, server_default=default, default=default)


def digest(name: str, **options: Any) -> Column[Any]:
    """A digest or fingerprint as raw bytes."""
    return Column(name, LargeBinary, **options)
