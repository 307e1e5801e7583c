"""Which tables and columns a login may read: the information schema of each kind of server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa

_COLUMNS: Final = {
    # Upper case, because a case-sensitive SQL Server spells its own views so.
    "mssql": """
        SELECT CASE TABLE_SCHEMA WHEN SCHEMA_NAME() THEN '' ELSE TABLE_SCHEMA END,
               TABLE_NAME, COLUMN_NAME, DATA_TYPE
        FROM INFORMATION_SCHEMA.COLUMNS
        WHERE {like}
        ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION
        """,
    "mysql": """
        SELECT '', TABLE_NAME, COLUMN_NAME, DATA_TYPE
        FROM INFORMATION_SCHEMA.COLUMNS
        WHERE TABLE_SCHEMA = DATABASE() AND {like}
        ORDER BY TABLE_NAME, ORDINAL_POSITION
        """,
    "postgresql": """
        SELECT CASE table_schema WHEN current_schema() THEN '' ELSE table_schema END,
               table_name, column_name, data_type
        FROM information_schema.columns
        WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
          AND {like}
        ORDER BY table_schema, table_name, ordinal_position
        """,
    "sqlite": """
        SELECT '', m.name, c.name, LOWER(c.type)
        FROM sqlite_master m JOIN pragma_table_info(m.name) c
        WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
          AND {like}
        ORDER BY m.name, c.cid
        """,
    # What another user owns shows under its name; recycled and system tables are nobody's ledger.
    "oracle": """
        SELECT CASE t.owner WHEN SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') THEN '' ELSE t.owner END,
               t.table_name, t.column_name, LOWER(t.data_type)
        FROM all_tab_columns t JOIN all_users u ON u.username = t.owner
        WHERE u.oracle_maintained = 'N' AND t.table_name NOT LIKE 'BIN$%' AND {like}
        ORDER BY t.owner, t.table_name, t.column_id
        """,
}

_NAMES: Final = {
    "mssql": "TABLE_NAME",
    "mysql": "TABLE_NAME",
    "postgresql": "table_name",
    "sqlite": "m.name",
    "oracle": "t.table_name",
}
"""What a pattern of table names is compared with."""

_VERSIONS: Final = {
    "mssql": "SELECT @@VERSION",
    "mysql": "SELECT CONCAT(VERSION(), ' ', @@version_comment)",
    "postgresql": "SELECT 'PostgreSQL ' || current_setting('server_version')",
    "sqlite": "SELECT 'SQLite ' || sqlite_version()",
    "oracle": "SELECT banner FROM v$version WHERE ROWNUM = 1",
}


def columns_of(
    connection: sa.Connection, backend: str, like: str
) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Table or view to (column, type); `schema.table` where it is not in the login's own schema."""
    found: dict[str, list[tuple[str, str]]] = {}
    statement, patterns = _asking(backend, like)
    for schema, table, column, kind in connection.execute(statement, patterns):
        found.setdefault(f"{schema}.{table}" if schema else table, []).append((column, _word(kind)))
    return {table: tuple(columns) for table, columns in found.items()}


def _asking(backend: str, like: str) -> tuple[sa.TextClause, dict[str, str]]:
    """The query for tables like one of some patterns, and these."""
    patterns = {f"like{n}": each for n, each in enumerate(like.split("|"))}
    name = _NAMES[backend]
    wanted = " OR ".join(f"LOWER({name}) LIKE LOWER(:{each})" for each in patterns)
    return sa.text(_COLUMNS[backend].replace("{like}", f"({wanted})")), patterns


def version_of(connection: sa.Connection, backend: str) -> str:
    """Name and version of the server, in one line."""
    version = connection.execute(sa.text(_VERSIONS[backend])).scalar_one()
    return " ".join(_word(version).split("\n")[0].split())


def _word(value: object) -> str:
    # MySQL's information schema gives some of its texts as bytes.
    return value.decode() if isinstance(value, bytes) else str(value)
