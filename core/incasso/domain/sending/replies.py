"""Messages that came in: what they are, how far the office is with them, and which are kept."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from incasso.contract.channel import IncomingKind

PREVIEW: Final = 600
"""Letters of a message that stand in the list; the whole of it is in the archive."""


class ReplyKind(StrEnum):
    """What a message that came in is."""

    REPLY = "reply"
    """A person wrote it."""
    AUTOMATIC = "automatic"
    """A program answered for somebody: out of office, a ticket opened."""
    NOTICE = "notice"
    """Any other program."""
    INTERNAL = "internal"
    """One of our own people answered a notice of the hub: no word of the client."""


class ReplyState(StrEnum):
    """How far the office is with it."""

    NEW = "new"
    HANDED_OVER = "handed_over"
    """Somebody else has to answer."""
    ANSWERED = "answered"
    DONE = "done"
    """Settled without an answer."""
    NOTED = "noted"
    """It is only kept: nobody has to answer it."""


TO_ANSWER: Final = (ReplyState.NEW, ReplyState.HANDED_OVER)

_KINDS: Final = {
    IncomingKind.PERSON: ReplyKind.REPLY,
    IncomingKind.AUTOMATIC: ReplyKind.AUTOMATIC,
    IncomingKind.PROGRAM: ReplyKind.NOTICE,
}


def kind_of_reply(written_by: IncomingKind, *, to_our_people: bool) -> ReplyKind:
    """What it is. `to_our_people`: it answers a notice that went to the office's own people."""
    kind = _KINDS[written_by]
    return ReplyKind.INTERNAL if to_our_people and kind is ReplyKind.REPLY else kind


def first_state(kind: ReplyKind) -> ReplyState:
    """Only what a person wrote waits for an answer."""
    people = (ReplyKind.REPLY, ReplyKind.INTERNAL)
    return ReplyState.NEW if kind in people else ReplyState.NOTED


def is_kept(kind: ReplyKind, *, answers_ours: bool, sender_known: bool, keep_unknown: bool) -> bool:
    """Whether the hub keeps it. Newsletters and notices of programs only if they answer ours; what
    a person wrote always, unless the mailbox serves other work and nobody knows the sender."""
    if answers_ours:
        return True
    match kind:
        case ReplyKind.REPLY | ReplyKind.INTERNAL:
            return sender_known or keep_unknown
        case ReplyKind.AUTOMATIC:
            return sender_known
        case ReplyKind.NOTICE:
            return False
