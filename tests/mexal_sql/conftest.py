"""A replica on SQLite, MariaDB and PostgreSQL, and the connector as the hub calls it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

import incasso_mexal
from incasso.contract.capabilities import Family
from incasso.plugins.discovery import inspect_packages
from incasso.plugins.handles import ConnectorHandle
from incasso.plugins.registry import Registry, build_registry
from incasso.plugins.settings.config import HubConfig
from tests.mexal_sql.replica import Replica

ON = date(2026, 3, 2)


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    """On SQLite: what does not depend on the server."""
    url = f"sqlite:///{tmp_path / 'abc_rp.db'}"
    yield from built(Replica(url, sa.create_engine(url)))


@pytest.fixture(params=["sqlite", "mysql", pytest.param("postgresql", marks=pytest.mark.postgres)])
def every_replica(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Replica]:
    """On every server there is here."""
    if request.param == "mysql":
        yield from _mariadb(int(request.getfixturevalue("mariadb_port")), "abc_rp")
    elif request.param == "postgresql":
        yield from _postgresql(str(request.getfixturevalue("postgres_url")))
    else:
        url = f"sqlite:///{tmp_path / 'abc_rp.db'}"
        yield from built(Replica(url, sa.create_engine(url)))


@pytest.fixture
def mariadb_replica(mariadb_port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Replica]:
    """On MariaDB, read by a user who may only read, with a password."""
    for replica in _mariadb(mariadb_port, f"abc{uuid4().hex[:8]}_rp"):
        name = str(replica.engine.url.database)
        replica.do(f"CREATE USER {name}@'%' IDENTIFIED BY 'hunter22'")
        replica.do(f"GRANT SELECT ON {name}.* TO {name}@'%'")
        monkeypatch.setenv("REPLICA_PASSWORD", "hunter22")
        replica.url = f"mysql+pymysql://{name}@127.0.0.1:{mariadb_port}/{name}"
        replica.settings = {"password": {"env": "REPLICA_PASSWORD"}}
        yield replica
        replica.do(f"DROP USER {name}@'%'")


def _mariadb(port: int, name: str) -> Iterator[Replica]:
    server = f"mysql+pymysql://root@127.0.0.1:{port}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}")
        connection.exec_driver_sql(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    url = f"{server}/{name}"
    yield from built(Replica(url, sa.create_engine(url)))
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name}")
    admin.dispose()


def _postgresql(server: str) -> Iterator[Replica]:
    name = f"t{uuid4().hex[:12]}"
    at = sa.make_url(server).set(drivername="postgresql+psycopg", password=None)
    admin = sa.create_engine(at, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    url = at.set(database=name).render_as_string(False)
    yield from built(Replica(url, sa.create_engine(url)))
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


def built(replica: Replica) -> Iterator[Replica]:
    replica.build()
    yield replica
    replica.engine.dispose()


Begin = Callable[..., ConnectorHandle]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """A hub around one table of plugins.toml."""
    started: list[Registry] = []

    def start(table: dict[str, object]) -> ConnectorHandle:
        config = HubConfig(
            path=tmp_path / "plugins.toml", tables={Family.CONNECTOR: {"acme": table}}
        )
        registry = build_registry(
            config,
            now=lambda: datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
            discovery=inspect_packages({"mexal": incasso_mexal}),
        )
        started.append(registry)
        assert registry.problems == (), registry.problems
        return registry.connector("acme")

    yield start
    for registry in started:
        registry.close()
