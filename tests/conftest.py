"""Fixtures that every test may use: databases of each kind, and a store on each."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from incasso.store.engine import Store, open_store
from tests import counting, engines, profiles
from tests.databases import PostgresServer, migrated_file, migrated_store

engines.lighten()
profiles.load()
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Whoever starts the tests in the background makes every process below deaf to Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Tests that read spoiled inputs are known by their names, so that `make soak` misses none."""
    if item.name.startswith("test_spoiled_"):
        item.add_marker("fuzz")


def pytest_collection_finish() -> None:
    """What was imported stays to the end: no use in looking through it for garbage all the time."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """How often a test tried what it counts goes with its report."""
    if call.when == "call":
        counting.attach(item)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Kills and spoiled inputs, in numbers."""
    stats = terminalreporter.stats
    reports = [each for how in ("passed", "failed") for each in stats.get(how, ())]
    for what, times in counting.sums(reports):
        terminalreporter.write_line(f"{what}: {times:,}")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL: the one INCASSO_TEST_POSTGRES names, else the embedded one."""
    if given := os.environ.get("INCASSO_TEST_POSTGRES"):
        yield given
        return
    from tests.postgres import embedded, forgetful

    # A socket path may have 107 characters at most, so pytest's own long folders will not do.
    with TemporaryDirectory(prefix="pg") as folder, embedded(Path(folder)) as url:
        forgetful(url)
        yield url


@pytest.fixture(scope="session")
def postgres(postgres_url: str) -> Iterator[PostgresServer]:
    """The same, as a place for databases."""
    server = PostgresServer(postgres_url)
    yield server
    server.close()


@pytest.fixture(scope="session")
def mariadb_port() -> Iterator[int]:
    """A real MariaDB of its own, user root without password; skipped where it is not installed."""
    from tests.mariadb import absent, private_server

    if reason := absent():
        pytest.skip(reason)
    with TemporaryDirectory(prefix="my") as folder, private_server(Path(folder)) as port:
        yield port


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> str:
    """The kinds of database a hub works on."""
    return str(request.param)


@pytest.fixture
def database_url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    if database == "sqlite":
        yield f"sqlite:///{tmp_path / 'incasso.db'}"
    else:
        yield request.getfixturevalue("fresh_postgres")


@pytest.fixture
def fresh_postgres(postgres: PostgresServer) -> Iterator[str]:
    """The URL of an empty PostgreSQL database, gone afterwards."""
    with postgres.database(migrated=False) as url:
        yield url


@pytest.fixture
def hub_url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty hub database of each kind, with every table."""
    if database == "sqlite":
        yield migrated_file(tmp_path / "incasso.db")
        return
    postgres: PostgresServer = request.getfixturevalue("postgres")
    with postgres.database(migrated=True) as url:
        yield url


@pytest.fixture
def store(hub_url: str, tmp_path: Path) -> Iterator[Store]:
    """The same, open."""
    store = open_store(hub_url, tmp_path / "archive")
    yield store
    store.close()


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[Store]:
    """On SQLite alone, for rules that no SQL of ours decides."""
    store = migrated_store(tmp_path / "incasso.db", tmp_path / "archive")
    yield store
    store.close()
