"""A company's tables on any engine: the newest release, or an older one that lacks some columns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final

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
) -> Tables:
    """Documented name to table; columns go by their documented names too.

    `without` leaves columns out of a table, or with an empty collection the whole table.
    `spelling` changes the names on the server: `str.lower` as on some PostgreSQL servers.
    """
    missing = without or {}
    metadata = sa.MetaData(schema=schema)
    found: dict[str, sa.Table] = {}
    for name in DOCUMENTED:
        lacking = missing.get(name)
        if lacking is None or lacking:
            found[name] = _table(metadata, name, lacking or (), spelling)
    return found


def _table(
    metadata: sa.MetaData, name: str, lacking: Collection[str], spelling: Callable[[str], str]
) -> sa.Table:
    described = DOCUMENTED[name]
    columns = [
        sa.Column(
            spelling(column),
            like.type,
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
