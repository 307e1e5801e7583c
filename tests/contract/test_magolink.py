"""The connector for MagicLink keeps the contract of every connector, against a fake Mago."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest
import sqlalchemy as sa

import incasso_mago4
from incasso.contract.connector import WriteBackKind
from incasso.contract.values import ExternalId
from incasso.testing import BaseConnectorContract
from incasso.testing.suite import Table
from incasso_fake_mago4.company import MagoCompany
from incasso_fake_mago4.schema import tables
from incasso_fake_mago4.soap import MagoServer

ON = date(2026, 3, 2)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company posted once; every test gets a copy."""
    path = tmp_path_factory.mktemp("mago") / "model.db"
    company = MagoCompany.create(f"sqlite:///{path}")
    for number in range(1, 8):
        code = company.customer(f"{number:04}", f"Cliente {number} S.r.l.")
        due = [(date(2026, month, 28), "100.10") for month in (1, 2, 3)]
        item = company.invoice(code, f"26/{number:05}", on=date(2026, 1, 10), due=due)
        company.pay(item, 1, "40.10", on=date(2026, 2, 10))
    company.credit_note("0001", "26/9", on=date(2026, 2, 1), due=[(date(2026, 2, 1), "10")])
    company.invoice("0002", "USD1", on=ON, due=[(ON, "110")], currency="USD", rate="1.1")
    return path


def copied(model: Path, path: Path) -> MagoCompany:
    shutil.copy(model, path)
    return MagoCompany(sa.create_engine(f"sqlite:///{path}", poolclass=sa.NullPool), tables())


class TestMagicLink(BaseConnectorContract):
    @pytest.fixture
    def plugin_module(self) -> ModuleType:
        return incasso_mago4

    trace_kind = WriteBackKind.BLOCK_ORDERS

    @pytest.fixture
    def company(self, base: Path, model: Path) -> MagoCompany:
        return copied(model, base / "ACME.db")

    @pytest.fixture
    def server(self, company: MagoCompany, base: Path, model: Path) -> Iterator[MagoServer]:
        other = copied(model, base / "BETA.db")
        with MagoServer({"ACME": company.engine, "BETA": other.engine}) as server:
            yield server
            assert server.taken == 0, "a licence of Mago is still taken"

    @pytest.fixture
    def table(self, server: MagoServer, monkeypatch: pytest.MonkeyPatch) -> Table:
        monkeypatch.setenv("MAGO_PASSWORD", "secret")
        return {
            "plugin": "magolink",
            "url": server.url,
            "user": "hub",
            "password": {"env": "MAGO_PASSWORD"},
            "company": "ACME",
            "customers_profile": "AllUsers/Incasso",
            "allow_private_addresses": True,
            "write_back": True,
        }

    @pytest.fixture
    def second_table(self, table: Table) -> Table:
        return {**table, "company": "BETA"}

    @pytest.fixture
    def web_table(self, table: Table) -> Callable[[str], Table]:
        return lambda url: {**table, "url": url}

    @pytest.fixture
    def spoil(self, company: MagoCompany) -> Callable[[], None]:
        def spoil() -> None:
            company.mark(3, 2, DebitCreditSign=7)

        return spoil

    @pytest.fixture
    def rename(self, company: MagoCompany) -> Callable[[str], ExternalId]:
        def rename(name: str) -> ExternalId:
            company.change_customer("0003", CompanyName=name)
            return "0003"

        return rename

    @pytest.fixture
    def traces(self, server: MagoServer) -> Callable[[], int]:
        return lambda: len(server.saved)
