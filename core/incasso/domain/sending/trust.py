"""How far a piece of news about a message is believed, and what it is worth then.

Whoever has a message has its Message-ID and can mail a report about it. So a report that says
"delivered" proves nothing unless its channel proves who says so, and one that says "failed" is
believed only if something fits that a stranger cannot have: the envelope id, the server it comes
from, the domain of the recipient. The rest is for a person.
"""

from __future__ import annotations

import hmac
from contextlib import suppress
from enum import StrEnum
from hashlib import sha256
from typing import Final

from incasso.contract.channel import DeliveryState, DeliveryUpdate, Origin

SAID_TO_HAVE_ARRIVED: Final = frozenset({DeliveryState.DELIVERED, DeliveryState.READ})
SAID_TO_HAVE_FAILED: Final = frozenset(
    {
        DeliveryState.BOUNCED,
        DeliveryState.REFUSED,
        DeliveryState.EXPIRED,
        DeliveryState.OPTED_OUT,
    }
)


class Trust(StrEnum):
    """How sure it is that the other side says so."""

    PROVEN = "proven"
    FITTING = "fitting"
    """Something fits that a stranger cannot have."""
    UNKNOWN = "unknown"
    """Anybody can have written it."""


class Weight(StrEnum):
    """What a piece of news is worth."""

    PROOF = "proof"
    """It arrived, and that is proven."""
    FAILURE = "failure"
    """It came back."""
    QUESTION = "question"
    """Something came back that nobody can read: the stage does not count until a person looks."""
    SIGN = "sign"
    """The other side had it; no more."""
    PERSON = "person"
    """A failure that anybody can have written: a person looks, everything goes on meanwhile."""
    NOTE = "note"
    """Kept beside the delivery; changes nothing."""


class NewsStanding(StrEnum):
    """What became of a piece of news."""

    TAKEN = "taken"
    """Believed: the delivery is what it says."""
    NOTE = "note"
    """Kept beside the delivery; it changed nothing."""
    WAITING = "waiting"
    """A person must say what it means."""
    SETTLED = "settled"
    """A person did, or news that is believed came after it."""


def envelope_id(key: bytes, delivery: str) -> str:
    """The id that only the servers on the way see; without a key there is none.

    At most 100 characters, as RFC 3461 (4.4) allows: a delivery's own id has 16.
    """
    if not key:
        return ""
    return f"hub.{delivery}.{hmac.new(key, delivery.encode(), sha256).hexdigest()[:32]}"


def trust_in(news: DeliveryUpdate, *, asked: bool, to: str, expected: str) -> Trust:
    """How far the news is believed.

    `asked`: it was polled or came by a callback, else collected. `to`: the address the message
    went to. `expected`: its envelope id, empty if there is none.
    """
    if news.recipient and not _same(news.recipient, to):
        return Trust.UNKNOWN
    origin = news.origin
    if origin is None:
        return Trust.PROVEN if asked else Trust.FITTING
    if origin.proven:
        return Trust.PROVEN
    given = origin.envelope_id.encode("utf-8", "replace")
    if expected and hmac.compare_digest(given, expected.encode()):
        return Trust.FITTING
    if origin.trusted_server or _of_recipient(origin, to):
        return Trust.FITTING
    return Trust.UNKNOWN


def weigh(news: DeliveryUpdate, trust: Trust) -> Weight:
    """What the news is worth, whatever the delivery's status."""
    known = trust is not Trust.UNKNOWN
    if news.state in SAID_TO_HAVE_ARRIVED:
        if trust is Trust.PROVEN:
            return Weight.PROOF
        return Weight.SIGN if known else Weight.NOTE
    if news.state is DeliveryState.UNREADABLE:
        # A server that checks senders does not know this one: a stranger must not stop a stage.
        strange = not known and news.origin is not None and news.origin.checked
        return Weight.PERSON if strange else Weight.QUESTION
    if news.state in SAID_TO_HAVE_FAILED and news.permanent:
        return Weight.FAILURE if known else Weight.PERSON
    return Weight.SIGN if known else Weight.NOTE


def standing_of(weight: Weight, *, over: bool) -> NewsStanding:
    """What becomes of news of that weight; `over`: nothing it says can change the delivery."""
    if weight is Weight.NOTE or (over and weight in FOR_PEOPLE):
        return NewsStanding.NOTE
    return NewsStanding.WAITING if weight in FOR_PEOPLE else NewsStanding.TAKEN


FOR_PEOPLE: Final = frozenset({Weight.PERSON, Weight.QUESTION})


def _of_recipient(origin: Origin, to: str) -> bool:
    """Whether the recipient's own domain, or one above or below it, sent the news."""
    domain = to.rpartition("@")[2].strip().lower().rstrip(".")
    return any(_related(domain, each.strip().lower().rstrip(".")) for each in origin.domains)


def _same(one: str, other: str) -> bool:
    """Whether both are one address; domains with letters beyond ASCII are written in two ways."""
    return _plain(one) == _plain(other)


def _plain(address: str) -> str:
    local, _, domain = address.strip().lower().rpartition("@")
    with suppress(UnicodeError):
        domain = domain.encode("idna").decode("ascii")
    return f"{local}@{domain}"


def _related(one: str, other: str) -> bool:
    if "." not in one or "." not in other:
        return False
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")
