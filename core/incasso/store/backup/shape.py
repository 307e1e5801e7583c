"""The tables of any release, as its migrations make them: what is written out and read in again."""

from __future__ import annotations

import warnings
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from alembic import command

from incasso.store.engine import open_store
from incasso.store.migrate import alembic

VERSIONS: Final = "alembic_version"

NOT_COPIED: Final = frozenset({VERSIONS, "jobs"})
"""Background jobs are about the moment: nothing may be done because a copy says it was to be."""


class Kind(StrEnum):
    """How a value is written in a backup, whichever database it comes from."""

    NUMBER = "number"
    TEXT = "text"
    TRUTH = "truth"
    DAY = "day"
    """ISO."""
    INSTANT = "instant"
    """`2026-11-23 08:00:00.000000`, UTC."""
    JSON = "json"
    """The stored text, byte for byte: the journal's hashes are over it."""
    BYTES = "bytes"
    """Base64."""


class Column(msgspec.Struct, frozen=True):
    """One column and how its values are written."""

    name: str
    kind: Kind


class Shape(msgspec.Struct, frozen=True):
    """One table: its columns, and by which of them its rows are in order."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    counted: bool
    """Whether its key is a number `id`, which the database may count up by itself."""


_KINDS: Final[tuple[tuple[type[Any], Kind], ...]] = (
    (sa.Boolean, Kind.TRUTH),
    (sa.Integer, Kind.NUMBER),
    (sa.DateTime, Kind.INSTANT),
    (sa.Date, Kind.DAY),
    (sa.JSON, Kind.JSON),
    (sa.LargeBinary, Kind.BYTES),
    (sa.Text, Kind.TEXT),
)


@cache
def shapes_of(revision: str) -> tuple[Shape, ...]:
    """Every table at that revision; a table comes after those that its rows name."""
    store = open_store("sqlite://", Path())
    try:
        with store.engine.connect() as connection:
            command.upgrade(alembic(connection), revision)
            known = _reflected(connection)
            tables = (each for each in known.sorted_tables if each.name not in NOT_COPIED)
            return tuple(map(_shape, tables))
    finally:
        store.close()


def _reflected(connection: sa.Connection) -> sa.MetaData:
    """The tables as they are. SQLAlchemy warns of each index over an expression, which it cannot
    read back; a shape needs no indexes."""
    known = sa.MetaData()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Skipped unsupported reflection of expression-based")
        known.reflect(connection)
    return known


def _shape(table: sa.Table) -> Shape:
    columns = tuple(Column(str(column.name), _kind(column)) for column in table.columns)
    key = tuple(str(column.name) for column in table.primary_key.columns)
    counted = key == ("id",) and Column("id", Kind.NUMBER) in columns
    return Shape(str(table.name), columns, key or (columns[0].name,), counted)


def _kind(column: sa.Column[Any]) -> Kind:
    for type_, kind in _KINDS:
        if isinstance(column.type, type_):
            return kind
    raise TypeError(f"{column.table.name}.{column.name}: {column.type!r} is not written in backups")
