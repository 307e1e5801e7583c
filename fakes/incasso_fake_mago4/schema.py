"""A company's tables on any engine: the newest release, or an older one that lacks some columns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any, Final

import sqlalchemy as sa

from incasso_fake_mago4.tables_ledger import LEDGER
from incasso_fake_mago4.tables_master import MASTER

DOCUMENTED: Final = {**MASTER, **LEDGER}

INDEXES: Final = (
    ("CustSuppType", "InstallmentDate", "Closed"),
    ("CustSuppType", "CustSupp", "OpeningDate"),
    ("BillCode",),
    ("Slip",),
)
"""Those of the open-item rows, as the product creates them."""

Tables = Mapping[str, sa.Table]


def tables(
    *,
    without: Mapping[str, Collection[str]] | None = None,
    spelling: Callable[[str], str] = str,
    schema: str | None = None,
    collation: str = "",
) -> Tables:
    """Documented name to table; columns go by their documented names too.

    `without` leaves columns out of a table, or with an empty collection the whole table.
    `spelling` changes the names on the server: `str.lower` as on some PostgreSQL servers.
    `collation` is how its texts compare: on a SQL Server usually without case.
    """
    if not without and spelling is str and schema is None and not collation:
        return _usual()
    return _tables(without or {}, spelling, schema, collation)


def create_all(engine: sa.Engine, found: Tables) -> None:
    """Create these tables in an empty database."""
    metadata = next(iter(found.values())).metadata
    with engine.begin() as connection:
        for statement in _statements(metadata, engine.dialect.name):
            connection.exec_driver_sql(statement)


@cache
def _usual() -> Tables:
    """The newest release, the same tables for every company: their statements are compiled once."""
    return MappingProxyType(_tables({}, str, None, ""))


@lru_cache(maxsize=8)
def _statements(metadata: sa.MetaData, dialect: str) -> list[str]:
    found: list[str] = []

    def note(statement: sa.schema.ExecutableDDLElement, *_: object, **__: object) -> None:
        found.append(str(statement.compile(dialect=engine.dialect)))

    engine = sa.create_mock_engine(f"{dialect}://", note)
    metadata.create_all(engine, checkfirst=False)
    return found


def _tables(
    missing: Mapping[str, Collection[str]],
    spelling: Callable[[str], str],
    schema: str | None,
    collation: str,
) -> dict[str, sa.Table]:
    metadata = sa.MetaData(schema=schema)
    found: dict[str, sa.Table] = {}
    for name in DOCUMENTED:
        lacking = missing.get(name)
        if lacking is None or lacking:
            found[name] = _table(metadata, name, lacking or (), spelling, collation)
    return found


def _compared(kind: sa.types.TypeEngine[Any], collation: str) -> sa.types.TypeEngine[Any]:
    """The same type; texts compare as said."""
    if collation and isinstance(kind, sa.String):
        return sa.String(kind.length, collation=collation)
    return kind


def _table(
    metadata: sa.MetaData,
    name: str,
    lacking: Collection[str],
    spelling: Callable[[str], str],
    collation: str,
) -> sa.Table:
    described = DOCUMENTED[name]
    columns = [
        sa.Column(
            spelling(column),
            _compared(like.type, collation),
            key=column,
            primary_key=column in described["key"],
            autoincrement=False,
            nullable=False,
            default=like.default.arg if like.default is not None else None,  # type: ignore[attr-defined]
        )
        for part in ("key", "rest")
        for column, like in described[part].items()
        if column not in lacking
    ]
    table = sa.Table(spelling(name), metadata, *columns)
    if name == "MA_PyblsRcvblsDetails":
        for number, members in enumerate(INDEXES, 2):
            if not set(members) & set(lacking):
                sa.Index(spelling(f"IX_{name}_{number}"), *(table.c[each] for each in members))
    return table
