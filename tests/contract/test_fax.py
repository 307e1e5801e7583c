"""The three ways to send a fax keep the contract of every channel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from types import ModuleType

import pytest

import incasso_fax
from incasso.api import DeliveryState, OutcomeUnknownError
from incasso.plugins.handles import ChannelHandle
from incasso.testing import BaseChannelContract
from incasso.testing.channel_news import Outcome
from incasso.testing.fax import HylafaxServer, InterfaxService
from incasso.testing.network import Answer, StubServer, closed_port
from incasso.testing.suite import Table, TableFor
from tests.channels.servers import SILENCE, ImapServer, SmtpServer


@pytest.fixture(scope="module")
def imap() -> Iterator[ImapServer]:
    with ImapServer() as server:
        yield server


class FaxContract(BaseChannelContract):
    """What the three share."""

    @pytest.fixture
    def plugin_module(self) -> ModuleType:
        return incasso_fax


class FoundByReference(FaxContract):
    """The two that can be asked."""

    def test_what_was_sent_can_be_found(self, handle: ChannelHandle) -> None:
        """Partly: our reference is found, its absence proves nothing."""
        message = self._messages(handle)[0]
        _, sent = self._send(handle, message)
        found = handle.find(message.delivery, self.on)
        assert found is not None and found.ref == sent.ref
        with pytest.raises(OutcomeUnknownError):
            handle.find("d-never-sent", self.on)


class TestInterfax(FoundByReference):
    @pytest.fixture
    def service(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[InterfaxService]:
        monkeypatch.setenv("INTERFAX_PASSWORD", "segreta")
        with InterfaxService() as service:
            yield service

    @pytest.fixture
    def table(self, service: InterfaxService) -> Table:
        return self._table(service.url)

    def _table(self, url: str) -> dict[str, object]:
        return {
            "plugin": "interfax",
            "allow_private_addresses": True,
            "address": url,
            "user": "acme",
            "password": {"env": "INTERFAX_PASSWORD"},
        }

    @pytest.fixture
    def web_table(self, service: InterfaxService) -> TableFor:
        return self._table

    @pytest.fixture
    def configs(self, request: pytest.FixtureRequest) -> Path:
        return request.path.parent / "configs" / "interfax"

    @pytest.fixture
    def second_table(self, service: InterfaxService) -> Table:
        return {**self._table(service.url), "user": "other"}

    @pytest.fixture
    def dead_table(self, service: InterfaxService) -> Table:
        return self._table(f"http://127.0.0.1:{closed_port()}")

    @pytest.fixture
    def silent_table(self, service: InterfaxService) -> Iterator[Table]:
        with StubServer() as stub:
            stub.fault = Answer(silent=True)
            yield self._table(stub.url)

    @pytest.fixture
    def received(self, service: InterfaxService) -> Callable[[], int]:
        return lambda: len(service.faxes)

    @pytest.fixture
    def outcome(self, service: InterfaxService) -> Outcome:
        return lambda _ref, state: service.end(0 if state is DeliveryState.DELIVERED else 3931)


class TestHylafax(FoundByReference):
    @pytest.fixture
    def server(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[HylafaxServer]:
        monkeypatch.setenv("FAX_PASSWORD", "segreta")
        with HylafaxServer(password="segreta") as server:
            yield server

    @pytest.fixture
    def table(self, server: HylafaxServer) -> Table:
        return {
            "plugin": "hylafax",
            "allow_private_addresses": True,
            "host": "127.0.0.1",
            "port": server.port,
            "password": {"env": "FAX_PASSWORD"},
        }

    @pytest.fixture
    def configs(self, request: pytest.FixtureRequest) -> Path:
        return request.path.parent / "configs" / "hylafax"

    @pytest.fixture
    def second_table(self, table: Table) -> Table:
        return {**table, "user": "legale"}

    @pytest.fixture
    def dead_table(self, table: Table) -> Table:
        return {**table, "port": closed_port()}

    @pytest.fixture
    def silent_table(self, table: Table, server: HylafaxServer) -> Table:
        server.hang_up_at = "JSUBM"
        return table

    @pytest.fixture
    def received(self, server: HylafaxServer) -> Callable[[], int]:
        return lambda: len(server.submitted)

    @pytest.fixture
    def outcome(self, server: HylafaxServer) -> Outcome:
        return lambda _ref, state: server.end("D" if state is DeliveryState.DELIVERED else "F")


def result(delivery: str, words: str, *, vouched: bool) -> bytes:
    """What a gateway writes about a fax; with `vouched` our own server has checked who wrote it."""
    mail = EmailMessage()
    if vouched:
        mail["Authentication-Results"] = "mx.acme.example; dkim=pass header.d=fax.example"
    mail["From"] = "Fax gateway <noreply@fax.example>"
    mail["Subject"] = f"Fax hub.{delivery}@acme.example"
    mail.set_content(f"Your fax to +390211111111: {words}")
    return mail.as_bytes()


class TestFaxMail(FaxContract):
    @pytest.fixture
    def server(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmtpServer]:
        monkeypatch.setenv("SMTP_PASSWORD", "segreta")
        with SmtpServer(users={"crediti": "segreta", "legale": "segreta"}) as server:
            yield server

    @pytest.fixture
    def table(self, server: SmtpServer, imap: ImapServer) -> Table:
        imap.empty()
        return {
            "plugin": "fax_mail",
            "address": "{digits}@fax.example",
            "sender": "crediti@acme.example",
            "host": server.host,
            "port": server.port,
            "security": "none",
            "user": "crediti",
            "password": {"env": "SMTP_PASSWORD"},
            "imap_host": imap.host,
            "imap_port": imap.port,
            "imap_security": "none",
            "imap_authserv": "mx.acme.example",
        }

    @pytest.fixture
    def configs(self, request: pytest.FixtureRequest) -> Path:
        return request.path.parent / "configs" / "fax_mail"

    @pytest.fixture
    def second_table(self, table: Table) -> Table:
        own = {key: value for key, value in table.items() if not key.startswith("imap")}
        return {**own, "user": "legale"}

    @pytest.fixture
    def dead_table(self, table: Table) -> Table:
        return {**table, "port": closed_port()}

    @pytest.fixture
    def silent_table(self, table: Table, server: SmtpServer) -> Table:
        server.script("end", SILENCE)
        return {**table, "timeout_s": 1}

    @pytest.fixture
    def received(self, server: SmtpServer) -> Callable[[], int]:
        return lambda: len(server.messages)

    @pytest.fixture
    def outcome(self, imap: ImapServer) -> Outcome:
        def report(ref: str, state: DeliveryState) -> None:
            arrived = state is DeliveryState.DELIVERED
            delivery = ref.strip("<>").removeprefix("hub.").partition("@")[0]
            words = "sent successfully" if arrived else "failed, line busy"
            imap.deliver(result(delivery, words, vouched=True))

        return report

    @pytest.fixture
    def forged(self, imap: ImapServer) -> Callable[[str], None]:
        def forge(delivery: str) -> None:
            for words in ("sent successfully", "failed"):
                imap.deliver(result(delivery, words, vouched=False))

        return forge
