"""Receipts and envelopes by the templates of RFC 6109, signed: every kind there is.

No real sample was to be had of non-acceptance, delay and virus, nor of most providers; these are
written by the RFC's own templates, with what real receipts of 2026 add to it.
"""

from __future__ import annotations

from base64 import encodebytes
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.utils import format_datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from incasso.testing.pec.authority import PecSigner

ROME: Final = ZoneInfo("Europe/Rome")


class Kind(StrEnum):
    """The kinds of receipts, as `tipo` and `X-Ricevuta` call them."""

    ACCEPTANCE = "accettazione"
    NON_ACCEPTANCE = "non-accettazione"
    TAKEN_IN_CHARGE = "presa-in-carico"
    DELIVERY = "avvenuta-consegna"
    NON_DELIVERY = "errore-consegna"
    DELAY = "preavviso-errore-consegna"
    """After 12 hours and after 24: one word for both."""
    VIRUS = "rilevazione-virus"


SUBJECTS: Final[Mapping[Kind, str]] = {
    Kind.ACCEPTANCE: "ACCETTAZIONE: ",
    Kind.NON_ACCEPTANCE: "AVVISO DI NON ACCETTAZIONE: ",
    Kind.TAKEN_IN_CHARGE: "PRESA IN CARICO: ",
    Kind.DELIVERY: "CONSEGNA: ",
    Kind.NON_DELIVERY: "AVVISO DI MANCATA CONSEGNA: ",
    Kind.DELAY: "AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO: ",
    Kind.VIRUS: "PROBLEMA DI SICUREZZA: ",
}
_ABOUT_ONE: Final = (Kind.DELIVERY, Kind.NON_DELIVERY, Kind.DELAY)


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A message as a provider took it, and when."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    at: datetime
    certified: Mapping[str, bool] = field(default_factory=dict)
    """False: an ordinary mailbox (`esterno`)."""

    @property
    def message_id(self) -> str:
        """Its own, which the provider replaces and repeats as `msgid`."""
        return str(message_from_bytes(self.content).get("Message-ID", "")).strip()

    @property
    def subject(self) -> str:
        """As it stands in the mail."""
        return " ".join(str(message_from_bytes(self.content).get("Subject", "")).split())

    @property
    def part(self) -> str:
        """What its delivery receipt shall repeat."""
        return str(message_from_bytes(self.content).get("X-TipoRicevuta", "completa")).strip()

    @property
    def number(self) -> str:
        """The provider's number of it."""
        return sha256(self.message_id.encode() + self.content).hexdigest()[:16]


def daticert(
    kind: Kind | str,
    about: Taken,
    *,
    at: datetime,
    recipient: str = "",
    error: str = "nessuno",
    detail: str = "",
    issuer: str = "TEST PEC S.p.A.",
    doctype: str = "",
) -> bytes:
    """The XML of a receipt (RFC 6109, 4.4)."""
    local = at.astimezone(ROME)
    to = "".join(
        f'<destinatari tipo="{"certificato" if about.certified.get(each, True) else "esterno"}">'
        f"{escape(each)}</destinatari>"
        for each in about.recipients
    )
    of_delivery = f'<ricevuta tipo="{escape(about.part)}"/>' if kind == Kind.DELIVERY else ""
    one = f"<consegna>{escape(recipient)}</consegna>" if recipient else ""
    said = f"<errore-esteso>{escape(detail)}</errore-esteso>" if detail else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{doctype}'
        f'<postacert tipo="{kind}" errore="{error}"><intestazione>'
        f"<mittente>{escape(about.sender)}</mittente>{to}<risposte>{escape(about.sender)}</risposte>"
        f"<oggetto>{escape(about.subject)}</oggetto></intestazione><dati>"
        f"<gestore-emittente>{escape(issuer)}</gestore-emittente>"
        f'<data zona="{local:%z}"><giorno>{local:%d/%m/%Y}</giorno>'
        f"<ora>{local:%H:%M:%S}</ora></data>"
        f"<identificativo>test.{about.number}.1@provider.example</identificativo>"
        f"<msgid>{escape(about.message_id)}</msgid>{of_delivery}{one}{said}</dati></postacert>\n"
    ).encode()


def receipt(
    kind: Kind,
    about: Taken,
    signer: PecSigner,
    *,
    at: datetime,
    recipient: str = "",
    error: str = "nessuno",
    detail: str = "",
    xml: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    text: bytes = b"",
) -> bytes:
    """One whole receipt. `xml`, `headers`, `text`: another XML, other headers, another text part,
    for what providers and forgers make of it."""
    one = (recipient or about.recipients[0]) if kind in _ABOUT_ONE else recipient
    given = xml or daticert(kind, about, at=at, recipient=one, error=error, detail=detail)
    parts = [
        _text(text or f"-- {kind} --".encode()),
        file("daticert.xml", "application/xml", given),
    ]
    if kind is Kind.DELIVERY and about.part != "sintetica":
        parts.append(_original(about.content))
    told = {
        "X-Ricevuta": kind.value,
        "X-Riferimento-Message-ID": about.message_id,
        **({"X-VerificaSicurezza": "errore"} if error == "virus" else {}),
        **(headers or {}),
    }
    to, subject = about.sender, SUBJECTS[kind] + about.subject
    return signed(mixed(parts), signer, to=to, subject=subject, at=at, headers=told)


def envelope(
    content: bytes,
    signer: PecSigner,
    *,
    to: str,
    sender: str,
    at: datetime,
    anomaly: bool = False,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """How a message from outside arrives: inside an envelope, whatever it pretends to be."""
    kind = "errore" if anomaly else "posta-certificata"
    subject = "ANOMALIA MESSAGGIO: " if anomaly else "POSTA CERTIFICATA: "
    told = {"X-Trasporto": kind, "Reply-To": sender, **(headers or {})}
    return signed(
        mixed([_text(b"-- messaggio --"), _original(content)]),
        signer,
        to=to,
        subject=f"{subject}{sender}",
        at=at,
        headers=told,
    )


def signed(
    content: bytes,
    signer: PecSigner,
    *,
    to: str,
    subject: str,
    at: datetime,
    headers: Mapping[str, str],
) -> bytes:
    """A mail that a provider signed (RFC 1847)."""
    boundary = f"----=_Signed_{sha256(content).hexdigest()[:20]}"
    name = sha256(content + at.isoformat().encode()).hexdigest()[:24]
    head = {
        "Date": format_datetime(at.astimezone(ROME)),
        "From": signer.address,
        "To": to,
        "Message-ID": f"<test.{name}@provider.example>",
        "Subject": subject,
        "MIME-Version": "1.0",
        "Content-Type": 'multipart/signed; protocol="application/pkcs7-signature"; '
        f'micalg=sha-256;\r\n\tboundary="{boundary}"',
        **headers,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items()).encode()
    between = f"\r\n--{boundary}".encode()
    signature = file("smime.p7s", "application/pkcs7-signature", signer.sign(content))
    body = between, b"\r\n", content, between, b"\r\n", signature, between, b"--\r\n"
    return b"".join((lines, b"\r\nThis is a S/MIME signed message", *body))


def mixed(parts: list[bytes]) -> bytes:
    """The part that is signed; its lines end in CRLF."""
    boundary = f"----=_Part_{sha256(b''.join(parts)).hexdigest()[:20]}"
    inside = b"".join(f"--{boundary}\r\n".encode() + part + b"\r\n" for part in parts)
    head = f'Content-Type: multipart/mixed;\r\n\tboundary="{boundary}"\r\n\r\n'
    return head.encode() + inside + f"--{boundary}--".encode()


def file(name: str, media_type: str, content: bytes) -> bytes:
    """A part that is a file."""
    coded = encodebytes(content).replace(b"\n", b"\r\n").rstrip()
    return (
        f"Content-Type: {media_type}; name={name}\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Disposition: attachment; filename={name}\r\n\r\n"
    ).encode() + coded


def _text(said: bytes) -> bytes:
    return b'Content-Type: text/plain; charset="iso-8859-1"\r\n\r\n' + said


def _original(content: bytes) -> bytes:
    return (
        b"Content-Type: message/rfc822; name=postacert.eml\r\n"
        b"Content-Disposition: inline; filename=postacert.eml\r\n\r\n"
    ) + content.rstrip(b"\r\n")
