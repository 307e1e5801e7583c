"""The SMTP channel keeps the contract of every channel, against real servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

import incasso_smtp
from incasso.api import DeliveryState, OutcomeUnknownError
from incasso.plugins.handles import ChannelHandle
from incasso.testing import BaseChannelContract
from incasso.testing.channel_news import Outcome
from incasso.testing.network import closed_port
from incasso.testing.suite import Table
from tests.channels.bounced import returned, standard, status
from tests.channels.servers import SILENCE, ImapServer, SmtpServer


@pytest.fixture(scope="module")
def imap() -> Iterator[ImapServer]:
    with ImapServer() as server:
        server.deliver(b"Subject: not ours\r\n\r\n", folder="Sent")
        yield server


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmtpServer]:
    monkeypatch.setenv("SMTP_PASSWORD", "segreta")
    with SmtpServer(users={"crediti": "segreta", "solleciti": "segreta"}) as server:
        yield server


def table_for(server: SmtpServer) -> dict[str, object]:
    return {
        "plugin": "smtp",
        "host": server.host,
        "port": server.port,
        "security": "none",
        "user": "crediti",
        "password": {"env": "SMTP_PASSWORD"},
        "sender": "Ufficio crediti <crediti@example.it>",
    }


class TestSmtp(BaseChannelContract):
    @pytest.fixture
    def plugin_module(self) -> ModuleType:
        return incasso_smtp

    @pytest.fixture
    def table(self, server: SmtpServer, imap: ImapServer) -> Table:
        return {
            **table_for(server),
            "imap_host": imap.host,
            "imap_port": imap.port,
            "imap_security": "none",
            "imap_sent": "Sent",
        }

    @pytest.fixture
    def configs(self, request: pytest.FixtureRequest) -> Path:
        return request.path.parent / "configs" / "smtp"

    @pytest.fixture
    def second_table(self, server: SmtpServer) -> Table:
        return {**table_for(server), "user": "solleciti"}

    @pytest.fixture
    def dead_table(self, server: SmtpServer) -> Table:
        return {**table_for(server), "port": closed_port()}

    @pytest.fixture
    def silent_table(self, server: SmtpServer) -> Table:
        server.script("end", SILENCE)
        return {**table_for(server), "timeout_s": 1}

    @pytest.fixture
    def received(self, server: SmtpServer) -> Callable[[], int]:
        return lambda: len(server.messages)

    @pytest.fixture
    def outcome(self, server: SmtpServer, imap: ImapServer) -> Outcome:
        """Puts the report of the relay into the mailbox, with the headers of the mail that left."""

        def report(_ref: str, state: DeliveryState) -> None:
            left = server.messages[-1]
            block = (
                status("delivered", "2.1.5", to=left.recipients[0], said="250 2.1.5 ok")
                if state is DeliveryState.DELIVERED
                else status(to=left.recipients[0])
            )
            imap.deliver(standard(block, original=left.content))

        return report

    @pytest.fixture
    def forged(self, imap: ImapServer) -> Callable[[str], None]:
        def forge(delivery: str) -> None:
            for action in ("failed", "delivered", "delayed"):
                imap.deliver(standard(status(action), original=returned(delivery)))

        return forge

    def test_what_was_sent_can_be_found(self, handle: ChannelHandle) -> None:
        """Partly: what the provider files is found, what it does not file proves nothing."""
        with pytest.raises(OutcomeUnknownError):
            handle.find("d-never-sent", self.on)
