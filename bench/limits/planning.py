"""The plain plan: one SQL statement that selects what is due and inserts a step row for each."""

from __future__ import annotations

import sqlite3

import psycopg

_CREATE = (
    "CREATE TABLE plain_steps (installment_id bigint PRIMARY KEY, client_id bigint NOT NULL,"
    " stage text NOT NULL, due_on date NOT NULL, residual bigint NOT NULL)"
)

# The same predicate the hub's plan comes to on the bench portfolio: open, above tolerance, not
# excluded, the client not in credit, the stage's day come, and not yet planned.
_INSERT = """
INSERT INTO plain_steps (installment_id, client_id, stage, due_on, residual)
SELECT i.id, i.client_id, 'first', {on}, i.residual
FROM installments AS i {join} clients AS c ON c.id = i.client_id
WHERE i.status = 'open' AND i.residual > 500 AND i.due_date <= {due}
  AND NOT c.excluded AND NOT c.office_excluded
  AND NOT EXISTS (SELECT 1 FROM plain_steps AS p WHERE p.installment_id = i.id)
"""


# The same for the next stage of running cases.
_GO_ON = """
INSERT INTO plain_steps (installment_id, client_id, stage, due_on, residual)
SELECT i.id, i.client_id, 'second', {on}, i.residual
FROM cases AS k {join} installments AS i ON i.id = k.installment_id
{join} clients AS c ON c.id = i.client_id
WHERE k.state = 'open' AND k.step_id IS NULL AND k.next_due_on <= {on}
  AND i.status = 'open' AND i.residual > 500 AND NOT c.excluded AND NOT c.office_excluded
  AND NOT EXISTS (SELECT 1 FROM plain_steps AS p WHERE p.installment_id = i.id)
"""


def plan_sqlite(connection: sqlite3.Connection, on: str, due: str) -> int:
    """Plan on SQLite; CROSS JOIN pins the order, else it hops from clients to installments."""
    statement = _INSERT.format(on=f"'{on}'", due=f"'{due}'", join="CROSS JOIN")
    return _run_sqlite(connection, statement)


def go_on_sqlite(connection: sqlite3.Connection, on: str) -> int:
    """Plan the next stages on SQLite."""
    return _run_sqlite(connection, _GO_ON.format(on=f"'{on}'", join="CROSS JOIN"))


def _run_sqlite(connection: sqlite3.Connection, statement: str) -> int:
    connection.execute(_CREATE.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS"))
    connection.execute("BEGIN IMMEDIATE")
    cursor = connection.execute(statement)
    connection.execute("COMMIT")
    return cursor.rowcount


def plan_postgres(connection: psycopg.Connection, on: str, due: str) -> int:
    """Plan on PostgreSQL; nested loops off, the better plan by a third."""
    days = {"on": f"date '{on}'", "due": f"date '{due}'"}
    return _run_postgres(connection, _INSERT.format(**days, join="JOIN"))


def go_on_postgres(connection: psycopg.Connection, on: str) -> int:
    """Plan the next stages on PostgreSQL."""
    return _run_postgres(connection, _GO_ON.format(on=f"date '{on}'", join="JOIN"))


def _run_postgres(connection: psycopg.Connection, statement: str) -> int:
    connection.execute(_CREATE.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS"))
    connection.execute("SET LOCAL enable_nestloop = off")
    cursor = connection.execute(statement.encode())
    connection.commit()
    return cursor.rowcount
