"""What this company's database really has: the wanted columns as far as the server shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import sqlalchemy as sa

from incasso.api import ConfigurationError, text
from incasso_mago4.database.wanted import BY_NAME, TABLES, Wanted

Shown = Mapping[str, tuple[tuple[str, str], ...]]
"""Table to (column, type), as the database door gives them."""

Spelled = tuple[str | None, str, tuple[str, ...]]
"""Schema, table and columns as the server spells them."""

_DATES: Final = ("Date", "TBModified", "DateBeforePres")


class Relation:
    """One table in a query: documented column names lead to columns, missing ones to NULL."""

    def __init__(self, name: str, columns: Mapping[str, sa.ColumnElement[Any]], table: Any) -> None:
        self.name = name
        self.table = table
        """None if the database has no such table, or does not show it."""
        self._columns = columns

    def __getitem__(self, column: str) -> sa.ColumnElement[Any]:
        found = self._columns.get(column)
        return sa.null() if found is None else found

    def __bool__(self) -> bool:
        return self.table is not None

    def has(self, *columns: str) -> bool:
        """Whether all of them are there."""
        return all(column in self._columns for column in columns)


class Schema:
    """The tables of one company database, by their documented names."""

    def __init__(self, shown: Shown, wanted_schema: str = "") -> None:
        self._found: dict[str, Spelled] = dict(_tables(shown, wanted_schema))
        self.names = sorted(self._found)

    def relation(self, name: str, alias: str) -> Relation:
        """A table to query, under an alias: two of one statement never mix. Empty: by its name."""
        if name.casefold() not in self._found:
            return Relation(name, {}, None)
        schema, table, columns = self._found[name.casefold()]
        spelled = {column.casefold(): column for column in columns}
        wanted = BY_NAME[name]
        present = {
            documented: spelled[documented.casefold()]
            for documented in (*wanted.needed, *wanted.rest)
            if documented.casefold() in spelled
        }
        # Two documented names may be one column on no server: the server's own spelling decides.
        plain = sa.table(
            table, *(sa.column(each, _kind(each)) for each in present.values()), schema=schema
        )
        made = plain.alias(alias) if alias else plain
        return Relation(
            name, {documented: made.c[each] for documented, each in present.items()}, made
        )

    def column(self, relation: Relation, name: str) -> sa.ColumnElement[Any] | None:
        """A column that is not documented, such as the one that names a fiscal company."""
        columns = self.columns(relation.name)
        spelled = {column.casefold(): column for column in columns}.get(name.casefold())
        if spelled is None or relation.table is None:
            return None
        return sa.column(spelled, _selectable=relation.table)

    def columns(self, name: str) -> tuple[str, ...]:
        """Every column of a table as the server spells them; empty if there is no such table."""
        found = self._found.get(name.casefold())
        return found[2] if found else ()

    def missing(self) -> Iterable[tuple[Wanted, tuple[str, ...]]]:
        """Wanted tables that lack something needed: the columns, all of them if it is absent."""
        for wanted in TABLES:
            columns = {column.casefold() for column in self.columns(wanted.name)}
            lacking = tuple(each for each in wanted.needed if each.casefold() not in columns)
            if lacking or not columns:
                yield wanted, lacking

    def require(self, where: str) -> None:
        """Raises ConfigurationError if this is no company database, or not enough of it shows."""
        for wanted, lacking in self.missing():
            if wanted.lost:
                continue
            if not self.columns(wanted.name):
                raise ConfigurationError(_absent(wanted.name, where, self.names))
            raise ConfigurationError(
                text(
                    "{where}: table {name} has no column {lacking}; it is not the table of "
                    "Mago4, or its release is not supported",
                    where=where,
                    name=wanted.name,
                    lacking=list(lacking),
                )
            )


def _absent(table: str, where: str, names: list[str]) -> str:
    if not names:
        return text(
            "{where}: no table of Mago4 (MA_…) is to be seen; check that `url` names "
            "the company database and not the system database, and that the user may "
            "read it: GRANT SELECT ON {table} TO the user of `url`, and so on",
            where=where,
            table=table,
        )
    return (
        f"{where}: table {table} is not to be seen; ask the administrator for "
        f"GRANT SELECT ON {table} TO the user of `url`"
    )


def _tables(shown: Shown, wanted: str) -> Iterable[tuple[str, Spelled]]:
    """Case-folded name to schema, name and columns; the login's own schema comes first."""
    ranked = sorted(shown, key=lambda name: ("." in name, name != f"dbo.{_bare(name)}", name))
    for name in reversed(ranked):
        schema, _, table = name.rpartition(".")
        if wanted and schema.casefold() != wanted.casefold() and schema:
            continue
        columns = tuple(column for column, _ in shown[name])
        yield table.casefold(), (schema or None, table, columns)


def _bare(name: str) -> str:
    return name.rpartition(".")[2]


def _kind(column: str) -> Any:
    """Dates need a type, because SQLite keeps them as text; everything else comes as it is."""
    folded = column.casefold()
    return sa.DateTime() if folded.endswith(tuple(e.casefold() for e in _DATES)) else None
