"""What the ledger already holds of a source: fingerprints by page, and who was seen in a read."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Any, Final

from sqlalchemy import Connection, Table

from incasso.store.engine import Store

Row = tuple[str, int, bytes]
"""Key, row id, fingerprint."""

_PAGE: Final = 1000
"""Keys per look-up: larger ones gain nothing, measured on both databases."""


class Seen:
    """A mark per row id: one byte each, so ten million rows cost ten megabytes.

    Rows younger than the read count as seen: nobody can miss what was not there.
    """

    def __init__(self, highest: int) -> None:
        self._marks = bytearray(highest + 1)

    def __contains__(self, row_id: int) -> bool:
        return row_id >= len(self._marks) or self._marks[row_id] != 0

    def mark(self, row_id: int) -> bool:
        """Mark one row; false if it was marked already."""
        fresh = not self._marks[row_id]
        self._marks[row_id] = 1
        return fresh


class KnownRows:
    """The contract's `Known`: stored fingerprints, looked up a page at a time.

    It remembers the last pages asked for, so that `Page.unchanged` costs no second look-up. A
    plugin may ask from a thread of its own, hence the lock and a connection that nobody else uses.
    Each look-up is its own short read: a pull may last an hour and must hold back nobody.
    """

    def __init__(self, store: Store, table: Table, key: str, source_id: int) -> None:
        self._connection = _reader(store)
        self._ask = _asker(self._connection, table.name, key, source_id)
        self._lock = Lock()
        self._recent: deque[dict[str, Row]] = deque(maxlen=4)
        self.seen = Seen(_highest(self._connection, table.name))

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            self._connection.close()

    def fingerprints(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        """The stored fingerprint of each known key; a row gone absent has none any more."""
        return {key: row[2] for key, row in self._look_up(keys).items() if row[2]}

    def rows(self, keys: Sequence[str]) -> Mapping[str, Row]:
        """The rows of the known ones of these keys, and perhaps of others."""
        for page in reversed(self._recent):
            if all(key in page for key in keys):
                return page
        return self._look_up(keys)

    def _look_up(self, keys: Sequence[str]) -> dict[str, Row]:
        with self._lock:
            found: dict[str, Row] = {}
            for start in range(0, len(keys), _PAGE):
                found.update((row[0], row) for row in self._ask(keys[start : start + _PAGE]))
            self._recent.append(found)
            return found


def _reader(store: Store) -> Connection:
    connection = store.engine.connect()
    if store.is_sqlite:
        return connection  # without BEGIN every SELECT stands alone there
    return connection.execution_options(isolation_level="AUTOCOMMIT")


def _highest(connection: Connection, table: str) -> int:
    query = f"SELECT coalesce(max(id), 0) FROM {table}"
    return int(connection.exec_driver_sql(query).scalar_one())


def _asker(
    connection: Connection, table: str, key: str, source_id: int
) -> Callable[[Sequence[str]], Sequence[Row]]:
    """The quickest way of each driver: a million rows go through here at every sync."""
    select = f"SELECT {key}, id, fingerprint FROM {table} WHERE source_id"
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        # Few statement lengths, so that SQLite prepares each only once; NULL matches no key.
        texts = {size: f"{select}=? AND {key} IN ({','.join('?' * size)})" for size in _SIZES}

        def ask_sqlite(keys: Sequence[str]) -> Sequence[Row]:
            size = next(size for size in _SIZES if size >= len(keys))
            given = (source_id, *keys, *(None,) * (size - len(keys)))
            rows: Sequence[Row] = driver.execute(texts[size], given).fetchall()
            return rows

        return ask_sqlite
    cursor = driver.cursor(binary=True)

    def ask_postgresql(keys: Sequence[str]) -> Sequence[Row]:
        cursor.execute(f"{select}=%s AND {key}=ANY(%s)", (source_id, list(keys)))
        rows: Sequence[Row] = cursor.fetchall()
        return rows

    return ask_postgresql


_SIZES: Final = (10, 100, _PAGE)
