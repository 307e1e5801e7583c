"""What the mail tests share: a message to one debtor, the context of a call, a channel."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

import msgspec

from incasso.api import (
    CallContext,
    HttpClient,
    LineSecurity,
    Medium,
    OutboundMessage,
    Recipient,
    Secret,
    Subject,
)
from incasso.plugins.ftp.door import FtpDoor
from incasso.plugins.mail.door import MailDoor
from incasso_smtp.channel import SmtpChannel
from incasso_smtp.settings import SmtpSettings
from tests.channels.servers import ImapServer, SmtpServer

NOW: Final = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TO: Final = "anna.bianchi@example.it"
LOG: Final = logging.getLogger("incasso.test")
SENDER: Final = "crediti@example.it"


@dataclass
class Until:
    """A deadline on the monotonic clock."""

    deadline: float


def context(
    *, dry_run: bool = False, seconds: float = 30, door: MailDoor | None = None
) -> CallContext:
    """A call on Monday 2 March 2026 at half past nine."""
    return CallContext(
        instance_id="mail",
        idempotency_key="d-0001",
        attempt=1,
        deadline=NOW + timedelta(seconds=seconds),
        dry_run=dry_run,
        http=cast(HttpClient, None),
        log=LOG,
        now=lambda: NOW,
        on=NOW.date(),
        mail=(door or MailDoor()).until(Until(time.monotonic() + seconds)),
        ftp=FtpDoor(log=LOG, allow_private=True).until(Until(time.monotonic() + seconds)),
    )


def message(**changes: Any) -> OutboundMessage:
    """A reminder to Anna Bianchi."""
    plain = OutboundMessage(
        delivery="d-0001",
        medium=Medium.EMAIL,
        to=Recipient(address=TO, name="Anna Bianchi"),
        language="it",
        subject="Sollecito di pagamento",
        text="Gentile cliente,\nla fattura 12 risulta scaduta.\n",
        about=Subject(step="1", source="acme", client="C001"),
    )
    return msgspec.structs.replace(plain, **changes)


def settings(server: SmtpServer | None = None, **changes: Any) -> SmtpSettings:
    """Settings that lead to a server, in clear."""
    given: dict[str, Any] = {
        "host": server.host if server else "127.0.0.1",
        "port": server.port if server else 25,
        "security": LineSecurity.NONE,
        "sender": f"Ufficio crediti <{SENDER}>",
        "timeout_s": 5,
    }
    return SmtpSettings(**(given | changes))


def imap_settings(imap: ImapServer, **changes: Any) -> SmtpSettings:
    """Settings whose bounces lie on that server."""
    given: dict[str, Any] = {
        "imap_host": imap.host,
        "imap_port": imap.port,
        "imap_security": LineSecurity.NONE,
        "imap_user": imap.user,
        "imap_password": Secret(imap.password),
    }
    return settings(**(given | changes))


class Instance(SmtpChannel):
    """A channel with a door of its own, as the hub makes one for each instance."""

    def __init__(self, settings: SmtpSettings) -> None:
        super().__init__(settings)
        self.door = MailDoor()

    def context(self, *, dry_run: bool = False, seconds: float = 30) -> CallContext:
        """A call through that door."""
        return context(dry_run=dry_run, seconds=seconds, door=self.door)

    def close(self) -> None:
        """The hub closes the door with the instance."""
        self.door.close()


def channel(server: SmtpServer, **changes: Any) -> Instance:
    """A channel on that server."""
    return Instance(settings(server, **changes))
