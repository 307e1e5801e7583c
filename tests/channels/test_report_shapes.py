"""Reports in every shape: what can be read is read, what cannot is told, and nothing is guessed."""

from __future__ import annotations

import sys
from base64 import encodebytes
from collections.abc import Callable

import pytest

from incasso.api import DeliveryState, DeliveryUpdate, Origin
from incasso.mail import may_be_report, read_report
from tests.channels.bounced import (
    headers_of,
    in_base64,
    opened,
    plain,
    qmail,
    reply,
    returned,
    standard,
    status,
)
from tests.channels.mail import NOW, TO
from tests.fuzzing import each_spoiled

UNKNOWN_USER = f"  {TO}\r\n\r\n550 5.1.1 utente sconosciuto"
OPENSMTPD = f"An error has occurred:\r\n\r\n{TO}: 550 5.1.1 <{TO}>... User Unknown"
GERMAN = f"Die Nachricht an {TO} konnte nicht zugestellt werden: Benutzer unbekannt"
FRENCH = f"Votre message pour {TO} est revenu : destinataire inconnu"
WARNING = (
    "THIS IS A WARNING ONLY. It will be retried until it is 4 day(s) old.\r\n\r\n"
    f"<{TO}>: connect to mx.example.it[192.0.2.2]:25: No route to host\r\n\r\n"
    f"Reporting-MTA: dns; relay.example.it\r\n\r\nFinal-Recipient: rfc822; {TO}\r\n"
    "Action: delayed\r\nStatus: 4.4.1\r\nDiagnostic-Code: X-Postfix; No route to host"
)
ITALIAN_WARNING = f"Il messaggio per {TO} è in ritardo: seguiranno ulteriori tentativi."
ENVELOPE = "hub.d-0001." + "0a" * 16


def read(mail: bytes, authserv: str = "") -> tuple[DeliveryUpdate, ...]:
    return read_report(mail, NOW, authserv=authserv, trusted=("relay.example.it", "googlemail.com"))


def one(mail: bytes, authserv: str = "") -> DeliveryUpdate:
    assert may_be_report(headers_of(mail))
    [update] = read(mail, authserv)
    assert update.ref == "d-0001"
    assert update.evidence is not None and update.evidence.content == mail
    return update


@pytest.mark.parametrize("words", [UNKNOWN_USER, OPENSMTPD, GERMAN, FRENCH])
@pytest.mark.parametrize("written", [plain, in_base64])
def test_a_report_in_mere_words_is_read(words: str, written: Callable[[str], bytes]) -> None:
    update = one(written(words))
    assert (update.state, update.bad_address) == (DeliveryState.BOUNCED, True)


@pytest.mark.parametrize(
    "sender",
    [
        "MAILER-DAEMON@mx.example.it",
        "Postmaster <postmaster@example.it>",
        "=?utf-8?q?Sistema_di_recapito_posta?= <nobody@example.it>",
        "Mailzustellsystem <x@example.de>",
        "somebody@example.it",
    ],
)
def test_what_nobody_can_read_is_told_and_not_dropped(sender: str) -> None:
    update = one(plain("Nihil obstat, sed epistula rediit.", sender=sender))
    assert update.state is DeliveryState.UNREADABLE
    assert not update.bad_address
    assert update.note == "a bounce about delivery d-0001 that could not be read"


@pytest.mark.parametrize("words", [WARNING, ITALIAN_WARNING])
def test_a_warning_without_its_frame_is_no_failure(words: str) -> None:
    update = one(plain(words))
    assert (update.state, update.permanent) == (DeliveryState.DELAYED, False)


def test_a_diagnostic_of_several_lines_need_not_be_folded() -> None:
    block = (
        "Diagnostic-Code: smtp; 550-No mailbox here\r\n550-example.it does not know it\r\n"
        f"550 end\r\nStatus: 5.1.1\r\nAction: failed\r\nFinal-Recipient: rfc822; {TO}\r\n"
    )
    update = one(standard(block.encode()))
    assert (update.state, update.bad_address) == (DeliveryState.BOUNCED, True)
    assert "does not know it" in update.note


def test_given_up_is_a_failure_that_says_nothing_of_the_address() -> None:
    update = one(standard(status("expired", "4.4.7", said="connection timed out")))
    assert (update.state, update.permanent) == (DeliveryState.EXPIRED, True)
    assert not update.bad_address


@pytest.mark.parametrize("encoded", [False, True])
def test_a_report_beyond_ascii_is_read(encoded: bool) -> None:
    """RFC 6533, as text and in base64."""
    fields = f"Reporting-MTA: dns; mx.example.it\n\nFinal-Recipient: utf-8; {TO}\n" + (
        "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n"
    )
    coded = encodebytes(fields.encode()).decode() if encoded else fields
    cte = "Content-Transfer-Encoding: base64\n" if encoded else ""
    mail = (
        (
            "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.it\nMIME-Version: 1.0\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\n\n'
            f"--B\nContent-Type: message/global-delivery-status\n{cte}\n{coded}\n"
            "--B\nContent-Type: message/global-headers\n\n"
        ).encode()
        + headers_of(returned()).replace(b"\r\n", b"\n")
        + b"\n--B--\n"
    )
    update = one(mail)
    assert (update.state, update.bad_address) == (DeliveryState.BOUNCED, True)


def test_a_report_without_the_original_is_ours_by_its_envelope_id() -> None:
    nothing = standard(original=b"Subject: x\r\n\r\n")
    assert read(nothing) == ()
    named = b"Reporting-MTA: dns; relay.example.it\r\nOriginal-Envelope-Id: " + ENVELOPE.encode()
    update = one(nothing.replace(b"Reporting-MTA: dns; relay.example.it", named))
    assert update.origin == Origin(envelope_id=ENVELOPE)
    assert update.state is DeliveryState.BOUNCED


def test_a_truncated_original_is_enough() -> None:
    cut = returned()[: returned().index(b"MIME-Version")]
    assert one(standard(original=cut)).state is DeliveryState.BOUNCED


def test_a_receipt_of_a_mail_program_is_told() -> None:
    update = one(opened())
    assert update.state is DeliveryState.READ and not update.bad_address
    deleted = one(opened("automatic-action/MDN-sent-automatically; deleted"))
    assert deleted.state is DeliveryState.SENT
    assert deleted.note.startswith("deleted without being read")


@pytest.mark.parametrize(
    "mail",
    [
        reply(),
        reply().replace(b"From:", b"Return-Path: <>\r\nAuto-Submitted: auto-replied\r\nFrom:"),
        plain("x", original=b"Message-ID: <x@example.it>\r\n"),
    ],
    ids=["an answer", "a holiday notice", "somebody else's bounce"],
)
def test_other_mail_says_nothing(mail: bytes) -> None:
    assert read(mail) == ()


def test_marks_of_two_messages_are_nobodys() -> None:
    both = headers_of(returned()) + headers_of(returned("d-0002"))
    assert read(plain(UNKNOWN_USER, original=both)) == ()


def test_a_copys_bounce_in_words_says_nothing_about_the_debtor() -> None:
    original = headers_of(returned(cc="ex@example.it"))
    assert read(plain("ex@example.it: 550 5.1.1 user unknown", original=original)) == ()


RESULTS = "Authentication-Results: mx.example.it;\r\n dkim=pass header.d={domain};\r\n spf=none"


@pytest.mark.parametrize(
    ("headers", "origin"),
    [
        ("X-Nothing: x", Origin(checked=True)),
        (
            RESULTS.format(domain="googlemail.com"),
            Origin(checked=True, domains=("googlemail.com",), trusted_server=True),
        ),
        (
            RESULTS.format(domain="evil.example"),
            Origin(checked=True, domains=("evil.example",)),
        ),
        # Only the topmost one of our own server counts: what is below came with the mail.
        (
            RESULTS.format(domain="evil.example")
            + "\r\n"
            + RESULTS.format(domain="googlemail.com"),
            Origin(checked=True, domains=("evil.example",)),
        ),
        (
            RESULTS.format(domain="googlemail.com").replace("mx.example", "mx.evil"),
            Origin(checked=True),
        ),
        (
            RESULTS.format(domain="googlemail.com").replace("=pass", "=fail"),
            Origin(checked=True),
        ),
        (
            RESULTS.format(domain="notgooglemail.com"),
            Origin(checked=True, domains=("notgooglemail.com",)),
        ),
        ("Authentication-Results: mx.example.it; ((((", Origin(checked=True)),
    ],
)
def test_who_sent_it_is_what_our_own_server_says(headers: str, origin: Origin) -> None:
    mail = headers.encode() + b"\r\n" + standard()
    assert one(mail, "mx.example.it").origin == origin
    assert one(mail).origin == Origin()


OTHERS = {f"{number * 0x9E3779B97F4A7C15 % 2**64:016x}" for number in range(1, 20_000)}
"""Other deliveries of the hub: sixteen letters drawn by chance."""

SHAPES = (
    standard(),
    standard(whole=True),
    standard(status("delayed", "4.4.1")),
    standard(status("delivered", "2.0.0")),
    qmail("d-0001"),
    plain(UNKNOWN_USER),
    in_base64(OPENSMTPD),
    plain(WARNING),
    opened(),
)


@pytest.mark.fuzz
def test_spoiled_reports_are_read_or_said_to_be_unreadable() -> None:
    def check(mail: bytes) -> None:
        updates = read(mail, "mx.example.it")
        assert len({each.update_id for each in updates}) == len(updates)
        for update in updates:
            assert update.origin is not None and not update.origin.proven, "mail proves nothing"
            assert update.ref not in OTHERS, "never a delivery whose name is not in it"

    each_spoiled("reports", SHAPES, check)


def test_a_report_without_a_to_header_is_read_like_any_other() -> None:
    nameless = standard().replace(b"To: crediti@example.it\r\n", b"", 1)
    assert b"To: crediti" not in nameless
    update = one(nameless)
    assert (update.ref, update.state) == ("d-0001", DeliveryState.BOUNCED)
    assert update.bad_address


ELSEWHERE = "altra@copia.it"


def test_only_the_debtors_own_block_counts() -> None:
    mail = standard(status("relayed", "2.0.0", said="250 ok"), status(to=ELSEWHERE))
    update = one(mail)
    assert (update.state, update.bad_address) == (DeliveryState.SENT, False)


@pytest.mark.parametrize(
    "mail", [standard(status(to=ELSEWHERE)), plain(f"<{ELSEWHERE}>: 550 5.1.1 User unknown")]
)
def test_a_failure_at_another_address_is_for_a_person_and_marks_nothing(mail: bytes) -> None:
    update = one(mail)
    assert (update.state, update.bad_address) == (DeliveryState.UNREADABLE, False)


def test_a_failure_at_another_address_names_both() -> None:
    assert f"the message to {TO} failed at {ELSEWHERE}" in one(standard(status(to=ELSEWHERE))).note


def test_the_same_address_in_other_letters_is_the_debtors() -> None:
    assert one(standard(status(to=TO.upper()))).bad_address


def test_words_beyond_ascii_are_kept_as_the_server_wrote_them() -> None:
    said = status(said="550 5.1.1 Empfänger unbekannt").decode().encode("latin-1")
    assert "550 5.1.1 Empfänger unbekannt" in one(standard(said)).note


def test_a_library_that_is_missing_is_no_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "authres", None)
    with pytest.raises(ImportError):
        read(standard(status()), authserv="mx.example.it")


def test_damage_makes_no_stranger_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(_: object) -> str:
        raise AttributeError

    monkeypatch.setattr("incasso.mail.reports.human_words", damaged)
    update = one(standard(status()), authserv="mx.example.it")
    assert update.state is DeliveryState.UNREADABLE
    assert update.origin == Origin(checked=True)
