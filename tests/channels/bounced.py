"""Bounces as real servers write them, with invented names: for tests of whoever reads them."""

from __future__ import annotations

from incasso.mail import Envelope, compose
from tests.channels.mail import NOW, SENDER, TO, message


def returned(delivery: str = "d-0001", *, cc: str = "") -> bytes:
    """The mail that came back."""
    who = Envelope(
        sender=SENDER,
        sender_name="Ufficio crediti",
        to=TO,
        to_name="Anna Bianchi",
        cc=(("", cc),) if cc else (),
    )
    return compose(message(delivery=delivery), who, NOW)


def headers_of(mail: bytes) -> bytes:
    """Only its headers: what most servers return."""
    return mail.partition(b"\r\n\r\n")[0] + b"\r\n"


def status(
    action: str = "failed",
    code: str = "5.1.1",
    *,
    to: str = TO,
    said: str = "550 5.1.1 user unknown",
) -> bytes:
    """One recipient's block."""
    return (
        f"Final-Recipient: rfc822; {to}\r\n"
        f"Original-Recipient: rfc822;{to}\r\n"
        f"Action: {action}\r\nStatus: {code}\r\n"
        f"Remote-MTA: dns; mx.example.it\r\nDiagnostic-Code: smtp; {said}\r\n"
    ).encode()


def standard(*blocks: bytes, original: bytes | None = None, whole: bool = False) -> bytes:
    """A report as Postfix writes it (RFC 3464)."""
    mail = returned() if original is None else original
    kind, content = (
        (b"message/rfc822", mail) if whole else (b"text/rfc822-headers", headers_of(mail))
    )
    return b"\r\n".join(
        (
            b"Return-Path: <>",
            b"From: MAILER-DAEMON@relay.example.it (Mail Delivery System)",
            b"To: crediti@example.it",
            b"Subject: Undelivered Mail Returned to Sender",
            b"Auto-Submitted: auto-replied",
            b"MIME-Version: 1.0",
            b"Content-Type: multipart/report; report-type=delivery-status;",
            b' boundary="9B095B5ADSN"',
            b"",
            b"--9B095B5ADSN",
            b"Content-Type: text/plain; charset=us-ascii",
            b"",
            b"I'm sorry to have to inform you that your message could not be delivered.",
            b"",
            b"--9B095B5ADSN",
            b"Content-Type: message/delivery-status",
            b"",
            b"Reporting-MTA: dns; relay.example.it",
            b"Arrival-Date: Mon, 2 Mar 2026 10:30:00 +0100 (CET)",
            b"",
            b"\r\n".join(blocks or (status(),)),
            b"--9B095B5ADSN",
            b"Content-Type: " + kind,
            b"",
            content,
            b"--9B095B5ADSN--",
            b"",
        )
    )


def nested() -> bytes:
    """A report as Gmail writes it: the words stand in a multipart/related with a picture."""
    words = b"\r\n".join(
        (
            b'Content-Type: multipart/related; boundary="inner"',
            b"",
            b"--inner",
            b"Content-Type: text/html; charset=utf-8",
            b"",
            b"<p>Indirizzo non trovato</p>",
            b"--inner",
            b"Content-Type: image/png; name=icon.png",
            b"Content-Transfer-Encoding: base64",
            b"Content-ID: <icon.png>",
            b"",
            b"iVBORw0KGgo=",
            b"--inner--",
        )
    )
    plain = b"Content-Type: text/plain; charset=us-ascii\r\n\r\nI'm sorry"
    return standard().replace(plain, words + b"\r\nI'm sorry", 1)


def qmail(delivery: str = "d-0001") -> bytes:
    """A bounce that keeps to no standard, with the whole mail pasted below."""
    return (
        b"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.it\r\nTo: crediti@example.it\r\n"
        b"Subject: failure notice\r\n\r\n"
        b"Hi. This is the qmail-send program at mx.example.it.\r\n"
        b"I'm afraid I wasn't able to deliver your message to the following addresses.\r\n"
        b"This is a permanent error; I've given up. Sorry it didn't work out.\r\n\r\n"
        b"<" + TO.encode() + b">:\r\nThis address no longer accepts mail.\r\n\r\n"
        b"--- Below this line is a copy of the message.\r\n\r\n" + returned(delivery)
    )


def reply() -> bytes:
    """What a debtor answers; it is for people, not for us."""
    return (
        b"From: Anna Bianchi <" + TO.encode() + b">\r\nTo: crediti@example.it\r\n"
        b"Subject: Re: Sollecito di pagamento\r\nMessage-ID: <r1@example.it>\r\n"
        b"In-Reply-To: <hub.d-0001@example.it>\r\n\r\nPago domani.\r\n"
    )


def plain(
    words: str, *, sender: str = "MAILER-DAEMON@mx.example.it", original: bytes = b""
) -> bytes:
    """A report in mere words, as small mailers write it."""
    mail = original or headers_of(returned())
    return (
        b"Return-Path: <>\r\nFrom: " + sender.encode() + b"\r\nTo: crediti@example.it\r\n"
        b"Subject: Mancata consegna\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
        + words.encode()
        + b"\r\n\r\n----- Messaggio originale -----\r\n\r\n"
        + mail
    )


def in_base64(words: str) -> bytes:
    """The same with its whole text in base64."""
    from base64 import encodebytes

    head, _, body = plain(words).partition(b"\r\n\r\n")
    return head + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encodebytes(body)


def opened(disposition: str = "manual-action/MDN-sent-manually; displayed") -> bytes:
    """A receipt that a mail program sends when somebody opens the message (RFC 8098)."""
    return (
        b"From: Anna <" + TO.encode() + b">\r\nTo: crediti@example.it\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/report; report-type=disposition-notification; boundary=M\r\n\r\n"
        b"--M\r\nContent-Type: text/plain\r\n\r\nLetto.\r\n"
        b"--M\r\nContent-Type: message/disposition-notification\r\n\r\n"
        b"Final-Recipient: rfc822;" + TO.encode() + b"\r\n"
        b"Original-Message-ID: <hub.d-0001@example.it>\r\n"
        b"Disposition: " + disposition.encode() + b"\r\n\r\n--M--\r\n"
    )
