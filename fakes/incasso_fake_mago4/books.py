"""The bottom of a company's books: rows in and out, numbers, and a clock that only goes forward."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, Self

import sqlalchemy as sa

from incasso_fake_mago4.schema import Tables, create_all, tables

Money = str | Decimal

BEGIN: Final = datetime(2026, 1, 1, 8, 0)  # noqa: DTZ001 - the server's local time


class Books:
    """One company's database.

    Every change takes one minute of `clock`, which is what TBModified says: the server's local
    time. Move it to make changes old or new.
    """

    def __init__(self, engine: sa.Engine, found: Tables, begin: datetime = BEGIN) -> None:
        self.engine = engine
        self.tables = found
        self.clock = begin
        self._last: dict[str, int] = {}

    @classmethod
    def create(
        cls,
        url: str,
        *,
        name: str = "Officine Aurelia S.r.l.",
        without: Mapping[str, Collection[str]] | None = None,
        spelling: Callable[[str], str] = str,
        begin: datetime = BEGIN,
        collation: str = "",
    ) -> Self:
        """An empty company in an empty database."""
        company = cls.at(url, without=without, spelling=spelling, begin=begin, collation=collation)
        create_all(company.engine, company.tables)
        if "MA_Company" in company.tables:
            company.insert("MA_Company", CompanyId=1, CompanyName=name)
        return company

    @classmethod
    def at(
        cls,
        url: str,
        *,
        without: Mapping[str, Collection[str]] | None = None,
        spelling: Callable[[str], str] = str,
        begin: datetime = BEGIN,
        collation: str = "",
    ) -> Self:
        """A company that is there already; numbers and clock go on from what it holds."""
        engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
        if engine.dialect.name == "sqlite":
            sa.event.listen(engine, "connect", _without_sync)
        company = cls(
            engine, tables(without=without, spelling=spelling, collation=collation), begin
        )
        there = set(sa.inspect(engine).get_table_names())
        if there >= {table.name for table in company.tables.values()}:
            company._go_on()
        return company

    def _go_on(self) -> None:
        series = {
            "item": "MA_PyblsRcvbls.PymtSchedId",
            "journal": "MA_JournalEntriesGLDetail.JournalEntryId",
            "document": "MA_SaleDoc.SaleDocId",
            "compensation": "MA_PyblsRcvblsDetails.CompensationNo",
        }
        with self.engine.connect() as connection:
            for what, place in series.items():
                name, _, column = place.partition(".")
                if name in self.tables and column in self.tables[name].c:
                    highest = sa.func.max(self.tables[name].c[column])
                    self._last[what] = connection.scalar(sa.select(highest)) or 0
            for table in self.tables.values():
                changed = connection.scalar(sa.select(sa.func.max(table.c["TBModified"])))
                self.clock = max(self.clock, changed or self.clock)

    def insert(self, table: str, **values: Any) -> None:
        """One row; what an older release has no column for is left out."""
        target = self.tables[table]
        now = self.tick()
        row = {"TBCreated": now, "TBModified": now, **values}
        with self.engine.begin() as connection:
            connection.execute(target.insert(), self._fitting(target, row))

    def update(self, table: str, where: Mapping[str, Any], **values: Any) -> int:
        """Change the rows whose columns equal `where`, and when they were modified."""
        target = self.tables[table]
        row = self._fitting(target, {"TBModified": self.tick(), **values})
        with self.engine.begin() as connection:
            statement = target.update().where(*_equal(target, where)).values(row)
            return connection.execute(statement).rowcount

    def remove(self, table: str, **where: Any) -> int:
        """Delete rows. The database keeps no trace of them."""
        target = self.tables[table]
        with self.engine.begin() as connection:
            return connection.execute(target.delete().where(*_equal(target, where))).rowcount

    def rows(self, table: str, **where: Any) -> list[dict[str, Any]]:
        """Rows as dictionaries by documented column names."""
        target = self.tables[table]
        statement = sa.select(*(column.label(column.key) for column in target.c))
        with self.engine.connect() as connection:
            found = connection.execute(statement.where(*_equal(target, where)))
            return [dict(row) for row in found.mappings()]

    def number(self, what: str) -> int:
        """The next number of a series: items, journal entries, documents."""
        self._last[what] = self._last.get(what, 0) + 1
        return self._last[what]

    def tick(self) -> datetime:
        """The instant of the change that is being made."""
        self.clock += timedelta(minutes=1)
        return self.clock

    def _fitting(self, table: sa.Table, row: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in row.items() if name in table.c}


def _without_sync(connection: Any, _record: Any) -> None:
    """A database for tests need not survive a power cut; waiting for the disk takes most time."""
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA journal_mode = MEMORY")


def _equal(table: sa.Table, where: Mapping[str, Any]) -> list[sa.ColumnElement[bool]]:
    return [table.c[name] == value for name, value in where.items()]


def instant(on: date) -> datetime:
    """A day as the database keeps it."""
    return datetime.combine(on, time.min)


def stored(amount: Money) -> float:
    """An amount as the database keeps it: a binary float."""
    return float(Decimal(amount))
