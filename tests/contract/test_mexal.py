"""The Mexal connector keeps the contract of every connector, against a server of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from types import ModuleType

import pytest

import incasso_mexal
from incasso.contract.values import ExternalId
from incasso.testing import BaseConnectorContract
from incasso.testing.suite import Table, TableFor
from incasso_fake_mexal import Company, MexalServer, small_company
from incasso_mexal.web import webapi

ON = date(2026, 11, 23)


class TestMexal(BaseConnectorContract):
    on = ON

    @pytest.fixture(autouse=True)
    def quick(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(webapi, "pause", lambda _seconds: None)

    @pytest.fixture
    def server(self) -> Iterator[MexalServer]:
        with MexalServer() as server:
            yield server

    @pytest.fixture
    def company(self, server: MexalServer) -> Company:
        company = small_company(server)
        server.clock.tick(3600)
        return company

    @pytest.fixture
    def plugin_module(self) -> ModuleType:
        return incasso_mexal

    @pytest.fixture
    def table(
        self, server: MexalServer, company: Company, monkeypatch: pytest.MonkeyPatch
    ) -> Table:
        monkeypatch.setenv("MEXAL_PASSWORD", server.user.password)
        return table_for(server.url, company.code)

    @pytest.fixture
    def second_table(self, server: MexalServer) -> Table:
        small_company(server, "BET", "Beta Srl")
        return table_for(server.url, "BET")

    @pytest.fixture
    def web_table(self, monkeypatch: pytest.MonkeyPatch) -> TableFor:
        monkeypatch.setenv("MEXAL_PASSWORD", "whatever")
        return lambda url: table_for(url, "ACM")

    @pytest.fixture
    def spoil(self, company: Company) -> Callable[[], None]:
        def spoil() -> None:
            company.postings[0].rates[0].amount = Decimal("500.005")

        return spoil

    @pytest.fixture
    def rename(self, company: Company) -> Callable[[str], ExternalId]:
        def rename(name: str) -> ExternalId:
            company.change_client("501.00002", ragione_sociale=name)
            return "501.00002"

        return rename

    @pytest.fixture
    def change_one(self, server: MexalServer, company: Company) -> Callable[[], ExternalId]:
        def change_one() -> ExternalId:
            server.clock.tick(60)
            posting = next(each for each in company.postings if each.number == 110)
            company.postpone(posting, to=date(2026, 12, 31))
            day = f"{posting.registered:%Y%m%d}"
            return f"{posting.client}|{posting.year}|{day}|{posting.progressive}|1"

        return change_one

    @pytest.fixture
    def traces(self, company: Company) -> Callable[[], int]:
        rows = company.tables["clienti"].values()
        return lambda: sum(len(row.get("descr_nota") or ()) for row in rows)


def table_for(url: str, company: str) -> Table:
    return {
        "plugin": "mexal",
        "allow_private_addresses": True,
        "base_url": url,
        "user": "webapi",
        "password": {"env": "MEXAL_PASSWORD"},
        "company": company,
        "write_back": True,
    }
