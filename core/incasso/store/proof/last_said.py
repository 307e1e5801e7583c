"""What the journal says last of each row, beside what the tables hold: in flat memory.

Both go into a temporary database of their own, which is gone with the connection.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from types import TracebackType
from typing import Final, NamedTuple, Self


class Row(NamedTuple):
    """A row by key, with its digest and status; `settled`: the journal must know it."""

    key: str
    digest: str
    status: str = ""
    settled: bool = True


class LastSaid:
    """Collect, then ask for the differences."""

    def __init__(self) -> None:
        self._base = sqlite3.connect("", isolation_level=None)
        for statement in _TABLES:
            self._base.execute(statement)
        self._base.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._base.close()

    def say(self, rows: Iterable[tuple[str, str]]) -> None:
        """The journal gives these rows this digest; the last one counts, empty: gone."""
        self._base.executemany(_SAY, rows)

    def say_status(self, rows: Iterable[tuple[str, str]]) -> None:
        """The journal says that these rows came to this status."""
        self._base.executemany(_SAY_STATUS, rows)

    def find(self, rows: Iterable[Row]) -> None:
        """The tables hold these rows."""
        self._base.executemany("INSERT INTO found VALUES (?, ?, ?, ?)", rows)

    def changed(self) -> str | None:
        """The first row whose digest is not the last one said."""
        return self._first(
            "SELECT key FROM said JOIN found USING (key) "
            "WHERE said.digest NOT IN ('', found.digest)"
        )

    def moved(self) -> tuple[str, str, str] | None:
        """The first row in another status than said: key, said, found."""
        found = self._base.execute(
            "SELECT key, said.status, found.status FROM said JOIN found USING (key) "
            "WHERE said.digest <> '' AND said.status <> found.status ORDER BY key LIMIT 1"
        ).fetchone()
        return None if found is None else (found[0], found[1], found[2])

    def gone(self) -> str | None:
        """The first row that was said and is not there."""
        return self._first(
            "SELECT key FROM said WHERE digest <> '' AND key NOT IN (SELECT key FROM found)"
        )

    def added(self) -> str | None:
        """The first row that is there and was never said, or was said to be gone."""
        return self._first(
            "SELECT key FROM found WHERE settled AND key NOT IN "
            "(SELECT key FROM said WHERE digest <> '')"
        )

    def without_status(self, status: str) -> str | None:
        """The first row that is there in this status and was never said to be in it."""
        return self._first(
            f"SELECT key FROM found WHERE status = '{status}' AND key NOT IN "
            f"(SELECT key FROM said WHERE status = '{status}')"
        )

    def _first(self, query: str) -> str | None:
        row = self._base.execute(f"{query} ORDER BY key LIMIT 1").fetchone()
        return None if row is None else str(row[0])


_TABLES: Final = (
    "CREATE TABLE said (key TEXT PRIMARY KEY, digest TEXT DEFAULT '', status TEXT DEFAULT '') "
    "WITHOUT ROWID",
    "CREATE TABLE found (key TEXT PRIMARY KEY, digest TEXT, status TEXT, settled INTEGER) "
    "WITHOUT ROWID",
)
_SAY: Final = (
    "INSERT INTO said (key, digest) VALUES (?, ?) "
    "ON CONFLICT (key) DO UPDATE SET digest = excluded.digest"
)
_SAY_STATUS: Final = (
    "INSERT INTO said (key, status) VALUES (?, ?) "
    "ON CONFLICT (key) DO UPDATE SET status = excluded.status"
)
