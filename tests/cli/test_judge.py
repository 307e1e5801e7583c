"""A bounce that nobody can read: from the mailbox to what a person says of it, by real commands.

A mail leaves over SMTP, its bounce lies in an IMAP mailbox in words that no reader knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channels.bounced import headers_of, plain
from tests.channels.servers import ImapServer, SmtpServer
from tests.sending.played import CONFIG, PlayedOffice

DAY, NEXT = "2026-11-23", "2026-11-24"
ADDRESS = "anna@bianchi.example.it"
ITERS = """
[[iter]]
key = "ordinario"
[[iter.stage]]
key = "primo"
days = 5
channels = ["email", "letter"]
template = "primo_sollecito"
[[iter.stage]]
key = "secondo"
anchor = "previous"
days = 30
channels = ["letter"]
template = "secondo_sollecito"
"""
MAIL = """
[channels.mail]
plugin = "smtp"
media = ["email"]
host = "127.0.0.1"
port = {smtp}
security = "none"
sender = "Ufficio crediti <crediti@example.it>"
imap_host = "127.0.0.1"
imap_port = {imap}
imap_security = "none"
imap_user = "crediti"
imap_password = {{ file = "imap-password" }}
"""
CLIENT = {
    "code": "C1",
    "name": "Bianchi Anna",
    "email": ADDRESS,
    "address": "Via Po 2",
    "zip": "10121",
    "city": "Torino",
}
INSTALLMENT = {
    "key": "R1",
    "client": "C1",
    "document_number": "1/26",
    "document_date": "2026-09-10",
    "due_date": "2026-11-10",
    "amount": "100.00",
    "residual": "100.00",
    "currency": "EUR",
    "payment_method": "transfer",
}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[PlayedOffice]:
    """Its one mail has left, its bounce is collected, and nobody could read it."""
    with SmtpServer() as smtp, ImapServer() as imap:
        office = PlayedOffice(tmp_path / "office", ITERS)
        mail = MAIL.format(smtp=smtp.port, imap=imap.port)
        (office.folder / "plugins.toml").write_text(CONFIG.replace('"email", ', "") + mail, "utf-8")
        (office.folder / "imap-password").touch(0o600)
        (office.folder / "imap-password").write_text(imap.password, "utf-8")
        office.ledger([CLIENT], [INSTALLMENT])
        office.open(DAY)
        office.day(DAY)
        [sent] = smtp.messages
        bounce = plain("Nihil obstat, sed epistula rediit.", original=headers_of(sent.content))
        imap.deliver(bounce)
        collected = office.tries("collect", "--on", DAY)
        assert "1 report waits for a person" in collected.err, collected
        yield office


def _one(office: PlayedOffice, *words: str) -> dict[str, str]:
    """The only row of a list."""
    [row] = office.do(*words, "--format", "json").rows()
    return row


@pytest.mark.parametrize("marked", [False, True], ids=["", "bad address"])
@pytest.mark.parametrize("came_back", [False, True], ids=["stands", "came back"])
def test_a_person_says_what_became_of_it(
    office: PlayedOffice, came_back: bool, marked: bool
) -> None:
    waits = _one(office, "delivery-news", "--waiting")
    assert (waits["state"], waits["status"]) == ("unreadable", "questioned")
    office.do("show", "delivery", waits["delivery"], "--save", "shown")
    [report] = (office.folder / "shown").glob("*-receipt-1.eml")
    assert b"epistula rediit" in report.read_bytes(), "the person reads it"
    assert "step done, waits for proof" in office.do("explain", "case:1", "--on", DAY).out
    office.day(DAY)
    assert not office.sent(DAY), "nothing else leaves until a person has looked"

    verdict = ["--bounced" if came_back else "--not-bounced", *["--bad-address"] * marked]
    act = ["act", "judge", waits["delivery"], *verdict, "--why", "ho telefonato", "--by", "admin"]
    office.do(*act, "--on", NEXT)
    again = office.tries(*act, "--on", NEXT)
    assert again.code == 1 and "nothing waits for a person" in again.err, again
    assert not office.do("delivery-news", "--waiting", "--format", "json").rows()

    status = "bounced" if came_back else "accepted"
    assert _one(office, "deliveries")["status"] == status
    bad = [row["address"] for row in office.do("bad-addresses", "--format", "json").rows()]
    assert bad == ([ADDRESS] if marked else [])
    next_step = "primo (letter) is due." if came_back else "secondo is due on 24 Dec 2026."
    assert next_step in office.do("explain", "case:1", "--on", NEXT).out
    office.day(NEXT)
    assert [each.note["medium"] for each in office.sent(NEXT)] == ["letter"] * came_back
    assert _one(office, "cases")["next_due_on"] == "2026-12-24", "counted on the day after"
    told = office.do("history", "C1").out
    assert told.count("report judged: ho telefonato") == 1
    assert told.count("Primo came back") == came_back
    assert told.count("did not come back") == (not came_back)
    assert told.count("Primo sent by e-mail") == 1
    assert office.do("verify").code == 0
