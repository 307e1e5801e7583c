"""A real Postfix and a real Dovecot: bounces as they are, from the message to the judgement.

The hub works by its real commands. Postfix takes the mail and passes it on to a next hop that
refuses as told; it writes the bounces itself, and the hub reads them from Dovecot's mailbox.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from incasso.contract.mail import WatchedFolder
from incasso.plugins.mail.watching import Watch
from incasso.plugins.sign_in.tokens import Access
from incasso.testing.network import closed_port
from tests.channels import postfix
from tests.channels.postfix import MAILBOX, PASSWORD, MailServers
from tests.channels.servers import SmtpServer
from tests.channels.test_watching import Follower
from tests.cli.command import Ended, inside
from tests.sending.played import CONFIG, PlayedOffice

ABSENT = postfix.absent()
pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(ABSENT), reason=ABSENT)]

DAY, NEXT = "2026-11-23", "2026-11-24"
LISTED = "550 5.7.1 Service unavailable; client host blocked using zen.spamhaus.org"
ITERS = """
[[iter]]
key = "ordinario"
[[iter.stage]]
key = "primo"
days = 5
channels = ["email", "letter"]
template = "primo_sollecito"
"""
MAIL = """
[channels.mail]
plugin = "smtp"
media = ["email"]
host = "127.0.0.1"
port = {smtp}
security = "none"
sender = "Ufficio crediti <{mailbox}>"
imap_host = "127.0.0.1"
imap_port = {imap}
imap_security = "none"
imap_user = "crediti"
imap_password = {{ file = "imap-password" }}
"""


@pytest.fixture(scope="module")
def next_hop() -> Iterator[SmtpServer]:
    """Where Postfix passes everything on to."""
    with SmtpServer(reports=True) as server:
        yield server


@pytest.fixture(scope="module")
def servers(next_hop: SmtpServer) -> Iterator[MailServers]:
    with postfix.private_servers(next_hop.port) as servers:
        yield servers


class RealOffice(PlayedOffice):
    """An office whose mail leaves through Postfix; letters are written into a folder."""

    def __init__(self, folder: Path, servers: MailServers, clients: dict[str, str]) -> None:
        """`clients`: the address of each."""
        super().__init__(folder, ITERS)
        self._config = CONFIG.replace('"email", ', "")
        (folder / "imap-password").touch(0o600)
        (folder / "imap-password").write_text(PASSWORD, "utf-8")
        self.use(servers.smtp, servers)
        self.ledger(
            [
                {
                    "code": code,
                    "name": f"Ditta {code}",
                    "email": address,
                    "address": "Via Po 2",
                    "zip": "10121",
                    "city": "Torino",
                }
                for code, address in clients.items()
            ],
            [
                {
                    "key": f"R{code}",
                    "client": code,
                    "document_number": f"{code}/26",
                    "document_date": "2026-09-10",
                    "due_date": "2026-11-10",
                    "amount": "100.00",
                    "residual": "100.00",
                    "currency": "EUR",
                    "payment_method": "transfer",
                }
                for code in clients
            ],
        )
        self.open(DAY)

    def use(self, port: int, servers: MailServers) -> None:
        """Let the mail leave through this port."""
        told = {"smtp": port, "imap": servers.imap, "mailbox": MAILBOX}
        (self.folder / "plugins.toml").write_text(self._config + MAIL.format(**told), "utf-8")

    def leaves(self, on: str) -> Ended:
        """The ledger is read and planned, and what is due leaves."""
        self.do("sync", "--on", on)
        self.do("plan", "--on", on)
        return self.tries("dispatch", "--on", on, "--really-send")

    def status(self) -> dict[str, tuple[str, str]]:
        """By client: what became of the last mail, and the news about it."""
        rows = self.do("deliveries", "--format", "json").rows()
        return {row["client"]: (row["medium"], row["status"]) for row in rows}


def test_bounces_of_a_real_postfix_reach_their_deliveries(
    tmp_path: Path, next_hop: SmtpServer, servers: MailServers
) -> None:
    next_hop.script("rcpt", "550 5.1.1 User unknown", to="ignota@uno.example.it")
    next_hop.script("rcpt", "552 5.2.2 Mailbox full", to="piena@due.example.it")
    office = RealOffice(
        tmp_path / "office",
        servers,
        {"C1": "ignota@uno.example.it", "C2": "piena@due.example.it", "C3": "bene@tre.example.it"},
    )
    assert "with envelope id" in inside(office.folder, "check", "mail").out
    assert office.leaves(DAY).code == 0
    assert set(office.status().values()) == {("email", "accepted")}, "Postfix took them all"
    servers.wait_for_bounces(2)
    collected = office.tries("collect", "--on", DAY)
    assert collected.code == 0, collected
    assert office.status() == {
        "C1": ("email", "bounced"),
        "C2": ("email", "bounced"),
        "C3": ("email", "accepted"),
    }
    news = {each["client"]: each for each in office.do("delivery-news", "--format", "json").rows()}
    assert {each["trust"] for each in news.values()} == {"fitting"}, "the envelope id came back"
    assert "ignota@uno.example.it" in news["C1"]["note"] and "5.1.1" in news["C1"]["note"]
    assert any(each.startswith("ENVID=hub.") for each in next_hop.asked)
    assert "ORCPT=rfc822;piena@due.example.it" in next_hop.asked
    addresses = office.do("bad-addresses", "--format", "json").rows()
    assert [each["address"] for each in addresses] == ["ignota@uno.example.it"]
    again = office.do("collect", "--on", NEXT)
    assert "0" in again.out and office.status()["C1"] == ("email", "bounced")
    office.day(NEXT)
    assert [each.client for each in office.sent(NEXT)] == ["C1", "C2"], "the stage's next medium"
    assert office.do("verify").code == 0


def test_an_office_refused_everywhere_stops_once_and_starts_when_it_is_named(
    tmp_path: Path, next_hop: SmtpServer, servers: MailServers
) -> None:
    clients = {f"D{n}": f"amm@listed{n}.example.it" for n in range(4)}
    for address in clients.values():
        next_hop.script("rcpt", LISTED, to=address, times=1)
    office = RealOffice(tmp_path / "office", servers, clients)
    before = len(list((servers.folder / "mail/crediti").glob("*/*")))
    assert office.leaves(DAY).code == 0
    servers.wait_for_bounces(before + 4)
    stopped = office.tries("collect", "--on", DAY)
    assert stopped.err.count("mail is stopped") == 1 and LISTED in stopped.err, stopped
    assert "mail is stopped" not in office.tries("collect", "--on", DAY).err, "it says so once"
    assert not office.do("bad-addresses", "--format", "json").rows(), "no address is to blame"

    every = inside(office.folder, "check")
    assert every.code == 1 and "a check of all does not" in every.err, every
    assert "is paused" in office.tries("collect", "--on", DAY).err
    office.use(closed_port(), servers)
    down = inside(office.folder, "check", "mail", "--by", "admin")
    assert down.code == 1 and "it stays stopped" in down.err, down
    office.use(servers.refusing, servers)
    refused = inside(office.folder, "check", "mail", "--by", "admin")
    assert refused.code == 1 and "takes no mail of this sender" in refused.err, refused
    office.use(servers.smtp, servers)
    named = inside(office.folder, "check", "mail", "--by", "admin")
    assert named.code == 0 and "It is started again now" in named.err, named
    assert inside(office.folder, "check").code == 0
    events = office.do("journal", "--format", "json").rows()
    assert [each["actor"] for each in events if each["kind"] == "instance.started"] == ["admin"]
    assert office.do("verify").code == 0


def test_dovecot_tells_of_new_mail_while_it_is_watched(servers: MailServers) -> None:
    watched = Watch(WatchedFolder(login=servers.login, folder="INBOX"), Access)
    follower = Follower(watched)
    assert follower.told()
    follower.waits()
    with servers.client() as client:
        client.append("INBOX", b"Subject: a bounce\r\n\r\nback again\r\n")
    assert follower.told()
    follower.waits()
    assert follower.end() is None
    with servers.client() as client:
        client.select_folder("INBOX", readonly=True)
        new = client.search(["SUBJECT", "a bounce", "UNSEEN"])
        assert len(new) == 1, "it is as unread as it came"


def test_a_relay_that_refuses_the_sender_burns_no_address(
    tmp_path: Path, next_hop: SmtpServer, servers: MailServers
) -> None:
    clients = {f"E{n}": f"amm@altri{n}.example.it" for n in range(5)}
    office = RealOffice(tmp_path / "office", servers, clients)
    office.use(servers.refusing, servers)
    office.leaves(DAY)
    told = sorted(status for _, status in office.status().values())
    assert told == ["failed"] * 2 + ["queued"] * 3, "the third refusal stops it"
    assert not office.do("bad-addresses", "--format", "json").rows()
    office.use(servers.smtp, servers)
    inside(office.folder, "check", "mail", "--by", "admin")
    office.tries("dispatch", "--on", DAY, "--really-send")
    assert sorted(status for _, status in office.status().values())[:2] == ["accepted"] * 2
