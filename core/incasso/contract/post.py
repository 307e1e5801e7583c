"""What may become of a letter, in the words of Italian post, and what each means in law.

The vocabulary follows the one that public bodies use for their letters (PagoPA, "consolidatore"): a
registered letter that was refused, or lay at the post office until its time was over (*compiuta
giacenza*), counts as delivered (art. 1335 c.c.); one that could not be delivered because of its
address does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from incasso.contract.channel import DeliveryState
from incasso.contract.text import Text, text
from incasso.contract.values import Value


class PostalMeaning(Value, frozen=True, kw_only=True):
    """What an outcome means for the delivery, and the words for people."""

    state: DeliveryState
    words: Text
    bad_address: bool = False


class PostalOutcome(StrEnum):
    """What is known of a letter on its way or at its end."""

    ACCEPTED = "accepted"
    UNDER_WAY = "under_way"
    HELD = "held"
    """At the post office, waiting for the recipient."""
    RETURNING = "returning"
    """On its way back, and nobody says why."""
    DELIVERED = "delivered"
    COLLECTED = "collected"
    REFUSED = "refused"
    UNCLAIMED = "unclaimed"
    """*Compiuta giacenza.*"""
    UNTRACEABLE = "untraceable"
    UNKNOWN = "unknown"
    MOVED = "moved"
    WRONG_ADDRESS = "wrong_address"
    DECEASED = "deceased"
    LOST = "lost"

    @property
    def meaning(self) -> PostalMeaning:
        """What it means."""
        return MEANINGS[self]


def _known(state: DeliveryState, words: Text, *, bad_address: bool = False) -> PostalMeaning:
    return PostalMeaning(state=state, words=words, bad_address=bad_address)


_SENT: Final = DeliveryState.SENT
_ARRIVED: Final = DeliveryState.DELIVERED
_CAME_BACK: Final = DeliveryState.BOUNCED

MEANINGS: Final[Mapping[PostalOutcome, PostalMeaning]] = MappingProxyType(
    {
        PostalOutcome.ACCEPTED: _known(_SENT, text("taken over by the post")),
        PostalOutcome.UNDER_WAY: _known(_SENT, text("on its way")),
        PostalOutcome.HELD: _known(_SENT, text("held at the post office for the recipient")),
        PostalOutcome.RETURNING: _known(
            DeliveryState.UNREADABLE,
            text(
                "it comes back and the post does not say why: a refusal and an expired holding "
                "count as delivered, a wrong address does not"
            ),
        ),
        PostalOutcome.DELIVERED: _known(_ARRIVED, text("delivered")),
        PostalOutcome.COLLECTED: _known(_ARRIVED, text("collected at the post office")),
        PostalOutcome.REFUSED: _known(
            _ARRIVED, text("refused by the recipient: counts as delivered")
        ),
        PostalOutcome.UNCLAIMED: _known(
            _ARRIVED, text("not collected in time (compiuta giacenza): counts as delivered")
        ),
        PostalOutcome.UNTRACEABLE: _known(
            _CAME_BACK, text("returned: the recipient cannot be traced"), bad_address=True
        ),
        PostalOutcome.UNKNOWN: _known(
            _CAME_BACK, text("returned: the recipient is unknown there"), bad_address=True
        ),
        PostalOutcome.MOVED: _known(
            _CAME_BACK, text("returned: the recipient has moved"), bad_address=True
        ),
        PostalOutcome.WRONG_ADDRESS: _known(
            _CAME_BACK, text("returned: the address is wrong or incomplete"), bad_address=True
        ),
        PostalOutcome.DECEASED: _known(
            _CAME_BACK, text("returned: the recipient has died"), bad_address=True
        ),
        PostalOutcome.LOST: _known(_CAME_BACK, text("lost, stolen or damaged on its way")),
    }
)
"""One row per outcome."""
