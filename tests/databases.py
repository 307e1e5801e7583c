"""Databases by the hundred: the schema is made once in a worker, and every test gets a copy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import sqlalchemy as sa

from incasso.store.engine import Store, open_store
from incasso.store.migrate import upgrade


@cache
def _migrated() -> bytes:
    """A SQLite file as `incasso init` migrates it, with nothing in it."""
    with TemporaryDirectory(prefix="incasso-") as folder:
        path = Path(folder) / "model.db"
        _migrate(f"sqlite:///{path}")
        return path.read_bytes()


def _migrate(url: str) -> None:
    store = open_store(url, Path())
    upgrade(store)
    store.close()


def migrated_file(path: Path) -> str:
    """An empty hub database in a new file; its URL."""
    path.write_bytes(_migrated())
    return f"sqlite:///{path}"


def migrated_store(path: Path, archive: Path) -> Store:
    """The same, open."""
    return open_store(migrated_file(path), archive)


class PostgresServer:
    """One server of this worker, and databases on it that end with their test."""

    def __init__(self, url: str) -> None:
        self.url = sa.make_url(url)
        at = self.url.set(drivername="postgresql+psycopg")
        self._admin = sa.create_engine(at, isolation_level="AUTOCOMMIT")
        self._model = ""

    @contextmanager
    def database(self, *, migrated: bool) -> Iterator[str]:
        """A new database, empty or with the schema of the hub; its URL."""
        url = self.create(migrated=migrated)
        try:
            yield url
        finally:
            self.drop(url)

    def create(self, *, migrated: bool) -> str:
        """A new database that stays until it is dropped; its URL."""
        return self._create(self._model_name if migrated else "")

    def create_like(self, url: str) -> str:
        """A copy of another, which nobody may be using; its URL."""
        return self._create(sa.make_url(url).database or "")

    def drop(self, url: str) -> None:
        """It is gone, whoever uses it."""
        self._do(f"DROP DATABASE {sa.make_url(url).database} WITH (FORCE)")

    def _create(self, model: str) -> str:
        name = _new_name()
        self._do(f"CREATE DATABASE {name}" + (f" TEMPLATE {model}" if model else ""))
        return self._url(name)

    def close(self) -> None:
        """Drop the model: the server may be one that stays."""
        if self._model:
            self._do(f"DROP DATABASE {self._model} WITH (FORCE)")
        self._admin.dispose()

    @property
    def _model_name(self) -> str:
        if not self._model:
            name = _new_name()
            self._do(f"CREATE DATABASE {name}")
            _migrate(self._url(name))
            self._model = name
        return self._model

    def _url(self, name: str) -> str:
        return self.url.set(database=name).render_as_string(hide_password=False)

    def _do(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.exec_driver_sql(statement)


def _new_name() -> str:
    return f"t{uuid4().hex}"
