"""The mails of an exchange: one that carries a file of ours, and what is in one of theirs.

A mail is theirs if its one sender is among those that the settings name, and our own mail server
has checked that it comes from that sender's domain: anybody can write any sender.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.parser import BytesHeaderParser
from email.utils import format_datetime, getaddresses
from typing import Final

from incasso.contract.folder_mail import FolderMail
from incasso.contract.folders import Arrived
from incasso.contract.mail import ArrivedMail
from incasso.contract.text import text
from incasso.contract.values import Problem
from incasso.mail.incoming import MailFile, files_of
from incasso.mail.senders import origin_of
from incasso.plugins.folders import names

LOOKED_AT: Final = ("From",)
"""What `may_be_theirs` looks at."""

_SIGNATURES: Final = (".p7s", ".p7m.sig")
_DAMAGE: Final = (ValueError, LookupError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True, kw_only=True)
class Cover:
    """A mail that carries a file of ours."""

    content: bytes
    message_id: str


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A mail of theirs: its files, and what each holds."""

    files: tuple[Arrived, ...]
    contents: tuple[bytes, ...]
    left: tuple[Problem, ...] = ()
    """Files that cannot be taken under their names."""


def covering(
    given: FolderMail, name: str, content: bytes, *, at: datetime, words: Callable[[str], str]
) -> Cover:
    """The same file makes the same Message-ID."""
    mark = hashlib.sha256(name.encode() + b"\0" + content).hexdigest()[:32]
    message_id = f"<exchange.{mark}@{given.sender_address.rpartition('@')[2]}>"
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = given.sender, given.to, name
    mail["Date"], mail["Message-ID"] = format_datetime(at.astimezone(UTC)), message_id
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(words(text("The file {name} is attached.", name=name)) + "\n")
    mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return Cover(content=mail.as_bytes(), message_id=message_id)


def may_be_theirs(headers: bytes, given: FolderMail) -> bool:
    """Whether a mail says that it is theirs."""
    return bool(_sender(BytesHeaderParser().parsebytes(headers), given))


def letter_of(mail: ArrivedMail, given: FolderMail, numbering: str) -> Letter | Problem | None:
    """A mail of theirs, or why one that says so is left alone; None for others.

    `numbering` of the folder and the mail's number make the identity of its files.
    """
    try:
        read = message_from_bytes(mail.content)
    except _DAMAGE:
        return None
    if not (sender := _sender(read, given)):
        return None
    if mail.is_cut:
        return _left(text("the mail of {sender} is too large to be fetched", sender=sender), mail)
    if not _is_proven(read, sender, given):
        words = text(
            "a mail says that it comes from {sender}, and {server} has not found it to be so",
            sender=sender,
            server=given.authserv,
        )
        return _left(words, mail)
    if not (message_id := " ".join(str(read.get("Message-ID", "")).split())):
        return _left(text("the mail of {sender} has no Message-ID", sender=sender), mail)
    return _opened(read, mail, numbering, message_id)


def _opened(read: Message, mail: ArrivedMail, numbering: str, message_id: str) -> Letter:
    files, contents, left = [], [], []
    for place, file in enumerate(files_of(read)):
        name = file.name.replace("/", "_").replace("\\", "_").strip()
        if not _is_exchanged(file):
            continue
        if names.is_hidden(name) or not names.is_readable(name):
            left.append(names.odd_name(name))
            continue
        arrived = Arrived(
            name=names.unsealed(name),
            size=len(file.content),
            at=mail.at,
            identity=f"{numbering}/{mail.uid}/{place}",
            ref=f"{message_id}#{place}",
        )
        files.append(arrived)
        contents.append(file.content)
    return Letter(files=tuple(files), contents=tuple(contents), left=tuple(left))


def _is_exchanged(file: MailFile) -> bool:
    """Not the pictures and signatures that mail programs add by themselves."""
    if not file.name or file.media_type.startswith(("image/", "message/", "multipart/")):
        return False
    return "signature" not in file.media_type and not file.name.lower().endswith(_SIGNATURES)


def _sender(read: Message, given: FolderMail) -> str:
    """The one sender, if the settings name it; of two, a reader and we might see different ones."""
    headers = read.get_all("From") or []
    try:
        found = getaddresses([str(each) for each in headers])
    except _DAMAGE:
        return ""
    if len(headers) != 1 or len(found) != 1:
        return ""
    address = found[0][1]
    return address if given.believes(address) else ""


def _is_proven(read: Message, sender: str, given: FolderMail) -> bool:
    domain = sender.rpartition("@")[2]
    return origin_of(read, authserv=given.authserv, trusted=[domain]).trusted_server


def _left(words: str, mail: ArrivedMail) -> Problem:
    return Problem(
        code="mail",
        message=text("{problem}; it came on {day}", problem=words, day=mail.at.date()),
        hint=text("look into the mailbox, and ask them to send it again if it is theirs"),
    )
