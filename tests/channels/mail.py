"""What the mail tests share: a message to one debtor, the context of a call, a channel."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

import msgspec

from incasso.api import (
    CallContext,
    HttpClient,
    Medium,
    OutboundMessage,
    Recipient,
    Secret,
    Subject,
)
from incasso_smtp.channel import SmtpChannel
from incasso_smtp.settings import Security, SmtpSettings
from tests.channels.servers import ImapServer, SmtpServer

NOW: Final = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TO: Final = "anna.bianchi@example.it"
SENDER: Final = "crediti@example.it"


def context(*, dry_run: bool = False, seconds: float = 30) -> CallContext:
    """A call on Monday 2 March 2026 at half past nine."""
    return CallContext(
        instance_id="mail",
        idempotency_key="d-0001",
        attempt=1,
        deadline=NOW + timedelta(seconds=seconds),
        dry_run=dry_run,
        http=cast(HttpClient, None),
        log=logging.getLogger("incasso.test"),
        now=lambda: NOW,
        on=NOW.date(),
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
        "security": Security.NONE,
        "sender": f"Ufficio crediti <{SENDER}>",
        "timeout_s": 5,
    }
    return SmtpSettings(**(given | changes))


def imap_settings(imap: ImapServer, **changes: Any) -> SmtpSettings:
    """Settings whose bounces lie on that server."""
    given: dict[str, Any] = {
        "imap_host": imap.host,
        "imap_port": imap.port,
        "imap_security": Security.NONE,
        "imap_user": imap.user,
        "imap_password": Secret(imap.password),
    }
    return settings(**(given | changes))


def channel(server: SmtpServer, **changes: Any) -> SmtpChannel:
    """A channel on that server."""
    return SmtpChannel(settings(server, **changes))
