"""The provider that partners test against: it takes messages and writes what follows."""

from __future__ import annotations

import smtplib
from datetime import timedelta
from email import message_from_bytes

import pytest
from imapclient import IMAPClient

from incasso.testing.pec import Fate, PecProvider, PecServer
from incasso.testing.pec.server import TOO_FAST
from tests.channels.pec import AT, MAILBOX, MESSAGE, TO, read, signer


def provider() -> tuple[PecProvider, list[bytes]]:
    mailbox: list[bytes] = []
    return PecProvider(signer(), mailbox.append, lambda: AT), mailbox


def kinds(mailbox: list[bytes]) -> list[str]:
    return [message_from_bytes(each)["X-Ricevuta"] for each in mailbox]


def test_a_provider_starts_with_a_mailbox_of_its_own() -> None:
    """As a partner uses it: nothing but the class, a mail program's libraries, and its port."""
    with PecServer(now=lambda: AT) as server:
        box = server.mailbox
        with smtplib.SMTP(box.host, server.smtp_port) as line:
            with pytest.raises(smtplib.SMTPSenderRefused):
                line.sendmail(MAILBOX, [TO], MESSAGE)
            line.login(box.user, box.password)
            line.sendmail(MAILBOX, [TO], MESSAGE)
        server.refuse = TOO_FAST
        with smtplib.SMTP(box.host, server.smtp_port) as line:
            line.login(box.user, box.password)
            with pytest.raises(smtplib.SMTPSenderRefused, match="Too much traffic"):
                line.sendmail(MAILBOX, [TO], MESSAGE)
        with IMAPClient(box.host, box.port, ssl=False, timeout=10) as client:
            client.plain_login(box.user, box.password)
            client.select_folder("INBOX", readonly=True)
            found = client.fetch(client.search(), ["BODY.PEEK[]"])
    mails = [found[number][b"BODY[]"] for number in sorted(found)]
    assert kinds(mails) == ["accettazione", "avvenuta-consegna"]
    assert all(read(each).proven for each in mails), "signed by the authority that it lists"


@pytest.mark.parametrize(
    ("sender", "recipients", "content"),
    [
        ("altro@pec.acme.example", (TO,), MESSAGE),
        (MAILBOX, ("nascosto@pec.it",), MESSAGE),
        (MAILBOX, (TO,), b"Bcc: capo@acme.example\r\n" + MESSAGE),
    ],
)
def test_a_breach_of_the_formal_rules_is_not_accepted(
    sender: str, recipients: tuple[str, ...], content: bytes
) -> None:
    at, mailbox = provider()
    at.take(sender, recipients, content)
    assert kinds(mailbox) == ["non-accettazione"]


def test_receipts_come_late_twice_and_out_of_order_as_told() -> None:
    at, mailbox = provider()
    at.held = at.doubled = at.reversed = True
    at.fate(TO, Fate.DELAYED)
    at.take(MAILBOX, (TO,), MESSAGE)
    assert mailbox == []
    assert at.release() == 6 and at.release() == 0
    wanted = ["avvenuta-consegna", "preavviso-errore-consegna", "accettazione"]
    assert kinds(mailbox) == [each for kind in wanted for each in (kind, kind)]
    notice = read(mailbox[0]).notice
    assert notice is not None and notice.at == AT + timedelta(hours=15, seconds=1)
