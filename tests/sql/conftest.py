"""A door to databases, and the same small ERP table on every kind of server that is here."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
import pymysql
import pytest
import sqlalchemy as sa

from incasso.contract.doors import SqlClient, SqlLogin
from incasso.contract.values import Secret
from incasso.plugins.sql.door import SqlDoor

ROWS = 30_000


@dataclass
class Left:
    """The deadline of a call, moved by hand."""

    deadline: float


Open = Callable[..., SqlClient]


@pytest.fixture
def left() -> Left:
    return Left(time.monotonic() + 60)


@pytest.fixture
def door(left: Left) -> Iterator[Open]:
    """Opens a database as a plugin would, by URL."""
    door = SqlDoor(log=logging.getLogger("incasso.plugin.erp"))

    def begin(url: str, password: str = "", **more: object) -> SqlClient:
        secret = Secret(password) if password else None
        return door.until(left)(SqlLogin(url=url, password=secret, **more))  # type: ignore[arg-type]

    yield begin
    door.close()


@dataclass(frozen=True)
class Server:
    """A real server with a table `items` of ROWS rows, and a login that may do nothing else."""

    kind: str
    url: str
    poor: str
    do: Callable[[str], list[tuple[object, ...]]]
    """Run a statement as the administrator."""


@pytest.fixture(params=["mysql", pytest.param("postgresql", marks=pytest.mark.postgres)])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    if request.param == "mysql":
        yield from _mariadb(int(request.getfixturevalue("mariadb_port")))
    else:
        yield from _postgresql(str(request.getfixturevalue("postgres_url")))


def _mariadb(port: int) -> Iterator[Server]:
    name = f"t{uuid4().hex[:12]}"
    root = pymysql.connect(host="127.0.0.1", port=port, user="root", autocommit=True)

    def do(statement: str) -> list[tuple[object, ...]]:
        with root.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    with closing(root):
        do(f"CREATE DATABASE {name}")
        do(f"USE {name}")
        do("CREATE TABLE items (id INT PRIMARY KEY, name VARCHAR(20), amount DECIMAL(12,2))")
        do(f"INSERT INTO items SELECT seq, CONCAT('è', seq), seq / 100 FROM seq_1_to_{ROWS}")
        do("CREATE TABLE secrets (id INT)")
        do(f"CREATE USER {name}@'%' IDENTIFIED BY 'hunter22'")
        do(f"GRANT SELECT ON {name}.items TO {name}@'%'")
        yield Server(
            "mysql",
            f"mariadb+pymysql://root@127.0.0.1:{port}/{name}",
            f"mysql://{name}@127.0.0.1:{port}/{name}",
            do,
        )
        do(f"DROP DATABASE {name}")
        do(f"DROP USER {name}@'%'")


def _postgresql(url: str) -> Iterator[Server]:
    name = f"t{uuid4().hex[:12]}"
    at = sa.make_url(url).set(drivername="postgresql")
    with psycopg.connect(url, autocommit=True) as first:
        first.execute(f"CREATE DATABASE {name}")
        first.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'hunter22'")
    own = at.set(database=name)
    with psycopg.connect(own.render_as_string(False), autocommit=True) as root:

        def do(statement: str) -> list[tuple[object, ...]]:
            cursor = root.execute(statement)
            return cursor.fetchall() if cursor.description else []

        do("CREATE TABLE items (id INT PRIMARY KEY, name VARCHAR(20), amount DECIMAL(12,2))")
        do(f"INSERT INTO items SELECT i, 'è' || i, i / 100.0 FROM generate_series(1, {ROWS}) i")
        do("CREATE TABLE secrets (id INT)")
        do(f"GRANT SELECT ON items TO {name}")
        plain = own.set(password=None)
        yield Server(
            "postgresql",
            plain.set(drivername="postgresql+psycopg").render_as_string(False),
            plain.set(username=name).render_as_string(False),
            do,
        )
    with psycopg.connect(url, autocommit=True) as last:
        last.execute(f"DROP DATABASE {name} WITH (FORCE)")
        last.execute(f"DROP ROLE {name}")


@pytest.fixture
def file(tmp_path: Path) -> str:
    """The same table in a SQLite file; gives its URL."""
    url = f"sqlite:///{tmp_path / 'erp copy.db'}"
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE items (id INT, name VARCHAR(20), amount NUMERIC)")
        connection.execute(
            sa.text("INSERT INTO items VALUES (:id, :name, :id)"),
            [{"id": i, "name": f"è{i}"} for i in range(1, ROWS + 1)],
        )
    engine.dispose()
    return url
