"""A channel of certified mail on servers of the tests, and the provider behind them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from incasso.api import (
    CallContext,
    DeliveryUpdate,
    IncomingNews,
    LineSecurity,
    Page,
    Receipt,
    Secret,
)
from incasso.plugins.mail.door import MailDoor
from incasso.plugins.state import MemoryRows, StateDoor
from incasso.testing.channel_news import updates_in
from incasso.testing.pec import PecProvider
from incasso_pec.channel import PecChannel
from incasso_pec.searching import Patience
from incasso_pec.settings import PecSettings
from tests.channels.mail import context, message
from tests.channels.pec import AT, MAILBOX, TO, signer, trust_file
from tests.channels.servers import ImapServer, SmtpServer


class PecInstance(PecChannel):
    """A channel with a door of its own, that does not wait for receipts."""

    def __init__(self, settings: PecSettings) -> None:
        super().__init__(settings)
        self.settings = settings
        self.door = MailDoor()
        self._patience = Patience(0)
        self.state = StateDoor(MemoryRows(), "pec")

    def context(self, *, dry_run: bool = False, seconds: float = 30) -> CallContext:
        made = context(dry_run=dry_run, seconds=seconds, door=self.door)
        return msgspec.structs.replace(made, state=self.state)

    def send(self, delivery: str = "d-0001", **changes: Any) -> Receipt:
        """Prepare and send one message."""
        outbound = message(delivery=delivery, to=recipient(), **changes)
        ctx = self.context()
        return self.channel_send(outbound, self.channel_prepare(outbound, ctx), ctx)

    def pages(self, since: str | None = None) -> list[Page[IncomingNews]]:
        return list(self.channel_collect(since, self.context()))

    def news(self, since: str | None = None) -> list[DeliveryUpdate]:
        """Everything that came after the cursor."""
        return [each for page in self.pages(since) for each in updates_in(page.items)]


def recipient() -> Any:
    """Anna's certified mailbox."""
    from incasso.api import Recipient

    return Recipient(address=TO, name="Anna Bianchi")


def settings(imap: ImapServer, folder: Path, port: int = 25, **changes: Any) -> PecSettings:
    """Settings that lead to these servers, in clear."""
    given: dict[str, Any] = {
        "mailbox": f"Ufficio crediti <{MAILBOX}>",
        "user": imap.user,
        "password": Secret(imap.password),
        "host": "127.0.0.1",
        "port": port,
        "security": LineSecurity.NONE,
        "imap_host": imap.host,
        "imap_port": imap.port,
        "imap_security": LineSecurity.NONE,
        "imap_days": 3650,
        "trust_file": trust_file(folder),
        "timeout_s": 5,
    }
    return PecSettings(**(given | changes))


@contextmanager
def channel_on(
    imap: ImapServer, folder: Path, server: SmtpServer | None = None, **changes: Any
) -> Iterator[PecInstance]:
    """The channel; its lines are closed at the end."""
    port = server.port if server else 25
    over = PecInstance(settings(imap, folder, port, **changes))
    try:
        yield over
    finally:
        over.door.close()


def provider_of(imap: ImapServer, at: datetime = AT) -> PecProvider:
    """The provider whose receipts come into that mailbox."""
    return PecProvider(signer(), imap.deliver, lambda: at + timedelta(seconds=1))


def took(provider: PecProvider, server: SmtpServer) -> None:
    """The provider takes what reached its server last."""
    left = server.messages[-1]
    provider.take(left.sender, left.recipients, left.content)
