"""One call's view of the company database: the door, what it has, the settings, the day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from incasso.api import CallContext, SqlClient
from incasso_mago4.database.schema import Schema
from incasso_mago4.settings import Mago4Settings


@dataclass(frozen=True)
class Mago:
    """Everything a query needs."""

    client: SqlClient
    schema: Schema
    settings: Mago4Settings
    on: date

    def rows(self, statement: Any, at_once: int = 5000) -> Iterator[Sequence[Any]]:
        """The rows of a query one by one, fetched in lists."""
        for part in self.client.read(statement, at_once=at_once):
            yield from part


def connect(settings: Mago4Settings, ctx: CallContext, schema: Schema | None = None) -> Mago:
    """Open the database; `schema` avoids reading its tables again.

    Raises ConfigurationError if it is no company database, AuthenticationError, TemporaryError.
    """
    client = ctx.sql(settings.login)
    if schema is None:
        schema = Schema(client.columns(like="MA_%|TB_DBMark"), settings.schema)
        schema.require(place(settings.url))
    return Mago(client, schema, settings, ctx.on)


def place(url: str) -> str:
    """Server and database of a URL, for sentences: never the user, never an option."""
    made = sa.make_url(url)
    if made.get_backend_name() == "sqlite":
        return made.database or "sqlite"
    port = f":{made.port}" if made.port else ""
    return f"{made.host or 'this computer'}{port}/{made.database or ''}"
