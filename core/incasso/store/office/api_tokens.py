"""Tokens of programs in the database; never the token itself, only its digest."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from incasso.store.tables.office import api_tokens


def add(connection: Connection, **values: Any) -> None:
    """A new token; the database refuses a name twice."""
    connection.execute(sa.insert(api_tokens).values(**values))


def named(connection: Connection, name: str) -> Row[Any] | None:
    """The token of that name, revoked or not."""
    return connection.execute(sa.select(api_tokens).where(api_tokens.c.name == name)).one_or_none()


def by_public_id(connection: Connection, public_id: str) -> Row[Any] | None:
    """The token whose public part this is."""
    query = sa.select(api_tokens).where(api_tokens.c.public_id == public_id)
    return connection.execute(query).one_or_none()


def revoke(connection: Connection, token: int, at: datetime) -> None:
    """It is no longer valid from that instant."""
    connection.execute(sa.update(api_tokens).where(api_tokens.c.id == token).values(revoked_at=at))


def used(connection: Connection, token: int, at: datetime) -> None:
    """It was used at that instant."""
    connection.execute(
        sa.update(api_tokens).where(api_tokens.c.id == token).values(last_used_at=at)
    )
