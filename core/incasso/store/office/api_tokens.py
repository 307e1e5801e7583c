"""Tokens of programs in the database; never the token itself, only its digest."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.store.records import columns_of, maybe_record
from incasso.store.tables.office import api_tokens
from incasso.store.written_rows import written


class ApiToken(msgspec.Struct, frozen=True):
    """A token of a program."""

    id: int
    name: str
    sha256: bytes
    scopes: list[str]
    sources: list[str]
    last_used_at: datetime | None
    revoked_at: datetime | None
    expires_at: datetime | None


def add(connection: Connection, **values: Any) -> None:
    """A new token; the database refuses a name twice."""
    connection.execute(sa.insert(api_tokens).values(**values))
    written(connection, api_tokens.name, values["name"])


def named(connection: Connection, name: str) -> ApiToken | None:
    """The token of that name, revoked or not."""
    return maybe_record(connection, ApiToken, _TOKENS.where(api_tokens.c.name == name))


def by_public_id(connection: Connection, public_id: str) -> ApiToken | None:
    """The token whose public part this is."""
    query = _TOKENS.where(api_tokens.c.public_id == public_id)
    return maybe_record(connection, ApiToken, query)


def revoke(connection: Connection, token: int, at: datetime) -> None:
    """It is no longer valid from that instant."""
    revoked = sa.update(api_tokens).where(api_tokens.c.id == token).values(revoked_at=at)
    name = connection.execute(revoked.returning(api_tokens.c.name)).scalar_one()
    written(connection, api_tokens.name, name)


def used(connection: Connection, token: int, at: datetime) -> None:
    """It was used at that instant."""
    connection.execute(
        sa.update(api_tokens).where(api_tokens.c.id == token).values(last_used_at=at)
    )


_TOKENS: Final = sa.select(*columns_of(ApiToken, api_tokens))
