"""What a mail that came in says: whom it answers, who wrote it, its words and its files."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incasso.contract.channel import IncomingKind
from incasso.mail import mail_inside, may_be_incoming, read_incoming, read_report
from incasso.mail.html_words import words_of_html
from incasso.mail.incoming import LONGEST_TEXT, MOST_FILES
from incasso.mail.quoted import own_words
from incasso.plugins.fields import wrong_fields
from tests.inbox.mails import GMAIL, OURS, WORDS, mail

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize("program", WORDS)
def test_the_words_of_an_answer_are_its_own(program: str) -> None:
    raw, words = WORDS[program]
    found = read_incoming(raw, AT)
    assert found is not None
    assert (found.text, found.answers[0]) == (words, OURS)
    assert (found.sender, found.sender_name) == ("mario.rossi@ferramenta.example.it", "Mario Rossi")
    assert found.evidence is not None and found.evidence.content == raw
    assert found.kind is IncomingKind.PERSON


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("> Gentile cliente\n> paghi\n\nHo pagato ieri.\n", "Ho pagato ieri."),
        ("On Mon, 23 Nov 2026 Ufficio wrote:\n> paghi\n\nPaid.\n", "Paid."),
        ("Ok\n\nAm 23.11.26 um 10:15 schrieb Ufficio:\n\nSehr geehrte", "Ok"),
        ("Ok\n\nLe 23/11/2026 à 10:15, Ufficio a écrit :\n\nCher client", "Ok"),
        ("Ok\n\n-----Messaggio originale-----\nDa: Ufficio\n", "Ok"),
        ("Ok\n-- \nMario\nVia Po 2\n", "Ok"),
        ("Da: oggi si paga\nGrazie", "Da: oggi si paga\nGrazie"),
        ("Il bonifico è partito.\nEcco il CRO: 123", "Il bonifico è partito.\nEcco il CRO: 123"),
        ("> solo citazione", ""),
        ("Il giorno 23 Ufficio ha scritto:\nGentile", "Il giorno 23 Ufficio ha scritto:\nGentile"),
    ],
)
def test_what_is_quoted_is_left_out(text: str, words: str) -> None:
    assert own_words(text) == words


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"Auto-Submitted": "auto-replied (vacation)"}, IncomingKind.AUTOMATIC),
        ({"Auto-Submitted": "auto-generated", "Subject": "Risposta automatica: Sollecito"}, "auto"),
        ({"X-Autoreply": "yes", "Precedence": "bulk"}, IncomingKind.AUTOMATIC),
        ({"Precedence": "auto_reply"}, IncomingKind.AUTOMATIC),
        ({"Subject": "Fuori ufficio fino al 30/11"}, IncomingKind.AUTOMATIC),
        ({"Subject": "Automatic reply: First reminder"}, IncomingKind.AUTOMATIC),
        ({"Subject": "Automatische Antwort: Mahnung"}, IncomingKind.AUTOMATIC),
        ({"Subject": "=?utf-8?q?R=C3=A9ponse_automatique?="}, IncomingKind.AUTOMATIC),
        ({"Subject": "R: Fuori ufficio"}, IncomingKind.PERSON),
        ({"X-Auto-Response-Suppress": "All"}, IncomingKind.PERSON),
        ({"Auto-Submitted": "no"}, IncomingKind.PERSON),
        ({"Auto-Submitted": "auto-generated"}, IncomingKind.PROGRAM),
        ({"List-Id": "<novita.example.it>"}, IncomingKind.PROGRAM),
    ],
)
def test_programs_are_told_from_people(headers: dict[str, str], kind: str) -> None:
    found = read_incoming(mail("Torno lunedì", headers), AT)
    assert found is not None
    assert found.kind == ("automatic" if kind == "auto" else kind)


def test_a_holiday_notice_with_an_empty_sender_is_no_bounce() -> None:
    """Exchange writes them so; an unreadable bounce would hold the stage."""
    raw = mail(
        "Sono in ferie",
        {
            "Return-Path": "<>",
            "Auto-Submitted": "auto-generated",
            "Subject": "Risposta automatica: Primo sollecito",
            "X-MS-Exchange-Inbox-Rules-Loop": "mario.rossi@ferramenta.example.it",
        },
    )
    assert read_report(raw, AT) == ()
    found = read_incoming(raw, AT)
    assert found is not None and found.kind is IncomingKind.AUTOMATIC


@pytest.mark.parametrize(
    "headers",
    [
        {"From": "Mail Delivery System <mailer-daemon@mx.example>"},
        {"Return-Path": "<>"},
        {"From": "Ufficio crediti <CREDITI@acme.example.it>"},
        {"X-Incasso-Delivery": "d-0001"},
    ],
)
def test_mails_of_servers_and_our_own_are_no_answers(headers: dict[str, str]) -> None:
    assert read_incoming(mail("x", headers), AT, own=("crediti@acme.example.it",)) is None


def test_a_newsletter_is_not_even_fetched() -> None:
    bulk = b"From: a@b.example\r\nList-Unsubscribe: <mailto:x@b.example>\r\n"
    assert not may_be_incoming(bulk)
    assert may_be_incoming(bulk + b"In-Reply-To: " + OURS.encode() + b"\r\n")
    assert may_be_incoming(b"From: a@b.example\r\nSubject: Sollecito\r\n")


def with_files() -> bytes:
    body = """\
--=_m
Content-Type: text/plain; charset=utf-8

In allegato.
--=_m
Content-Type: application/pdf; name="contabile.pdf"
Content-Disposition: attachment; filename="contabile.pdf"
Content-Transfer-Encoding: base64

JVBERi0xLjQ=
--=_m
Content-Type: message/rfc822

Subject: dentro

altro testo
--=_m--
"""
    return mail(body, {"Content-Type": 'multipart/mixed; boundary="=_m"'})


def test_the_files_of_an_answer_are_listed() -> None:
    found = mail_inside(with_files())
    assert found.text.strip() == "In allegato."
    assert [(each.name, each.media_type, each.content[:8]) for each in found.files] == [
        ("contabile.pdf", "application/pdf", b"%PDF-1.4"),
        ("", "message/rfc822", b"Subject:"),
    ]


def envelope(inner: bytes, kind: str = "posta-certificata") -> bytes:
    """A message as it comes into a certified mailbox (RFC 6109)."""
    head = (
        'From: "Per conto di: mario@pec.example.it" <posta-certificata@provider.example>\r\n'
        f"X-Trasporto: {kind}\r\nSubject: POSTA CERTIFICATA: x\r\n"
        'Content-Type: multipart/mixed; boundary="=_e"\r\n\r\n'
        "--=_e\r\nContent-Type: text/plain\r\n\r\nMessaggio di posta certificata\r\n"
        "--=_e\r\nContent-Type: message/rfc822; name=postacert.eml\r\n"
        "Content-Disposition: inline; filename=postacert.eml\r\n\r\n"
    )
    return head.encode() + inner + b"\r\n--=_e--\r\n"


@pytest.mark.parametrize("kind", ["posta-certificata", "errore"])
def test_of_certified_mail_it_is_the_message_in_the_envelope(kind: str) -> None:
    raw = envelope(with_files(), kind)
    found = read_incoming(raw, AT)
    assert found is not None
    assert (found.sender, found.text) == ("mario.rossi@ferramenta.example.it", "In allegato.")
    assert found.answers == (OURS,)
    assert found.evidence is not None and found.evidence.content == raw
    assert [each.name for each in mail_inside(raw).files] == ["contabile.pdf", ""]


def nested(depth: int) -> bytes:
    parts = "".join(
        f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(depth)
    )
    return f"From: a@b.example\r\n{parts}".encode()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0\xff\r\n\r\n\xfe",
        nested(400),
        mail("x" * 300_000),
        mail("<div>" * 20_000, {"Content-Type": "text/html"}),
        mail("<!--" * 50_000, {"Content-Type": "text/html"}),
        mail("On x\n" * 20_000),
        mail("--b\n\n" * 3_000, {"Content-Type": "multipart/mixed; boundary=b"}),
        mail("x", {"From": "=?utf-8?b?" + "A" * 999 + "?= <" + "a" * 999 + "@x>"}),
        mail("x", {"Content-Type": "text/plain; charset=rot13"}),
        mail(
            "x", {"References": "<" + "r" * 200 + "> " * 50 + "<\ud800@x>".replace("\ud800", "?")}
        ),
    ],
    ids=range(11),
)
def test_no_mail_is_too_strange(raw: bytes) -> None:
    found = read_incoming(raw, AT)
    assert found is None or wrong_fields(found) == []
    assert found is None or len(found.text) <= LONGEST_TEXT
    assert len(mail_inside(raw).files) <= MOST_FILES


@given(cut=st.integers(0, len(GMAIL)), rubbish=st.binary(max_size=40))
def test_a_damaged_mail_never_stops_the_reading(cut: int, rubbish: bytes) -> None:
    for raw in (GMAIL[:cut] + rubbish + GMAIL[cut:], GMAIL[:cut] + rubbish):
        found = read_incoming(raw, AT)
        assert found is None or wrong_fields(found) == []
        mail_inside(raw)


@given(st.text(alphabet="<>/=\"' adivblockquoteypecit!-\n", max_size=200))
def test_no_html_is_too_strange(html: str) -> None:
    words_of_html(html)
