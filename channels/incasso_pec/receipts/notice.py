"""The common record of every dialect: what a provider says became of one message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Dialect(StrEnum):
    """In which form a provider writes."""

    PEC = "daticert"
    """`daticert.xml`, RFC 6109."""
    REM = "rem"
    """Evidence of ETSI EN 319 522-3, which EN 319 532 carries by mail."""


class Event(StrEnum):
    """What happened, whatever the dialect calls it."""

    ACCEPTED = "accepted"
    """The sender's own provider took the message."""
    REFUSED = "refused"
    """It did not: the message went nowhere."""
    ON_ITS_WAY = "on_its_way"
    """Between the providers; says nothing final."""
    DELIVERED = "delivered"
    """It lies in the recipient's mailbox, read or not."""
    NOT_DELIVERED = "not_delivered"
    LATE = "late"
    """Not delivered in time: a warning after 12 hours or the verdict after 24, in one form."""
    OTHER = "other"
    """Something this reader does not know."""


@dataclass(frozen=True, kw_only=True)
class Addressee:
    """One recipient of the message, as the sender's provider knows it."""

    address: str
    certified: bool = True
    """False: an ordinary mailbox, from which no proof will ever come."""


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One receipt as its XML tells it. What a provider signed is in here and nowhere else: the
    headers of the mail around it can be written by anybody."""

    dialect: Dialect
    kind: str
    """The dialect's own word: `avvenuta-consegna`, `ContentConsignment`."""
    event: Event
    about: str
    """The Message-ID we gave, in angle brackets; empty if it is not told."""
    sender: str = ""
    recipient: str = ""
    """Whom it is about; empty if it is about all."""
    addressees: tuple[Addressee, ...] = ()
    at: datetime | None = None
    """When it happened, as the provider binds itself to it."""
    issuer: str = ""
    identifier: str = ""
    """The provider's own number of the message."""
    error: str = ""
    """The dialect's class of error, empty if there is none."""
    detail: str = ""
    """The words of the provider, mostly with an enhanced status code in front."""
    part: str = ""
    """What of the message a delivery receipt repeats: `completa`, `breve`, `sintetica`."""


class UnreadableError(Exception):
    """This is no receipt that can be read; the text says why."""


def in_brackets(given: str) -> str:
    """A Message-ID as headers write it: some providers leave the brackets out of their XML."""
    bare = "".join(given.split()).strip("<>")
    return f"<{bare}>" if bare else ""
