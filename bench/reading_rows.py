"""Rows by the million from one statement, in the words of each database."""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import Connection

TODAY: Final = date(2026, 11, 23)
PER_CLIENT: Final = 20
BIG: Final = 10
"""So many clients have much more than the others."""


class Rows:
    """One office; `n` in the statements is the number of the row, from 1."""

    def __init__(self, connection: Connection, installments: int) -> None:
        self.connection = connection
        self.lite = connection.dialect.name == "sqlite"
        self.size = installments
        self._percent = "%" if self.lite else "%%"
        self.clients = max(installments // PER_CLIENT, BIG)
        self.agreements = max(installments // 50, 3000)

    def client(self, n: str, each: int) -> str:
        """Whose the n-th thing is, where a client has `each` and a few have hundreds."""
        number = f"(1 + ({n} - 1) / {each})"
        return f"(CASE WHEN {n} % 100 = 0 THEN 1 + ({n} / 100) % {BIG} ELSE {number} END)"

    def spread(self, n: str, among: int) -> str:
        """A number below `among`, without order."""
        return f"({n} % 1000003 * 7919 % {among})"

    def day(self, days: str) -> str:
        """So many days after today."""
        if self.lite:
            return f"date('{TODAY}', ({days}) || ' days')"
        return f"(date '{TODAY}' + ({days})::int)"

    def instant(self, minutes: str) -> str:
        """So many minutes after the beginning of the year."""
        if self.lite:
            return f"strftime('%Y-%m-%d %H:%M:%S.000000', '2026-01-01', ({minutes}) || ' minutes')"
        return f"(timestamptz '2026-01-01 00:00:00Z' + ({minutes}) * interval '1 minute')"

    def insert(
        self, table: str, count: int, values: dict[str, str], joins: str = "", before: str = ""
    ) -> None:
        """So many rows with these expressions of `n`."""
        if before:
            self.do(before)
        names = ", ".join(f'"{name}"' for name in values)
        numbers = (
            f"(WITH RECURSIVE c (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM c WHERE n < {count})"
            " SELECT n FROM c)"
            if self.lite
            else f"(SELECT generate_series(1::bigint, {count}) AS n)"
        )
        self.do(
            f"INSERT INTO {table} ({names}) SELECT {', '.join(values.values())} "
            f"FROM {numbers} AS numbers {joins}"
        )
        if not self.lite and "id" in values and values["id"] == "n":
            sequence = f"pg_get_serial_sequence('{table}', 'id')"
            self.do(f"SELECT setval({sequence}, {count})")

    def do(self, statement: str) -> None:
        """Run a statement."""
        self.connection.exec_driver_sql(statement.replace("%", self._percent))
