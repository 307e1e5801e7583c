"""Plugins written against api 1 keep the contract of today's hub, unchanged."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from incasso.contract.channel import DeliveryState
from incasso.contract.context import CallbackRequest
from incasso.contract.errors import PluginCrashError
from incasso.plugins.handles import ChannelHandle, ProviderHandle
from incasso.testing import BaseChannelContract, BaseConnectorContract, BaseProviderContract
from incasso.testing.channel_news import Outcome
from incasso.testing.network import closed_port
from incasso.testing.suite import Table, TableFor
from tests.compat.service import Service

AT = "2026-03-01T10:00:00+00:00"


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("RIGHT_TOKEN", "right")
    monkeypatch.setenv("OTHER_TOKEN", "other")
    with Service() as service:
        yield service


def frozen(name: str) -> ModuleType:
    """A frozen plugin, imported as if it were installed."""
    folder = str(Path(__file__).parent / "api1")
    if folder not in sys.path:
        sys.path.append(folder)
    return import_module(name)


def table_for(kind: str) -> TableFor:
    def table(url: str, token: str = "RIGHT_TOKEN") -> Table:
        return {
            "plugin": kind,
            "base_url": url,
            "token": {"env": token},
            "allow_private_addresses": True,
        }

    return table


class Tables:
    """The tables of one frozen plugin."""

    plugin: str

    @pytest.fixture
    def plugin_module(self) -> ModuleType:
        return frozen(f"incasso_{self.plugin}")

    @pytest.fixture
    def table(self, service: Service) -> Table:
        return table_for(self.plugin)(service.url)

    @pytest.fixture
    def second_table(self, service: Service) -> Table:
        return {**table_for(self.plugin)(service.url), "token": {"env": "OTHER_TOKEN"}}

    @pytest.fixture
    def web_table(self, service: Service) -> TableFor:
        return table_for(self.plugin)

    @pytest.fixture
    def dead_table(self, service: Service) -> Table:
        return table_for(self.plugin)(f"http://127.0.0.1:{closed_port()}")


class TestLedger(Tables, BaseConnectorContract):
    plugin = "ledger"

    @pytest.fixture
    def spoil(self, service: Service) -> Callable[[], None]:
        return lambda: service.installments[1].update(open="ten")

    @pytest.fixture
    def rename(self, service: Service) -> Callable[[str], str]:
        def rename(name: str) -> str:
            service.clients[0]["name"] = name
            return str(service.clients[0]["code"])

        return rename

    @pytest.fixture
    def change_one(self, service: Service) -> Callable[[], str]:
        def change() -> str:
            row = service.installments[0]
            row["open"] = "5.25"
            return service.changed(row)

        return change

    @pytest.fixture
    def delete_one(self, service: Service) -> Callable[[], str]:
        def delete() -> str:
            row = service.installments[0]
            row["gone"] = True
            return service.changed(row)

        return delete


class TestPostbox(Tables, BaseChannelContract):
    plugin = "postbox"

    @pytest.fixture
    def received(self, service: Service) -> Callable[[], int]:
        return lambda: len(service.messages)

    @pytest.fixture
    def callback(self, service: Service) -> CallbackRequest:
        return service.signed([{"id": "id-1", "state": "delivered", "at": AT}])

    @pytest.fixture
    def outcome(self, service: Service) -> Outcome:
        def report(ref: str, state: DeliveryState) -> CallbackRequest:
            row = {"id": ref, "state": state.value, "at": AT}
            service.news.append(row)
            return service.signed([row])

        return report

    def test_an_unknown_cursor_is_told(self, handle: ChannelHandle) -> None:
        """Written before the contract asked for it: it crashes, and the hub says so."""
        with pytest.raises(PluginCrashError):
            list(handle.collect("no-such-cursor", self.on))


class TestAgency(Tables, BaseProviderContract):
    plugin = "agency"

    @pytest.fixture
    def taken(self, service: Service) -> Callable[[], int]:
        return lambda: len(service.cases)

    @pytest.fixture
    def happenings(self, service: Service) -> Callable[[str], None]:
        def happen(placement: str) -> None:
            rows: list[dict[str, Any]] = [
                {"case": placement, "id": f"{placement}-{what}", "at": AT, "what": what}
                for what in ("acknowledged", "activity")
            ]
            service.news += rows

        return happen

    @pytest.fixture
    def callback(self, service: Service) -> CallbackRequest:
        return service.signed([{"case": "id-1", "id": "u-1", "at": AT, "what": "note"}])

    def test_an_unknown_cursor_is_told(self, handle: ProviderHandle) -> None:
        """As for the postbox."""
        with pytest.raises(PluginCrashError):
            list(handle.pull_updates("no-such-cursor", self.on))
