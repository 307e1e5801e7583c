"""A small company behind a fake Mago that counts its licences."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from incasso_fake_mago4 import MagoCompany
from incasso_fake_mago4.schema import tables
from incasso_fake_mago4.soap import MagoServer
from tests.magolink.office import Office, Table, office, small_company, table_of


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> MagoCompany:
    """Posted once; every test gets a copy."""
    return small_company(tmp_path_factory.mktemp("mago") / "model.db")


@pytest.fixture
def company(model: MagoCompany, tmp_path: Path) -> MagoCompany:
    """A company of this test's own."""
    path = tmp_path / "company.db"
    shutil.copy(str(model.engine.url.database), path)
    engine = sa.create_engine(f"sqlite:///{path}", poolclass=sa.NullPool)
    copy = MagoCompany(engine, tables(), begin=model.clock)
    copy._last = dict(model._last)
    return copy


@pytest.fixture
def server(company: MagoCompany) -> Iterator[MagoServer]:
    """Mago with that company; at the end no licence may be left taken."""
    with MagoServer({"ACME": company.engine}) as server:
        yield server
        assert server.taken == 0, f"a licence is still taken: {server.calls}"


@pytest.fixture
def table(server: MagoServer, tmp_path: Path) -> Table:
    """A good table for it."""
    return table_of(server, tmp_path / "password")


@pytest.fixture
def acme(table: Table, tmp_path: Path) -> Iterator[Office]:
    """A hub connected to it."""
    with office(table, tmp_path) as acme:
        yield acme
