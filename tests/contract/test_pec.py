"""The channel of certified mail keeps the contract of every channel, against a provider."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

import incasso_pec
from incasso.api import DeliveryState, OutcomeUnknownError
from incasso.plugins.handles import ChannelHandle
from incasso.testing import BaseChannelContract
from incasso.testing.channel_news import Outcome
from incasso.testing.network import closed_port
from incasso.testing.pec import Fate, Kind, PecAuthority, PecServer, Taken, receipt
from incasso.testing.suite import Table
from tests.channels.servers import SILENCE, ImapServer, SmtpServer

TO = "anna.bianchi@example.it"


@pytest.fixture(scope="module")
def imap() -> Iterator[ImapServer]:
    with ImapServer() as imap:
        imap.deliver(b"Subject: not ours\r\n\r\n", folder="Inviata")
        yield imap


@pytest.fixture
def server(imap: ImapServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[PecServer]:
    monkeypatch.setenv("PEC_PASSWORD", imap.password)
    monkeypatch.setattr("incasso_pec.searching.TIMES", 0)
    with PecServer(imap, now=lambda: TestPec.instant) as server:
        server.provider.held = True
        yield server


class TestPec(BaseChannelContract):
    @pytest.fixture
    def plugin_module(self) -> ModuleType:
        return incasso_pec

    @pytest.fixture
    def table(self, server: PecServer, imap: ImapServer, base: Path) -> Table:
        (base / "trust.toml").write_text(server.authority.trust_list(date(2026, 1, 1)), "utf-8")
        return {
            "plugin": "pec",
            "mailbox": "Ufficio crediti <crediti@pec.acme.example>",
            "host": "127.0.0.1",
            "port": server.smtp_port,
            "security": "none",
            "imap_host": imap.host,
            "imap_port": imap.port,
            "imap_security": "none",
            "imap_sent": "Inviata",
            "user": imap.user,
            "password": {"env": "PEC_PASSWORD"},
            "trust_file": "trust.toml",
        }

    @pytest.fixture
    def configs(self, request: pytest.FixtureRequest) -> Path:
        return request.path.parent / "configs" / "pec"

    @pytest.fixture
    def second_table(self, table: Table) -> Table:
        return {**table, "mailbox": "legale@pec.acme.example"}

    @pytest.fixture
    def dead_table(self, table: Table) -> Table:
        return {**table, "port": closed_port()}

    @pytest.fixture
    def silent_table(self, table: Table, imap: ImapServer) -> Iterator[Table]:
        with SmtpServer(users={imap.user: imap.password}) as silent:
            silent.script("end", SILENCE)
            yield {**table, "port": silent.port, "timeout_s": 1}

    @pytest.fixture
    def received(self, server: PecServer) -> Callable[[], int]:
        return lambda: len(server.provider.taken)

    @pytest.fixture
    def outcome(self, server: PecServer) -> Outcome:
        """The provider writes the receipts of the message that left last."""

        def report(_ref: str, state: DeliveryState) -> None:
            provider = server.provider
            if state is not DeliveryState.DELIVERED:
                left = provider.taken.pop()
                provider.fate(left.recipients[0], Fate.UNKNOWN)
                provider.forget()
                provider.take(left.sender, left.recipients, left.content)
            provider.release()

        return report

    @pytest.fixture
    def forged(self, server: PecServer, imap: ImapServer) -> Callable[[str], None]:
        """Receipts that nobody's provider has signed."""
        stranger = PecAuthority(number=7).signer()

        def forge(delivery: str) -> None:
            imap.empty()
            mail = f"Message-ID: <hub.{delivery}@pec.acme.example>\r\n\r\n".encode()
            about = Taken(
                sender="crediti@pec.acme.example",
                recipients=(TO,),
                content=mail,
                at=self.instant,
            )
            for kind in (Kind.DELIVERY, Kind.NON_DELIVERY, Kind.DELAY):
                imap.deliver(receipt(kind, about, stranger, at=self.instant))

        return forge

    def test_what_was_sent_can_be_found(self, handle: ChannelHandle) -> None:
        """Partly: a receipt or a copy is found, their absence proves nothing."""
        message = self._messages(handle)[0]
        _, sent = self._send(handle, message)
        found = handle.find(message.delivery, self.on)
        assert found is not None and found.ref == sent.ref
        with pytest.raises(OutcomeUnknownError):
            handle.find("d-never-sent", self.on)
