"""From the paths of a list to columns of tables, joined as they are needed."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, FromClause, Select

from incasso.store.lists.listing import Asks, Expression, Listing
from incasso.store.sorting import in_order
from incasso.store.tables import metadata
from incasso.store.tables.office import users


class Paths:
    """The tables of one query, from the list's own along foreign keys."""

    def __init__(
        self,
        connection: Connection,
        listing: Listing,
        on: date | None,
        base: FromClause | None = None,
    ) -> None:
        self.connection = connection
        self.listing = listing
        self._on = on
        self.base = self._table_of(listing) if base is None else base
        self._reached: dict[str, FromClause] = {"": self.base}
        self._joins: list[tuple[FromClause, ColumnElement[bool], bool]] = []
        self._outer: set[str] = set()
        self.finds = False
        """Whether a condition leaves few rows, which an index finds."""
        self.bounds: dict[str, list[tuple[Asks, date]]] = {}
        """By column the first and the last day of the rows wanted: where a walk begins and ends."""

    def _table_of(self, listing: Listing) -> FromClause:
        if listing.base is not None:
            return listing.base(self.connection, self.on)
        return metadata.tables[listing.table]

    @property
    def on(self) -> date:
        """The business date. Raises TypeError if the list was asked for without one."""
        if self._on is None:
            raise TypeError(f"{self.listing.name} are listed as of a day")
        return self._on

    @property
    def clients(self) -> FromClause:
        """The table of the clients whose rows these are."""
        return self.table(self.listing.client)

    @property
    def key(self) -> ColumnElement[Any]:
        """What tells the rows of the list's own table apart."""
        (key,) = metadata.tables[self.listing.table].primary_key.columns
        return key

    @property
    def client_key(self) -> ColumnElement[Any]:
        """The id of the client whose row it is, without a look at the client itself."""
        if not self.listing.client:
            return self.base.c.id
        way, _, name = self.listing.client.rpartition(".")
        return self.table(way).c[f"{name}_id"]

    @property
    def sources(self) -> FromClause:
        """The table of their sources."""
        return self.table(self.listing.source)

    @property
    def source_key(self) -> ColumnElement[Any]:
        """The id of the row's source, where the row itself or its client has it."""
        way, _, name = self.listing.source.rpartition(".")
        return self.table(way).c[f"{name}_id"]

    def column(self, path: str) -> ColumnElement[Any]:
        """The column at the end of a path."""
        way, _, name = path.rpartition(".")
        return self.table(way).c[name]

    def expression(self, sql: str | Expression, name: str) -> ColumnElement[Any]:
        """What a column or filter of that name reads."""
        return self.column(sql or name) if isinstance(sql, str) else sql(self)

    def table(self, way: str) -> FromClause:
        """The table a path leads to, joined if this is the first that needs it."""
        found = self._reached.get(way)
        return self._join(way) if found is None else found

    def in_order(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """A column to sort by, texts by their code points: the same list from both databases."""
        return in_order(self.connection, column) if _is_text(column) else column

    def joined(self, query: Select[Any]) -> Select[Any]:
        """The query from the list's own table and the tables that it reads."""
        read = self._read_by(query)
        query = query.select_from(self.base)
        for table, condition, outer in self._joins:
            if table in read:
                query = query.join(table, condition, isouter=outer)
        return query

    def _read_by(self, query: Select[Any]) -> set[FromClause]:
        """The tables of the query and those on the way to them. A join that nothing reads changes
        no row, but SQLite carries it out all the same where rows are summed."""
        read = set(query.get_final_froms())
        for table, condition, _ in reversed(self._joins):
            if table in read:
                read.update(sa.select(condition).get_final_froms())
        return read

    def _join(self, way: str) -> FromClause:
        parent, _, relation = way.rpartition(".")
        own = self.listing.joins or {}
        if way in own:
            table, condition = own[way](self)
            outer = way not in self.listing.certain
        else:
            key = self.table(parent).c[f"{relation}_id"]
            table = self._table_behind(key, way)
            condition = table.c.id == key
            outer = key.nullable or parent in self._outer
        if outer:
            self._outer.add(way)
        self._reached[way] = table
        self._joins.append((table, condition, outer))
        return table

    def _table_behind(self, key: ColumnElement[Any], way: str) -> FromClause:
        (foreign,) = key.foreign_keys
        table: sa.Table = foreign.column.table
        # People stand in several places of one row; other tables keep the name that shared
        # expressions know them by.
        if table is users or table in self._reached.values():
            return table.alias(way.replace(".", "_"))
        return table


def _is_text(column: ColumnElement[Any]) -> bool:
    return isinstance(column.type, sa.Text | sa.String)
