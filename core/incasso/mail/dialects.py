"""Read reports that keep to no standard: their sender, their words, and what flufl.bounce knows.

What is not certain stays unread: a person can look, and a guess would stop or send a reminder.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection
from email.message import Message
from typing import Final

from incasso.contract.channel import IncomingKind
from incasso.mail.automatic import kind_of
from incasso.mail.marks import Original, before_the_original
from incasso.mail.refusals import Cause, cause_of
from incasso.mail.status_fields import Report
from incasso.mail.texts import text_of, value

# It logs a traceback at every detector that a damaged mail confuses.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)

SENDERS: Final = re.compile(
    r"mailer.?daemon|postmaster|mail(er)? delivery|mail.?system|microsoftexchange[0-9a-f]{8}"
    r"|(sistema|servizio) di (posta|consegna|recapito)|recapito (della )?posta"
    r"|mancat[oa] (recapito|consegna)"
    r"|mail.?zustell|zustellsystem|unzustellbar"
    r"|(syst[èe]me|service) de (messagerie|livraison|distribution|remise)",
    re.IGNORECASE,
)
"""How mail servers call themselves, in en, it, de, fr."""

_WARNING: Final = re.compile(
    r"\bdelay(ed)?\b|still being retried|will (be|keep|continue) (to )?(retr|try)|warning only"
    r"|not (yet )?been delivered yet|in ritardo|ritardat|ulteriori tentativi|nuov[oi] tentativ"
    r"|verzögert|verzögerung|weitere zustellversuche|retard[ée]|nouvelles? tentatives?",
    re.IGNORECASE,
)
_FINAL: Final = re.compile(
    r"giv(ing|en) up|gave up|permanent|returned to sender|will not be retried|rinuncia|definitiv"
    r"|endgültig|définitiv|could not be delivered to",
    re.IGNORECASE,
)
_REPLY: Final = re.compile(
    r"(?:^|[\s:(>\[#])((?:5\d\d[ \-])?#?5\.\d{1,3}\.\d{1,3}\b.*|55[0-4][ \-](?=\D).*)", re.MULTILINE
)
_LINES: Final = 3
_FAILING: Final = re.compile(r"^[ \t]*<([^<>\s@]{1,64}@[^<>\s@]{1,255})>:", re.MULTILINE)


def by_system(mail: Message) -> bool:
    """Whether a mail server wrote it: by its form, its name, or the empty sender of RFC 5321.

    A holiday notice has an empty sender as well (RFC 3834) and is none.
    """
    if mail.get_content_type() == "multipart/report" or "X-Failed-Recipients" in mail:
        return True
    if SENDERS.search(value(mail, "From")):
        return True
    # Exchange calls its holiday notices "auto-generated", as servers do: the subject tells.
    return value(mail, "Return-Path") == "<>" and kind_of(mail) is not IncomingKind.AUTOMATIC


def human_words(mail: Message) -> str:
    """What the server says to people, without the message of ours that it returns."""
    pieces: list[str] = []
    _collect(mail, pieces)
    return before_the_original("\n".join(pieces))


def read_dialect(mail: Message, original: Original, words: str) -> list[Report] | None:
    """What a report without status fields says; None if nobody can tell, no report if it is only
    about copies."""
    subject = value(mail, "Subject")
    debtor, copies = _named(words, original.debtor), _named(words, original.copies)
    if copies and not debtor:
        return []
    passing, final = _flufl(mail)
    recipient = _about(original, named=debtor, found=final | passing | _failing(words))
    reply = _reply(words)
    warning = _WARNING.search(f"{subject}\n{words}") is not None
    if (warning or (passing and not final)) and not (reply and _FINAL.search(words)):
        if warning and _FINAL.search(words):
            return None
        return [Report(recipient=recipient, action="delayed", diagnostic=reply)]
    if reply:
        return [Report(recipient=recipient, action="failed", diagnostic=reply)]
    if cause_of(words[:4000]) is Cause.ADDRESS:
        said = " ".join(words.split())[:300]
        return [Report(recipient=recipient, action="failed", diagnostic=said)]
    if final and (not original.debtor or final & original.debtor):
        return [Report(recipient=recipient, action="failed")]
    return None


def _failing(words: str) -> set[str]:
    """The addresses that begin a line, as Postfix and qmail write whom a failure is about."""
    return {each.lower() for each in _FAILING.findall(words)}


def _about(original: Original, *, named: bool, found: set[str]) -> str:
    """The address that the words are about: the debtor's, unless they name only another one."""
    others = sorted(found - original.debtor - original.copies)
    if others and not named:
        return others[0]
    return next(iter(sorted(original.debtor)), "") or next(iter(sorted(found)), "")


def _collect(part: Message, pieces: list[str]) -> None:
    if part.get_content_maintype() == "message":
        return
    if part.is_multipart():
        inside = part.get_payload()
        for each in inside if isinstance(inside, list) else ():
            if isinstance(each, Message):
                _collect(each, pieces)
    elif part.get_content_type() in ("text/plain", "text/html"):
        pieces.append(text_of(part))


def _reply(words: str) -> str:
    """The first permanent reply of a server that is quoted, with the lines that go on with it."""
    found = _REPLY.search(words)
    if found is None:
        return ""
    first, *rest = words[found.start(1) :].splitlines()[:_LINES]
    more = [line.strip() for line in rest]
    until = next((at for at, line in enumerate(more) if not line or line.endswith(":")), len(more))
    return " ".join((first.strip(), *more[:until]))[:500]


def _named(words: str, addresses: Collection[str]) -> bool:
    plain = words.lower()
    return any(address in plain for address in addresses)


def _flufl(mail: Message) -> tuple[set[str], set[str]]:
    """The addresses that flufl.bounce finds: delayed, and failed for good."""
    from flufl.bounce import all_failures  # only for odd mails, and slow to load

    try:
        passing, final = all_failures(mail)
    except Exception:  # its detectors stumble over damaged mail, each in its own way
        return set(), set()
    failed = {each.decode("ascii", "replace").lower() for each in final}
    return {each.decode("ascii", "replace").lower() for each in passing} - failed, failed
