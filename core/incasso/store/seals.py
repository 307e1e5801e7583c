"""The seal of each client and installment: a digest of what the hub wrote, to see what others did.

Every statement that writes what the ERP says of a row seals it anew. A row whose seal does not fit
was changed by somebody else, whatever its fingerprint says: the fingerprint tells what the source
said, the seal what the hub made of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection, Table
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from incasso.store.engine import BETWEEN
from incasso.store.tables.ledger import clients, installments

_OF_THE_ROW: Final = frozenset({"id", "source_id", "fingerprint"})


def _covered(table: Table, besides: str) -> tuple[str, ...]:
    names = [column.name for column in table.c]
    above = (name for name in names[: names.index("seal")] if name not in _OF_THE_ROW)
    return (*above, besides)


SEALED: Final[Mapping[Table, tuple[str, ...]]] = {
    clients: _covered(clients, "gone_on"),
    installments: _covered(installments, "absences"),
}
"""The columns that a seal covers: those above it in the table, and the one named here. Below stand
what persons of the office decide and what the hub notes for itself, which no source can heal."""


class _Seal(sa.sql.functions.FunctionElement[str]):
    """MD5 of some values as text with a separator between them; nothing for null."""

    type = sa.Text()
    inherit_cache = True


@compiles(_Seal)
def _by_our_function(element: _Seal, compiler: SQLCompiler, **options: Any) -> str:
    """`store.engine` gives it to SQLite, which hands over one text in two thirds of the time that
    all the values take; a null is an empty text there."""
    values = [compiler.process(each, **options) for each in element.clauses]
    return f"incasso_seal(printf('{BETWEEN.join(['%s'] * len(values))}', {', '.join(values)}))"


@compiles(_Seal, "postgresql")
def _by_the_server(element: _Seal, compiler: SQLCompiler, **options: Any) -> str:
    parts = (_text_of(each, compiler, options) for each in element.clauses)
    return f"md5(concat_ws({BETWEEN!r}, {', '.join(parts)}))"


def _text_of(value: sa.ColumnElement[Any], compiler: SQLCompiler, options: dict[str, Any]) -> str:
    written = compiler.process(value, **options)
    match value.type:
        case sa.Date():  # the session decides how a day is cast to text
            shown = f"to_char(({written})::date, 'YYYY-MM-DD')"
        case sa.Boolean():  # 0 and 1, as SQLite keeps it
            shown = f"({written})::int::text"
        case _:
            shown = f"({written})::text"
    return f"coalesce({shown}, '')"


def seal_of(table: Table, values: Mapping[str, Any]) -> sa.ColumnElement[str]:
    """The seal of a row with these values of `SEALED`; the same on every database."""
    typed = (sa.type_coerce(values[name], table.c[name].type) for name in SEALED[table])
    return _Seal(*typed)


def reseal(connection: Connection, table: Table, condition: sa.ColumnElement[bool]) -> None:
    """Seal these rows as they are now."""
    connection.execute(sa.update(table).where(condition).values(seal=_own_seal(table)))


def change(connection: Connection, table: Table, row: int, values: Mapping[str, Any]) -> None:
    """Change a row by an act of the hub. One that somebody else changed before stays found."""
    covered = {
        name: sa.literal(value, table.c[name].type)
        for name, value in values.items()
        if name in SEALED[table]
    }
    anew = seal_of(table, {**_own(table), **covered})
    fitted = table.c.seal == _own_seal(table)
    seal = sa.case((fitted, anew), else_=table.c.seal)
    connection.execute(sa.update(table).where(table.c.id == row).values({**values, "seal": seal}))


def unlike_seal(table: Table) -> sa.ColumnElement[bool]:
    """Whether somebody else changed or made the row. It reads every column: not for every sync."""
    return sa.or_(table.c.seal.is_(None), table.c.seal != _own_seal(table))


def first_sealing(connection: Connection, table: Table, source_id: int) -> None:
    """Rows of an older release have no seal yet: they are sealed as they stand."""
    reseal(connection, table, sa.and_(table.c.source_id == source_id, table.c.seal.is_(None)))


def _own(table: Table) -> Mapping[str, Any]:
    return {name: table.c[name] for name in SEALED[table]}


def _own_seal(table: Table) -> sa.ColumnElement[str]:
    return seal_of(table, _own(table))
