"""The channel of text messages keeps the contract of every channel, with both services."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import msgspec
import pytest

import incasso_sms
from incasso.api import CallbackRequest, DeliveryState, OutcomeUnknownError, RejectedError
from incasso.plugins.handles import ChannelHandle
from incasso.testing import BaseChannelContract
from incasso.testing.channel_news import Outcome, updates_in
from incasso.testing.network import Answer, StubServer, closed_port
from incasso.testing.sms import Callback, Fate, SmsService, TwilioService, sms_service
from incasso.testing.suite import Table, TableFor

PUBLIC = "https://crediti.example.it/api/v1/callbacks/sms"
TO = "+393331234567"


def request_of(call: Callback, at: Any) -> CallbackRequest:
    """A callback as the hub's web server hands it to the channel."""
    query = dict([call.url.partition("?")[2].split("=")]) if "?" in call.url else {}
    return CallbackRequest(
        method="POST",
        path="/api/v1/callbacks/sms",
        headers={name.lower(): value for name, value in call.headers.items()},
        query=query,
        body=call.body,
        received_at=at,
    )


class SmsContract(BaseChannelContract):
    name = "twilio"

    @pytest.fixture
    def service(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmsService]:
        with sms_service(self.name, now=lambda: self.instant) as service:
            for key, secret in service.secrets.items():
                monkeypatch.setenv(f"SMS_{key.upper()}", secret)
            yield service

    @pytest.fixture
    def plugin_module(self) -> ModuleType:
        return incasso_sms

    @pytest.fixture
    def table(self, service: SmsService) -> Table:
        secrets = {key: {"env": f"SMS_{key.upper()}"} for key in service.secrets}
        return {**service.table, **secrets, "callback_url": PUBLIC, "media": ["sms"]}

    @pytest.fixture
    def configs(self, request: pytest.FixtureRequest) -> Any:
        return request.path.parent / "configs" / "sms"

    @pytest.fixture
    def web_table(self, table: Table) -> TableFor:
        return lambda url: {**table, "base_url": url}

    @pytest.fixture
    def dead_table(self, table: Table) -> Table:
        return {**table, "base_url": f"http://127.0.0.1:{closed_port()}"}

    @pytest.fixture
    def silent_table(self, table: Table) -> Iterator[Table]:
        with StubServer() as stub:
            stub.fault = Answer(silent=True)
            yield {**table, "base_url": stub.url}

    @pytest.fixture
    def received(self, service: SmsService) -> Callable[[], int]:
        return lambda: len(service.sent)

    @pytest.fixture
    def outcome(self, service: SmsService) -> Outcome:
        def report(ref: str, state: DeliveryState) -> CallbackRequest:
            [message] = [each for each in service.sent if each.id == ref]
            message.fate = Fate.DELIVERED if state is DeliveryState.DELIVERED else Fate.NOBODY
            service.move()
            service.move()
            return request_of(service.pending[-1], self.instant)

        return report

    @pytest.fixture
    def callback(self, service: SmsService, handle: ChannelHandle) -> CallbackRequest:
        self._send(handle, self._messages(handle)[0])
        service.move()
        return request_of(service.pending[-1], self.instant)

    def test_what_was_sent_can_be_found(self, handle: ChannelHandle) -> None:
        """Its way to know a message again is tried in `tests/channels/test_sms_finding.py`."""
        with pytest.raises(OutcomeUnknownError):
            handle.find("d-never-sent", self.on)


class TestTwilio(SmsContract):
    @pytest.fixture
    def second_table(self, table: Table, service: SmsService) -> Iterator[Table]:
        with TwilioService(now=lambda: self.instant) as other:
            other.account = "AC" + "2" * 32
            yield {**table, **other.table}


class TestOpenapi(SmsContract):
    name = "openapi"

    @pytest.fixture
    def second_table(self, table: Table) -> Table:
        return {**table, "sender": "ACME2"}

    def test_a_callback_needs_its_signature(
        self, handle: ChannelHandle, callback: CallbackRequest | None
    ) -> None:
        """It needs our secret; its words are not signed, so none of them is believed."""
        assert callback is not None
        with pytest.raises(RejectedError):
            handle.parse_callback(msgspec.structs.replace(callback, headers={}), self.on)
        forged = callback.body.replace(b"PENDING", b"DELIVERED")
        told = handle.parse_callback(msgspec.structs.replace(callback, body=forged), self.on)
        assert [each.state for each in updates_in(told.updates)] == [DeliveryState.SENT]
