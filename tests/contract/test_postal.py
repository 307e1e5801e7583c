"""The postal channel keeps the contract of every channel, against the simulated service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

import incasso_postal
from incasso.api import CallbackRequest, DeliveryState, Medium, OutboundMessage
from incasso.plugins.handles import ChannelHandle
from incasso.testing import BaseChannelContract
from incasso.testing.channel_news import Outcome
from incasso.testing.network import closed_port
from incasso.testing.postal import Cut, PostalFate, PostalService
from incasso.testing.suite import Login, Table, TableFor

SENDER = {
    "sender_name": "Acme Forniture S.r.l.",
    "sender_address": "Via Roma 1",
    "sender_zip": "10121",
    "sender_city": "Torino",
    "sender_province": "TO",
    "sender_email": "crediti@acme.example",
}


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[PostalService]:
    monkeypatch.setenv("POSTAL_SECRET", "what-only-the-post-knows")
    with PostalService(now=lambda: TestPostal.instant) as service:
        monkeypatch.setenv("POSTAL_TOKEN", service.token)
        yield service


class TestPostal(BaseChannelContract):
    callbacks_are_not_signed = "Ufficio Postale repeats a header that it was given"

    @pytest.fixture
    def plugin_module(self) -> ModuleType:
        return incasso_postal

    @pytest.fixture
    def table(self, service: PostalService) -> Table:
        return self._table(service.url)

    def _table(self, url: str) -> Table:
        return {
            "plugin": "postal",
            "url": url,
            "allow_private_addresses": True,
            "token": {"env": "POSTAL_TOKEN"},
            "callback_url": "https://hub.acme.example/hooks/under_test",
            "callback_secret": {"env": "POSTAL_SECRET"},
            **SENDER,
        }

    @pytest.fixture
    def configs(self, request: pytest.FixtureRequest) -> Path:
        return request.path.parent / "configs" / "postal"

    @pytest.fixture
    def second_table(self, table: Table) -> Table:
        return {**table, "sender_email": "crediti@beta.example"}

    @pytest.fixture
    def web_table(self, service: PostalService) -> TableFor:
        return self._table

    @pytest.fixture
    def login(self, request: pytest.FixtureRequest) -> Login:
        """A draft is made well in tests of sending: it is no effect, and has errors of its own."""
        if "sending" not in request.node.name:
            return {}
        draft = {"data": [{"id": "a1", "confirmed": False, "state": "NEW"}]}
        return {"/ordinarie/": draft}

    @pytest.fixture
    def dead_table(self, service: PostalService) -> Table:
        return self._table(f"http://127.0.0.1:{closed_port()}")

    @pytest.fixture
    def silent_table(self, service: PostalService, table: Table) -> Table:
        service.cut = Cut.AFTER_CONFIRMATION
        return table

    @pytest.fixture
    def received(self, service: PostalService) -> Callable[[], int]:
        return lambda: len(service.confirmed)

    @pytest.fixture
    def callback(self, service: PostalService, handle: ChannelHandle) -> CallbackRequest:
        self._send(handle, self._messages(handle)[0])
        return service.callback(service.confirmed[-1])

    @pytest.fixture
    def outcome(self, service: PostalService) -> Outcome:
        def report(ref: str, state: DeliveryState) -> CallbackRequest:
            letter = service.letters[ref.rpartition("/")[2]]
            is_there = state is DeliveryState.DELIVERED
            letter.fate = PostalFate.DELIVERED if is_there else PostalFate.MOVED
            service.advance(4)
            return service.callback(letter)

        return report

    def _message(self, handle: ChannelHandle, delivery: str) -> OutboundMessage:
        return self.message(Medium.REGISTERED, delivery)
