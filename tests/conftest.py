"""Fixtures that every test may use: a store on each database, with the real schema."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
import sqlalchemy as sa

from incasso.store.engine import Store, open_store
from incasso.store.tables import metadata


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL: the one INCASSO_TEST_POSTGRES names, else the embedded one."""
    if given := os.environ.get("INCASSO_TEST_POSTGRES"):
        yield given
        return
    from tests.postgres import embedded

    # A socket path may have 107 characters at most, so pytest's own long folders will not do.
    with TemporaryDirectory(prefix="pg") as folder, embedded(Path(folder)) as url:
        yield url


@pytest.fixture(scope="session")
def mariadb_port() -> Iterator[int]:
    """A real MariaDB of its own, user root without password; skipped where it is not installed."""
    from tests.mariadb import absent, private_server

    if reason := absent():
        pytest.skip(reason)
    with TemporaryDirectory(prefix="my") as folder, private_server(Path(folder)) as port:
        yield port


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'incasso.db'}"
        return
    yield request.getfixturevalue("fresh_postgres")


@pytest.fixture
def fresh_postgres(postgres_url: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database, gone afterwards."""
    name = f"t{uuid4().hex}"
    admin = sa.create_engine(
        sa.make_url(postgres_url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield sa.make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


@pytest.fixture
def store(database_url: str, tmp_path: Path) -> Iterator[Store]:
    """An empty hub database with every table, on SQLite and on PostgreSQL."""
    store = open_store(database_url, tmp_path / "archive")
    metadata.create_all(store.engine)
    yield store
    store.close()
