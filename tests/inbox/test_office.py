"""What clients answer, by the real commands: from the mailbox to the step that may leave again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channels.servers import ImapServer, SmtpServer
from tests.cli.command import inside
from tests.inbox.mails import mail
from tests.sending.played import CONFIG, PlayedOffice

DAY, NEXT = "2026-11-23", "2026-11-24"
ITERS = """
[[iter]]
key = "ordinario"
[[iter.stage]]
key = "primo"
days = 5
channels = ["email"]
template = "primo_sollecito"
[[iter.stage]]
key = "secondo"
anchor = "previous"
days = 1
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
sender = "Ufficio crediti <crediti@acme.example>"
imap_host = "127.0.0.1"
imap_port = {imap}
imap_security = "none"
imap_user = "crediti"
imap_password = {{ file = "imap-password" }}
"""
ADDRESSES = {"C1": "mario@rossi.example.it", "C2": "anna@bianchi.example.it"}
STRANGER = "commercialista@studio.example.it"


@pytest.fixture(scope="module")
def mailbox() -> Iterator[ImapServer]:
    with ImapServer() as mailbox:
        yield mailbox


@pytest.fixture
def imap(mailbox: ImapServer) -> ImapServer:
    mailbox.empty()
    return mailbox


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    with SmtpServer() as smtp:
        yield smtp


@pytest.fixture
def office(tmp_path: Path, smtp: SmtpServer, imap: ImapServer) -> PlayedOffice:
    """Two clients had their first reminder by mail; the second is a letter of the next day."""
    office = PlayedOffice(tmp_path / "office", ITERS)
    given = MAIL.format(smtp=smtp.port, imap=imap.port)
    (office.folder / "plugins.toml").write_text(CONFIG.replace('"email", ', "") + given, "utf-8")
    (office.folder / "imap-password").touch(0o600)
    (office.folder / "imap-password").write_text(imap.password, "utf-8")
    office.ledger([client(code) for code in ADDRESSES], [installment(code) for code in ADDRESSES])
    office.open(DAY)
    office.day(DAY)
    return office


def client(code: str) -> dict[str, str]:
    return {
        "code": code,
        "name": f"Ditta {code}",
        "email": ADDRESSES[code],
        "address": "Via Po 2",
        "zip": "10121",
        "city": "Torino",
    }


def installment(code: str) -> dict[str, str]:
    return {
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


def names(smtp: SmtpServer) -> dict[str, str]:
    """By recipient, what our message is called: its Message-ID."""
    return {each.recipients[0]: str(each.parsed()["Message-ID"]) for each in smtp.messages}


def answer_of_outlook(ours: str) -> bytes:
    """From another address than we wrote to, with a file beside it."""
    body = (
        '--=_o\nContent-Type: text/html; charset="utf-8"\n\n'
        '<div class="WordSection1"><p class="MsoNormal">Abbiamo <b>gi\xe0</b> pagato ieri.</p>'
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt"><p><b>Da:</b> Ufficio crediti'
        "<br><b>Inviato:</b> luned\xec 23 novembre 2026 10:15<br><b>A:</b> Mario Rossi<br>"
        "<b>Oggetto:</b> Sollecito</p></div><p>Gentile cliente, risulta scaduta</p></div>\n"
        '--=_o\nContent-Type: application/pdf; name="contabile.pdf"\n'
        'Content-Disposition: attachment; filename="../contabile.pdf"\n'
        "Content-Transfer-Encoding: base64\n\nJVBERi0xLjQ=\n--=_o--\n"
    )
    headers = {
        "From": "Segreteria Rossi <segreteria@altrove.example.it>",
        "Subject": "R: Sollecito",
        "Message-ID": "<AS8PR04MB@eurprd04.prod.outlook.example>",
        "In-Reply-To": ours,
        "References": ours,
        "Content-Type": 'multipart/mixed; boundary="=_o"',
        "X-MS-Has-Attach": "yes",
        "Thread-Index": "AdvX",
    }
    return mail(body, headers)


def out_of_office(ours: str) -> bytes:
    """As Exchange writes it."""
    headers = {
        "From": f"Anna Bianchi <{ADDRESSES['C2']}>",
        "Return-Path": "<>",
        "Subject": "Risposta automatica: Sollecito",
        "In-Reply-To": ours,
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "X-MS-Exchange-Inbox-Rules-Loop": ADDRESSES["C2"],
    }
    return mail("Sono in ferie fino al 30 novembre.\n", headers)


def from_a_stranger() -> bytes:
    headers = {"From": f"Studio Neri <{STRANGER}>", "Subject": "Ditta C2", "In-Reply-To": ""}
    return mail("Seguo io la ditta C2, chiamatemi.\n", headers)


def the_words(*parts: str) -> str:
    """What a person reads, however it is broken into lines."""
    return " ".join(" ".join(parts).split())


def test_an_answer_is_read_holds_a_step_back_and_lets_it_go(
    office: PlayedOffice, smtp: SmtpServer, imap: ImapServer
) -> None:
    ours = names(smtp)
    answer = answer_of_outlook(ours[ADDRESSES["C1"]])
    for each in (answer, out_of_office(ours[ADDRESSES["C2"]]), from_a_stranger()):
        imap.deliver(each)
    collected = office.do("collect", "--on", NEXT)
    assert collected.out == "24 Nov 2026: 3 mails came in.\n"
    assert "2 replies wait for an answer" in collected.err
    assert "no news" in office.do("collect", "--on", NEXT).out, "each comes in once"

    first, absent, stranger = office.do("inbox", "--format", "json").rows()
    of_client = first["client"], first["sender"], first["kind"], first["state"]
    assert of_client == ("C1", "segreteria@altrove.example.it", "reply", "new")
    assert first["preview"] == "Abbiamo già pagato ieri."
    assert f"<hub.{first['delivery']}@acme.example>" == ours[ADDRESSES["C1"]]
    assert (absent["client"], absent["kind"], absent["state"]) == ("C2", "automatic", "noted")
    assert (stranger["client"], stranger["state"]) == (None, "new")
    listed = the_words(italian(office, "inbox", "--waiting"))
    assert "da rispondere" in listed and "automatica" not in listed
    assert "Abbiamo già" in listed, "it fits into a usual screen"
    assert "mittente" in listed and " dal " not in listed, "who wrote is no day"

    told = the_words(office.do("explain", "C1", "--on", NEXT).out)
    assert "Stands still: the client wrote, to be answered; looked at again on 25 Nov 2026" in told
    assert "nobody has answered: it waits until 24 Nov 2026." in told
    told = the_words(italian(office, "explain", "C1", "--on", NEXT))
    assert "nessuno ha ancora risposto: aspetta fino al 24/11/2026." in told
    office.day(NEXT)
    assert [each.client for each in office.sent(NEXT)] == ["C2"], "an absent reader holds nothing"

    office.do("show", "reply", str(first["id"]), "--save", "saved")
    saved = {each.name: each.read_bytes() for each in (office.folder / "saved").iterdir()}
    assert saved == {"reply-1.eml": answer, "reply-1-1-_contabile.pdf": b"%PDF-1.4"}

    done = ["act", "reply-done", str(first["id"]), "--by", "admin", "--on", NEXT]
    office.do(*done, "--why", "ha pagato")
    again = office.tries(*done)
    assert again.code == 1 and "settled already" in again.err, again
    office.day(NEXT)
    assert [each.client for each in office.sent(NEXT)] == ["C2", "C1"]
    told = the_words(office.do("history", "C1").out)
    assert "Reply of segreteria@altrove.example.it: R: Sollecito “Abbiamo già pagato ieri.”" in told
    assert "settled without an answer (Amministratore): ha pagato" in told

    unknown = ["inbox", "--unknown", "--format", "json"]
    assert [each["sender"] for each in office.do(*unknown).rows()] == [STRANGER]
    assign = ["act", "reply-assign", str(stranger["id"]), "--by", "admin", "--on", NEXT]
    wrong = office.tries(*assign, "--client", "acme/C9")
    assert wrong.code == 1 and "C9" in wrong.err and not wrong.has_traceback, wrong
    office.do(*assign, "--client", "acme/C2")
    assert office.do(*unknown).rows() == []
    assert STRANGER in office.do("history", "C2").out
    assert office.do("verify").code == 0


def test_sales_see_and_settle_none(
    office: PlayedOffice, imap: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    imap.deliver(from_a_stranger())
    office.do("collect", "--on", DAY)
    office.do("users", "add", "vendite", "--role", "sales", "--by", "admin")
    monkeypatch.setenv("INCASSO_USER", "vendite")
    for words in (
        ["inbox"],
        ["show", "reply", "1", "--save", "saved"],
        ["act", "reply-done", "1", "--by", "vendite"],
    ):
        ended = office.tries(*words)
        assert ended.code == 1 and "sales" in ended.err, ended
        assert STRANGER not in ended.out + ended.err
    assert not (office.folder / "saved").exists()


def italian(office: PlayedOffice, *words: str) -> str:
    return inside(office.folder, *words, language="it").out
