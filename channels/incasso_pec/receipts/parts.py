"""The parts of a receipt, byte for byte: what is signed, the signature, the XML inside.

Only the direct children of the signed part are looked at. A complete delivery receipt holds our
own message as `postacert.eml`, and a message may hold an attachment of any name, a forged
`daticert.xml` too: a walk through all parts would find that one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from typing import Final

from incasso.api import text
from incasso_pec.receipts.notice import UnreadableError

HEADERS: Final = ("X-Ricevuta", "X-Trasporto", "X-REM-Subject", "X-Riferimento-Message-ID")
"""What must be fetched of a mail to know whether it is a receipt."""

_LINE_END: Final = re.compile(rb"\r?\n")
_EXCHANGE: Final = re.compile(r"@pec\.fatturapa\.it\b", re.IGNORECASE)
_SIGNATURES: Final = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature"})


@dataclass(frozen=True, kw_only=True)
class Signed:
    """A mail of two parts, as RFC 1847 has it."""

    content: bytes
    """Exactly what is signed: headers of the part included, every line end CRLF, without the last
    one, which belongs to the boundary. Never written anew: that would spoil the signature."""
    signature: bytes
    """The PKCS #7 message (DER)."""


@dataclass(frozen=True, kw_only=True)
class Head:
    """The headers of a mail that matter here. Anybody can write them."""

    kind: str
    """`X-Ricevuta`, or the event that `X-REM-Subject` names."""
    about: str
    sender: str
    message_id: str


def may_be_receipt(headers: bytes) -> bool:
    """Whether a mail with these headers is a receipt: so named, and no envelope.

    Only the envelope (`X-Trasporto`) tells a receipt that a stranger mails us from one of our
    provider: whatever comes from outside arrives inside one.
    """
    found = _headers(headers)
    if found.get("X-Trasporto") is not None:
        return False
    told = str(found.get("X-REM-Subject", "")).strip().upper()
    return found.get("X-Ricevuta") is not None or told.startswith("REM ")


def is_of_machines(headers: bytes) -> bool:
    """Whether it is a notice of the exchange of electronic invoices, which writes to the certified
    mailbox of a company for each invoice: thousands a year, and none is for people."""
    return _EXCHANGE.search(str(_headers(headers).get("From", ""))) is not None


def head_of(mail: bytes) -> Head:
    """The headers of a whole mail."""
    found = _headers(mail)
    named = str(found.get("X-Ricevuta", "")).strip().lower()
    rem = str(found.get("X-REM-Subject", "")).strip().removeprefix("REM ").partition(":")[0]
    senders = [address for _, address in getaddresses([str(found.get("From", ""))])]
    return Head(
        kind=named or rem,
        about=str(found.get("X-Riferimento-Message-ID", "")),
        sender=senders[0].lower() if len(senders) == 1 else "",
        message_id=str(found.get("Message-ID", "")).strip(),
    )


def signed_of(mail: bytes) -> Signed:
    """The signed part and its signature. Raises UnreadableError."""
    found = _headers(mail)
    boundary = found.get_boundary()
    if found.get_content_type() != "multipart/signed" or not boundary:
        raise UnreadableError(text("it is not signed"))
    lines = _LINE_END.sub(b"\r\n", mail)
    parts = _between(lines, boundary.encode("ascii", "replace"))
    if len(parts) != 2:
        raise UnreadableError(text("its signed part or its signature is missing"))
    signature = message_from_bytes(parts[1])
    if signature.get_content_type() not in _SIGNATURES:
        raise UnreadableError(
            text("its signature is of an unknown kind: {kind}", kind=signature.get_content_type())
        )
    return Signed(content=parts[0], signature=_bytes_of(signature))


def xml_files(content: bytes) -> Mapping[str, bytes]:
    """The XML files among the direct children of a signed part, by lower-case name.

    Raises UnreadableError if a name comes twice: nobody could say which one is meant.
    """
    found: dict[str, bytes] = {}
    for name, part in _files(message_from_bytes(content)):
        if name in found:
            raise UnreadableError(text("it holds {name} twice", name=name))
        found[name] = _bytes_of(part)
    return found


def _files(mixed: Message) -> Iterator[tuple[str, Message]]:
    if mixed.get_content_type() != "multipart/mixed":
        return
    for part in mixed.get_payload():
        name = (part.get_filename() or "").strip().lower() if isinstance(part, Message) else ""
        if isinstance(part, Message) and name.endswith(".xml") and not part.is_multipart():
            yield name, part


def _headers(mail: bytes) -> Message:
    """Of the top alone; names are compared in any case, as providers write them."""
    end = re.search(rb"\r?\n\r?\n", mail)
    head = mail[: end.start()] if end else mail
    return BytesHeaderParser().parsebytes(_LINE_END.sub(b"\r\n", head) + b"\r\n\r\n")


def _between(lines: bytes, boundary: bytes) -> list[bytes]:
    """What stands between the boundary lines, up to the closing one."""
    mark = re.compile(rb"(?:\A|\r\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r\n|\Z)")
    parts, begin = [], None
    for found in mark.finditer(lines):
        if begin is not None:
            parts.append(lines[begin : found.start()])
        begin = found.end() + len(b"\r\n")
        if found.group(1):
            break
    return parts


def _bytes_of(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""
