"""Ask a database how it carries out each statement that runs, and find walks through a table.

A statement sent past SQLAlchemy (`driver.execute…`) is not seen: on hot paths that is for rows by
their number only. What has to be found goes through `execute` or `exec_driver_sql`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import event

from incasso.store.engine import Store
from incasso.store.lists.index import LISTS
from incasso.store.tables import metadata

SMALL = frozenset(
    {
        "sources",
        "users",
        "office_settings",
        "iters",
        "iter_versions",
        "agents",
        "depots",
        "journal_head",
    }
)
"""Tables that do not grow with the ledger or with the years. Every other table does."""

GROWING = frozenset(metadata.tables) - SMALL


class Walk(NamedTuple):
    """A statement that goes through a growing table, or a whole index of it."""

    table: str
    how: str
    statement: str


class Watch:
    """What was seen."""

    def __init__(self) -> None:
        self.statements = 0
        self.walks: list[Walk] = []

    def look(self, connection: sa.Connection, statement: str, parameters: Any) -> None:
        """Ask for the plan of a statement with these values, on the connection it runs on."""
        if not re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", statement, re.IGNORECASE):
            return
        self.statements += 1
        driver: Any = connection.connection.driver_connection
        cursor = driver.cursor()
        if connection.dialect.name == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            details = [row[3] for row in cursor.fetchall()]
            found = list(_walks_of_sqlite(details, statement))
            found = [] if _begins_sqlite(details, statement) else found
        else:
            # Some thousand rows are walked for good reasons. A plan that walks although it is told
            # not to has no other way, whatever the size.
            for way in ("seqscan", "mergejoin", "hashjoin"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
            cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", parameters or None)
            plan = cursor.fetchone()[0][0]["Plan"]
            found = [] if _begins_postgres(plan) else list(_walks_of_postgres(plan))
        cursor.close()
        self.walks += [Walk(table, how, statement) for table, how in found if table in GROWING]


@contextmanager
def watching(store: Store) -> Iterator[Watch]:
    """Watch everything that runs on a store."""
    watch = Watch()

    def before(
        connection: sa.Connection, _cursor: Any, statement: str, parameters: Any, *more: Any
    ) -> None:
        many = more[-1]
        if not many:
            watch.look(connection, statement, parameters)

    event.listen(store.engine, "before_cursor_execute", before)
    try:
        yield watch
    finally:
        event.remove(store.engine, "before_cursor_execute", before)


_ALIAS = re.compile(r"\b(\w+) AS (\w+)\b", re.IGNORECASE)


def _walks_of_sqlite(details: list[str], statement: str) -> Iterator[tuple[str, str]]:
    aliases = {alias: table for table, alias in _ALIAS.findall(statement)}
    for detail in details:
        if found := re.match(r"SCAN (\w+)", detail):
            yield str(aliases.get(found[1], found[1])), detail


_NOTHING_FILTERED = re.compile(
    r"SELECT [^()]* FROM \w+ (WHERE (1 = 1|true|"
    + "|".join(re.escape(f"({one.where})") for each in LISTS for one in each.paged if one.where)
    + r") )?ORDER BY [^()]* LIMIT \S+( OFFSET \S+)?"
)


def _begins_sqlite(details: list[str], statement: str) -> bool:
    """Whether it takes the first rows of an index, one after the other, and stops."""
    within = ("USE TEMP B-TREE FOR LAST ", "USE TEMP B-TREE FOR RIGHT ")
    ordered = all(each.startswith(("SCAN ", *within)) for each in details)
    return ordered and bool(_NOTHING_FILTERED.fullmatch(" ".join(statement.split())))


def _begins_postgres(node: dict[str, Any]) -> bool:
    """The same: a limit over an index that has the order, or its first columns."""
    if node["Node Type"] != "Limit":
        return False
    below = node["Plans"][0]
    if below["Node Type"] == "Incremental Sort":
        (below,) = below["Plans"]
    return below["Node Type"] in _BY_INDEX and "Filter" not in below


_BY_INDEX = ("Index Scan", "Index Only Scan", "Bitmap Index Scan")


def _walks_of_postgres(node: dict[str, Any], table: str = "") -> Iterator[tuple[str, str]]:
    kind, table = node["Node Type"], node.get("Relation Name", table)
    if kind == "Seq Scan" or (kind in _BY_INDEX and "Index Cond" not in node):
        yield table, f"{kind} {node.get('Index Name', '')}".strip()
    for inner in node.get("Plans", ()):
        yield from _walks_of_postgres(inner, table)
