"""How a database stands to the anchor of its journal, which is kept outside it.

A database that was put back from a copy is behind its anchor, or goes another way from some batch
on. What left since the copy is unknown to it, so it must not send.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Standing(StrEnum):
    """Whether a database may send, and if not, why."""

    GOOD = "good"
    BEHIND = "behind"
    """It ends before the anchor."""
    DIFFERENT = "different"
    """It is as long, but it is not the journal that the anchor remembers."""
    NO_ANCHOR = "no_anchor"
    """It had an anchor, which is gone."""
    NOT_OURS = "not_ours"
    """The anchor is unreadable, or not signed with the hub's key."""
    UNSEEN = "unseen"
    """Good as far as the archive tells; the places that would show a later anchor cannot be
    asked."""
    UNKNOWN_MESSAGES = "unknown_messages"
    """The log of what left names messages that the database does not know to have left."""


class Mark(msgspec.Struct, frozen=True):
    """A place in a journal: a batch and its hash; epoch counts how often it was recovered."""

    epoch: int
    batch: int
    hash: str


def standing(anchor: Mark | None, *, last_batch: int, hash_there: str | None) -> Standing:
    """How a journal that ends at `last_batch` stands to its anchor.

    `hash_there` is the journal's own hash of the anchor's batch, None if it has no such batch. A
    journal that never had an anchor is good.
    """
    if anchor is None:
        return Standing.GOOD
    if hash_there == anchor.hash:
        return Standing.GOOD
    return Standing.BEHIND if last_batch < anchor.batch else Standing.DIFFERENT
