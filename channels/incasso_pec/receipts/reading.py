"""From a mail to what it says and whether that is proven: signature, sender, content together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from incasso.api import text
from incasso_pec.receipts import daticert, rem
from incasso_pec.receipts.notice import Notice, UnreadableError
from incasso_pec.receipts.parts import Head, head_of, signed_of, xml_files
from incasso_pec.trust.list import TrustList
from incasso_pec.trust.signature import NotProvenError, proven_sender


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One receipt, read."""

    head: Head
    notice: Notice | None
    """What its XML says; None if that cannot be read."""
    doubt: str = ""
    """Why it proves nothing; empty: its provider signed exactly this."""
    key: str
    """Names it among all receipts: a second copy of the same one has the same."""

    @property
    def proven(self) -> bool:
        """Whether only the provider can have written it, all of it."""
        return not self.doubt


def read_receipt(mail: bytes, arrived: datetime, trust: TrustList, mailbox: str) -> Reading:
    """Read one receipt that came into our mailbox. Never raises for what a mail holds.

    The certificate is checked at the instant that the receipt itself names, else at its arrival.
    """
    head = head_of(mail)
    try:
        signed = signed_of(mail)
    except UnreadableError as error:
        return Reading(head=head, notice=None, doubt=str(error), key=_key(mail))
    notice, trouble = _notice(signed.content)
    doubt = _doubt(notice, head, mailbox) if notice else trouble
    try:
        at = notice.at if notice and notice.at else arrived
        who = proven_sender(signed.content, signed.signature, trust.certificates, at)
        if head.sender not in who:
            doubt = text("it is signed for {who}, and sent by {sender}", **_who(who, head))
    except NotProvenError as error:
        doubt = str(error)
    return Reading(head=head, notice=notice, doubt=doubt, key=_key(signed.content, doubt))


def _notice(content: bytes) -> tuple[Notice | None, str]:
    """What the XML in the signed part says, by the first dialect that it has; else why nothing."""
    try:
        files = xml_files(content)
        if daticert.FILE in files:
            return daticert.read(files[daticert.FILE]), ""
        evidence = _evidence(files)
        if evidence is None:
            raise UnreadableError(text("it holds no {what}", what=daticert.FILE))
        return rem.read(evidence), ""
    except UnreadableError as error:
        return None, str(error)


def _evidence(files: Mapping[str, bytes]) -> bytes | None:
    return next((each for each in files.values() if rem.is_evidence(each)), None)


def _doubt(notice: Notice, head: Head, mailbox: str) -> str:
    """What in a signed receipt does not fit to ours.

    A debtor with a certified mailbox of his own can send a message under our Message-ID and gets
    true receipts for it, about himself as the sender. And headers are not signed: a true receipt
    of one message could be given those of another.
    """
    if notice.sender != mailbox.lower():
        return text("it is about a message of {sender}", sender=notice.sender or "?")
    if head.about and "".join(head.about.split()) != notice.about:
        return text("its headers name another message than its XML")
    return ""


def _who(addresses: tuple[str, ...], head: Head) -> dict[str, str]:
    return {"who": ", ".join(addresses) or "?", "sender": head.sender or "?"}


def _key(*parts: bytes | str) -> str:
    """With the doubt in it: a receipt that is proven later, by a newer trust list, is news."""
    digest = sha256()
    for part in parts:
        digest.update(part if isinstance(part, bytes) else part.encode("utf-8", "replace"))
    return digest.hexdigest()
