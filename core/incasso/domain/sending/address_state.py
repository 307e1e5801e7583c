"""How an address of a client has done so far."""

from __future__ import annotations

from enum import StrEnum


class AddressState(StrEnum):
    """What the last news about it say."""

    GOOD = "good"
    """A message was delivered there."""
    BOUNCED = "bounced"
    """The last message came back, and not because of the address."""
    WRONG = "wrong"
    """Nobody is reached there: not used again until a person corrects or unmarks it."""
    REFUSED = "refused"
    """Whoever reads there wants no messages."""
