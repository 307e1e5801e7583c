"""Look up rows of the ledger by key or by range of ids, the quickest way of each driver."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

from sqlalchemy import Connection

from incasso.domain.ledger.plausible import is_storable
from incasso.store.engine import Store

KnownRow = tuple[str, int, bytes]
"""Key, row id, fingerprint."""

_SIZES: Final = (10, 100, 1000)
"""Keys per statement: few lengths, so that SQLite prepares each once; longer ones gain nothing."""


class RowLookUp(Protocol):
    """How one database is asked; each question is its own short read.

    A pull may last an hour and must hold back nobody.
    """

    connection: Connection
    """Its own; whatever is asked there stands alone too."""

    def highest(self) -> int:
        """The highest id of the table."""
        ...

    def anything(self) -> bool:
        """Whether the source has any row."""
        ...

    def by_key(self, keys: Sequence[str]) -> list[KnownRow]:
        """The rows of these keys."""
        ...

    def by_range(self, after: int, up_to: int) -> list[KnownRow]:
        """The source's rows with ids in that range."""
        ...

    def close(self) -> None:
        """Give the connection back."""
        ...


def open_look_up(store: Store, table: str, key: str, source_id: int) -> RowLookUp:
    """A connection of its own; `key` is the column that names a record."""
    connection = store.engine.connect()
    if store.is_sqlite:
        # A third connection with the usual 64 MB would break the promise of flat memory.
        connection.exec_driver_sql("PRAGMA cache_size = -8192")
        return _SqliteLookUp(connection, table, key, source_id)
    connection = connection.execution_options(isolation_level="AUTOCOMMIT")
    return _PostgresLookUp(connection, table, key, source_id)


class _LookUp:
    def __init__(self, connection: Connection, table: str, key: str, source_id: int) -> None:
        self.connection = connection
        self._driver: Any = connection.connection.driver_connection
        self._table, self._key, self._source_id = table, key, source_id
        self._select = f"SELECT {key}, id, fingerprint FROM {table}"

    def highest(self) -> int:
        query = f"SELECT coalesce(max(id), 0) FROM {self._table}"
        return int(self.connection.exec_driver_sql(query).scalar_one())

    def anything(self) -> bool:
        query = f"SELECT 1 FROM {self._table} WHERE source_id = {self._source_id} LIMIT 1"
        return self.connection.exec_driver_sql(query).first() is not None

    def close(self) -> None:
        if not self.connection.closed:
            self.connection.invalidate()  # its settings are not for the next user of the pool
            self.connection.close()


class _SqliteLookUp(_LookUp):
    """Without BEGIN every SELECT of SQLite stands alone."""

    def by_key(self, keys: Sequence[str]) -> list[KnownRow]:
        found: list[KnownRow] = []
        for start in range(0, len(keys), _SIZES[-1]):
            part = [key for key in keys[start : start + _SIZES[-1]] if is_storable(key)]
            size = next(size for size in _SIZES if size >= len(part))
            text = f"{self._select} WHERE source_id=? AND {self._key} IN ({','.join('?' * size)})"
            # NULL matches no key.
            given = (self._source_id, *part, *(None,) * (size - len(part)))
            found += self._driver.execute(text, given).fetchall()
        return found

    def by_range(self, after: int, up_to: int) -> list[KnownRow]:
        # The plus keeps SQLite from walking the index of the source instead of the rows.
        text = f"{self._select} WHERE id>? AND id<=? AND +source_id=?"
        rows: list[KnownRow] = self._driver.execute(
            text, (after, up_to, self._source_id)
        ).fetchall()
        return rows


class _PostgresLookUp(_LookUp):
    """Binary answers: a fingerprint as text would be twice as long and has to be decoded."""

    def by_key(self, keys: Sequence[str]) -> list[KnownRow]:
        text = f"{self._select} WHERE source_id=%s AND {self._key}=ANY(%s)"
        return self._ask(text, (self._source_id, [key for key in keys if is_storable(key)]))

    def by_range(self, after: int, up_to: int) -> list[KnownRow]:
        text = f"{self._select} WHERE id>%s AND id<=%s AND source_id=%s"
        return self._ask(text, (after, up_to, self._source_id))

    def _ask(self, text: str, given: tuple[Any, ...]) -> list[KnownRow]:
        with self._driver.cursor(binary=True) as cursor:
            rows: list[KnownRow] = cursor.execute(text, given).fetchall()
            return rows
