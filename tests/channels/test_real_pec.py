"""Certified mail with a real Postfix and a real Dovecot: receipts stay proofs on their way."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from incasso.testing.pec import Fate, PecAuthority, PecProvider
from tests.channels import postfix
from tests.channels.postfix import MAILBOX, PASSWORD, MailServers
from tests.channels.servers import SmtpServer
from tests.channels.test_pec_office import DAY, PEC, PecOffice
from tests.sending.played import CONFIG

ABSENT = postfix.absent()
pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(ABSENT), reason=ABSENT)]


@pytest.fixture(scope="module")
def relay() -> Iterator[SmtpServer]:
    """The provider's own server, which asks for a login."""
    with SmtpServer(users={"crediti": PASSWORD}) as server:
        yield server


@pytest.fixture(scope="module")
def servers(relay: SmtpServer) -> Iterator[MailServers]:
    with postfix.private_servers(relay.port) as servers:
        yield servers


def test_receipts_that_came_by_real_servers_are_proven(
    tmp_path: Path, relay: SmtpServer, servers: MailServers
) -> None:
    """Postfix adds its own headers, Dovecot stores and gives back: what is signed is untouched."""
    authority = PecAuthority()
    provider = PecProvider(
        authority.signer(), lambda mail: posted(mail, servers), lambda: datetime.now(UTC)
    )
    clients = {"C1": "bene@pec.debtor.example", "C2": "ignota@pec.debtor.example"}
    provider.fate(clients["C2"], Fate.UNKNOWN)
    provider.held = provider.reversed = provider.doubled = True
    office = PecOffice(tmp_path / "office", clients)
    configure(office, relay, servers, authority)
    office.open(DAY)
    office.do("check", "pec")
    assert office.leaves(DAY).code == 0
    for left in relay.messages:
        provider.take(left.sender, left.recipients, left.content)
    came = provider.release()
    servers.wait_for_bounces(came)
    assert office.do("collect", "--on", DAY).err == ""
    assert office.status() == {"C1": [("pec", "delivered")], "C2": [("pec", "bounced")]}
    news = office.do("delivery-news", "--format", "json").rows()
    assert {each["trust"] for each in news} == {"proven"} and len(news) == 4
    with servers.client() as client:
        folder = client.select_folder("INBOX", readonly=True)
        assert folder[b"EXISTS"] == came
        assert client.search(["SEEN"]) == [], "nothing was marked"
        copies = client.select_folder("Sent", readonly=True)
        assert copies[b"EXISTS"] == 2
    assert office.do("verify").code == 0


def configure(
    office: PecOffice, relay: SmtpServer, servers: MailServers, authority: PecAuthority
) -> None:
    """Messages leave through the relay; receipts lie at Dovecot, and copies too."""
    secret = office.folder / "pec-password"
    secret.touch(0o600)
    secret.write_text(PASSWORD, "utf-8")
    (office.folder / "trust.toml").write_text(
        authority.trust_list(datetime.now(UTC).date()), "utf-8"
    )
    given = PEC.format(user="crediti", smtp=relay.port, imap=servers.imap)
    given = given.replace("crediti@pec.acme.example", MAILBOX) + 'imap_sent = "Sent"\n'
    config = CONFIG.replace('"pec", ', "") + given
    (office.folder / "plugins.toml").write_text(config, "utf-8")
    with servers.client() as client:
        client.create_folder("Sent")


def posted(mail: bytes, servers: MailServers) -> None:
    """A receipt on its way through Postfix into the mailbox."""
    with smtplib.SMTP("127.0.0.1", servers.smtp, "provider.example") as line:
        line.sendmail("posta-certificata@pec.provider.example", [MAILBOX], mail)
