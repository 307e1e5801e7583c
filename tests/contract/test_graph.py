"""The Graph channel keeps the contract of every channel, against a simulator of Graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.utils import parseaddr
from pathlib import Path
from types import ModuleType

import pytest

import incasso_smtp
from incasso.api import DeliveryState, OutcomeUnknownError
from incasso.plugins.handles import ChannelHandle
from incasso.testing import BaseChannelContract
from incasso.testing.channel_news import Outcome
from incasso.testing.network import Answer, closed_port
from incasso.testing.signin import Application, Directory, SignInServer
from incasso.testing.suite import Table
from tests.channels.bounced import returned, standard, status
from tests.channels.servers import ImapServer

MAILBOXES = ("crediti@example.it", "solleciti@example.it")


@pytest.fixture(scope="module")
def imap() -> Iterator[ImapServer]:
    with ImapServer() as server:
        yield server


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SignInServer]:
    monkeypatch.setenv("IMAP_PASSWORD", "segreta")
    directory = Directory(application=Application(mailboxes=MAILBOXES))
    with SignInServer(tmp_path, directory) as server:
        monkeypatch.setenv("MAIL_CLIENT", server.directory.application.secret)
        yield server


def table_for(server: SignInServer) -> dict[str, object]:
    return {
        "plugin": "graph",
        "allow_private_addresses": True,
        "sender": "Ufficio crediti <crediti@example.it>",
        "api": f"{server.url}/v1.0",
        "ca_file": str(server.ca_file),
        "timeout_s": 2,
        "sign_in": {
            "with": "microsoft",
            "tenant": server.directory.tenant,
            "client": server.directory.application.client,
            "secret": {"env": "MAIL_CLIENT"},
            "server": server.url,
            "ca_file": str(server.ca_file),
        },
    }


class TestGraph(BaseChannelContract):
    @pytest.fixture
    def plugin_module(self) -> ModuleType:
        return incasso_smtp

    @pytest.fixture
    def table(self, server: SignInServer, imap: ImapServer) -> Table:
        return {
            **table_for(server),
            "imap_host": imap.host,
            "imap_port": imap.port,
            "imap_security": "none",
            "imap_user": imap.user,
            "imap_password": {"env": "IMAP_PASSWORD"},
            "imap_authserv": "mx.example.it",
            "bounces_from": ["relay.example.it"],
        }

    @pytest.fixture
    def second_table(self, server: SignInServer) -> Table:
        return {**table_for(server), "sender": "solleciti@example.it"}

    @pytest.fixture
    def dead_table(self, server: SignInServer) -> Table:
        return {**table_for(server), "api": f"https://127.0.0.1:{closed_port()}/v1.0"}

    @pytest.fixture
    def silent_table(self, server: SignInServer) -> Table:
        server.graph.fault = Answer(silent=True)
        return table_for(server)

    @pytest.fixture
    def received(self, server: SignInServer) -> Callable[[], int]:
        return lambda: len(server.graph.sent)

    @pytest.fixture
    def outcome(self, server: SignInServer, imap: ImapServer) -> Outcome:
        """Puts the report of a server into the mailbox, with the headers of the mail that left."""

        def report(_ref: str, state: DeliveryState) -> None:
            left = message_from_bytes(server.graph.sent[-1].content)
            to = parseaddr(str(left["To"]))[1]
            block = (
                status("delivered", "2.1.5", to=to, said="250 2.1.5 ok")
                if state is DeliveryState.DELIVERED
                else status(to=to)
            )
            imap.deliver(standard(block, original=server.graph.sent[-1].content))

        return report

    @pytest.fixture
    def forged(self, imap: ImapServer) -> Callable[[str], None]:
        def forge(delivery: str) -> None:
            for action in ("failed", "delivered", "delayed"):
                imap.deliver(standard(status(action), original=returned(delivery)))

        return forge

    def test_what_was_sent_can_be_found(self, handle: ChannelHandle) -> None:
        """Partly: what is not among sent mail proves nothing."""
        with pytest.raises(OutcomeUnknownError):
            handle.find("d-never-sent", self.on)
