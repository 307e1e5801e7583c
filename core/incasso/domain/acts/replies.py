"""What the office does with a message that came in: answers, settles, hands over, says whose."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from incasso.domain.acts.act import About, Act, Mistake, MistakeKind
from incasso.domain.acts.permission import WITH_THE_CLIENT
from incasso.domain.office.actor import Role


class _OfReply(Act, frozen=True, kw_only=True):
    about: ClassVar[About] = About.REPLY
    allowed: ClassVar[frozenset[Role]] = WITH_THE_CLIENT


class ReplyAnswered(_OfReply, frozen=True, kw_only=True, tag="reply-answered"):
    """Somebody answered it: the client's automatic steps go on."""


class ReplyDone(_OfReply, frozen=True, kw_only=True, tag="reply-done"):
    """It needs no answer, or none any more: the client's automatic steps go on."""


class HandReplyOver(_OfReply, frozen=True, kw_only=True, tag="reply-hand-over"):
    """Somebody else has to answer it; it waits until they did."""

    to: str

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """Somebody is named."""
        if not self.to.strip():
            yield Mistake(kind=MistakeKind.NOBODY_NAMED)


class AssignReply(_OfReply, frozen=True, kw_only=True, tag="reply-assign"):
    """Says which client it is from, where the hub could not find out or found the wrong one."""

    client: str
