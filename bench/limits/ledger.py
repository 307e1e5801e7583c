"""The plain tables, and the plain sync: bulk load into a staging table, then set-based merge."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psycopg

COLUMNS = (
    "key,client,document_kind,document_number,document_date,installment_number,due_date,amount,"
    "residual,currency,payment_method,unpaid_on,presented_on,agent,depot,area,notes"
).split(",")
_VALUES = [c for c in COLUMNS if c != "key"]
_MONEY = {"amount", "residual"}
_COMPARE = ["client", "due_date", "residual", "unpaid_on", "presented_on", "payment_method"]

_TYPES = {
    "installment_number": "integer",
    **dict.fromkeys(_MONEY, "bigint"),
    **dict.fromkeys(["due_date", "document_date", "unpaid_on", "presented_on"], "date"),
}


def _columns(of: list[str]) -> str:
    return ", ".join(f"{name} {_TYPES.get(name, 'text')}" for name in of)


def read(path: Path) -> Iterator[tuple[object, ...]]:
    """Rows as the plain way reads them: csv.reader, cents as integers, empty dates as null."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        headings = next(rows)
        order = [headings.index(name) for name in COLUMNS]
        dates = [COLUMNS.index(c) for c, kind in _TYPES.items() if kind == "date"]
        money = [COLUMNS.index(c) for c in _MONEY]
        for row in rows:
            values: list[object] = [row[i] for i in order]
            for i in money:
                values[i] = int(str(values[i]).replace(".", ""))  # the bench writes two decimals
            for i in dates:
                values[i] = values[i] or None
            yield tuple(values)


class PlainSqlite:
    """The plain ledger on SQLite, as durable as the hub's (WAL, synchronous FULL)."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "cache_size = -65536"):
            self.connection.execute(f"PRAGMA {pragma}")

    def create(self) -> None:
        """The open items and an index by client."""
        self.connection.execute(
            f"CREATE TABLE items (id integer PRIMARY KEY, {_columns(COLUMNS)},"
            " open integer NOT NULL DEFAULT 1, UNIQUE (key))"
        )
        self.connection.execute("CREATE INDEX items_client ON items (client)")

    def sync(self, path: Path) -> None:
        """One full read of the file merged into the table, in one transaction."""
        run = self.connection.execute
        run("BEGIN IMMEDIATE")
        run(f"CREATE TEMP TABLE staging ({_columns(COLUMNS)}, PRIMARY KEY (key))")
        marks = ", ".join("?" * len(COLUMNS))
        self.connection.executemany(f"INSERT INTO staging VALUES ({marks})", read(path))
        sets = ", ".join(f"{c} = s.{c}" for c in _VALUES)
        differs = " OR ".join(f"i.{c} IS NOT s.{c}" for c in _COMPARE)
        run(
            f"UPDATE items AS i SET {sets}, open = 1 FROM staging AS s"
            f" WHERE i.key = s.key AND ({differs} OR i.open = 0)"
        )
        names = ", ".join(COLUMNS)
        run(
            f"INSERT INTO items ({names}) SELECT {names} FROM staging AS s"
            " WHERE NOT EXISTS (SELECT 1 FROM items AS i WHERE i.key = s.key)"
        )
        run(
            "UPDATE items SET open = 0 WHERE open = 1"
            " AND NOT EXISTS (SELECT 1 FROM staging AS s WHERE s.key = items.key)"
        )
        run("COMMIT")
        run("DROP TABLE staging")

    def totals(self) -> tuple[int, int]:
        """Open items and their sum, to see that hub and plain way agree."""
        row = self.connection.execute("SELECT count(*), sum(residual) FROM items WHERE open = 1")
        count, total = row.fetchone()
        return count, total


class PlainPostgres:
    """The plain ledger on PostgreSQL: COPY, then the same three statements."""

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url)

    def create(self) -> None:
        """The open items and an index by client."""
        run = self.connection.execute
        run(
            "CREATE TABLE items (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
            f" {_columns(COLUMNS)}, open integer NOT NULL DEFAULT 1, UNIQUE (key))"
        )
        run("CREATE INDEX items_client ON items (client)")
        self.connection.commit()

    def sync(self, path: Path) -> None:
        """One full read of the file merged into the table, in one transaction."""
        cursor = self.connection.cursor()
        cursor.execute(f"CREATE TEMP TABLE staging ({_columns(COLUMNS)}) ON COMMIT DROP")
        with cursor.copy("COPY staging FROM STDIN") as copy:
            for row in read(path):
                copy.write_row(row)
        cursor.execute("CREATE UNIQUE INDEX ON staging (key)")
        cursor.execute("ANALYZE staging")
        sets = ", ".join(f"{c} = s.{c}" for c in _VALUES)
        differs = " OR ".join(f"i.{c} IS DISTINCT FROM s.{c}" for c in _COMPARE)
        cursor.execute(
            f"UPDATE items AS i SET {sets}, open = 1 FROM staging AS s"
            f" WHERE i.key = s.key AND ({differs} OR i.open = 0)"
        )
        names = ", ".join(COLUMNS)
        cursor.execute(
            f"INSERT INTO items ({names}) SELECT {names} FROM staging AS s"
            " WHERE NOT EXISTS (SELECT 1 FROM items AS i WHERE i.key = s.key)"
        )
        cursor.execute(
            "UPDATE items SET open = 0 WHERE open = 1"
            " AND NOT EXISTS (SELECT 1 FROM staging AS s WHERE s.key = items.key)"
        )
        self.connection.commit()

    def totals(self) -> tuple[int, int]:
        """Open items and their sum, to see that hub and plain way agree."""
        cursor = self.connection.execute(
            "SELECT count(*), sum(residual)::bigint FROM items WHERE open = 1"
        )
        row = cursor.fetchone()
        assert row is not None
        return row[0], row[1]
