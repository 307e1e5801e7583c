"""Tokens of programs in the database; never the token itself, only its digest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from incasso.store.lists.rows import Fields
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


def everything(connection: Connection) -> Iterator[Fields]:
    """Every token by name, without anything secret."""
    query = sa.select(api_tokens).order_by(api_tokens.c.name)
    for row in connection.execute(query):
        yield {
            "name": row.name,
            "scopes": row.scopes,
            "sources": row.sources,
            "made_by": row.made_by,
            "made_at": row.made_at,
            "last_used_at": row.last_used_at,
            "revoked_at": row.revoked_at,
        }
