"""What the journal keeps of rows that matter: a digest of the columns that nobody may change.

`verify` compares the tables with the last digest of each row, so a user made administrator, a
token put in, or an amount changed behind the hub's back is found.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, Table

from incasso.store.tables.office import api_tokens, users
from incasso.store.tables.recovery import agreements

ROWS_WRITTEN: Final = "rows.written"
"""The kind of event: facts are digests by "table key"; empty: the row is gone."""

_AT_ONCE: Final = 500


class Sealed(NamedTuple):
    """A table, the column that names its rows, and the columns that count."""

    table: Table
    key: str
    columns: tuple[str, ...]


SEALED: Final[Mapping[str, Sealed]] = {
    each.table.name: each
    for each in (
        Sealed(users, "login", ("role", "scope", "password_hash", "active")),
        Sealed(api_tokens, "name", ("public_id", "sha256", "scopes", "sources", "revoked_at")),
        # The client of an agreement follows its debts to another code; the amounts never change.
        Sealed(
            agreements,
            "id",
            ("kind", "source_id", "amount", "currency", "down_payment", "interest", "made_on"),
        ),
    )
}


def digests(connection: Connection, rows: Iterable[tuple[str, str]]) -> dict[str, str]:
    """By "table key" the digest of each row as it is now; empty for one that is gone."""
    found = {f"{table} {key}": "" for table, key in rows}
    keys: dict[str, list[str]] = defaultdict(list)
    for table, key in rows:
        keys[table].append(key)
    for table, some in keys.items():
        for start in range(0, len(some), _AT_ONCE):
            found.update(_digests(connection, SEALED[table], some[start : start + _AT_ONCE]))
    return found


def all_digests(connection: Connection) -> Iterator[tuple[str, str]]:
    """Every sealed row with its digest. A stream."""
    for sealed in SEALED.values():
        yield from _digests(connection, sealed, None)


def digest_of(values: Iterable[object]) -> str:
    """A short digest that no other values have: BLAKE2b, 128 bits, of their canonical JSON."""
    return hashlib.blake2b(_encode(list(values)), digest_size=16).hexdigest()


def _digests(
    connection: Connection, sealed: Sealed, keys: list[str] | None
) -> Iterator[tuple[str, str]]:
    table, name = sealed.table, sealed.key
    query = sa.select(table.c[name], *(table.c[column] for column in sealed.columns))
    if keys is not None:
        typed: list[Any] = [int(key) for key in keys] if name == "id" else list(keys)
        query = query.where(table.c[name].in_(typed))
    for key, *values in connection.execute(query.order_by(table.c[name])):
        yield f"{table.name} {key}", digest_of(values)


_encode: Final = msgspec.json.Encoder(order="sorted").encode
