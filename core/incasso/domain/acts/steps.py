"""A step changed or carried out by a person: move, edit, approve, reject, done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import ClassVar

from incasso.domain.acts.act import About, Act, Mistake, MistakeKind, UndoBy, past, too_long
from incasso.domain.acts.contacts import CallBack, WithAddresses
from incasso.domain.acts.stages import unknown_media
from incasso.domain.sending.rewording import (
    LONGEST_SUBJECT,
    LONGEST_WORDS,
    Unfit,
    unfit_subject,
    unfit_words,
)


class Move(Act, frozen=True, kw_only=True, tag="move"):
    """Moves a waiting step, or the next stage of a case, to another day."""

    to: date

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """The new day must not have passed."""
        yield from past("new_day", self.to, on)


class Edit(Act, frozen=True, kw_only=True, tag="edit"):
    """Change how a message travels, its subject line, or its words around the table.

    Greeting, table, payment details and signature stay, unless `bare`. `template` goes back to the
    words of the template, before anything else that is given.
    """

    medium: str | None = None
    title: str | None = None
    text: str | None = None
    """Everything around the blocks."""
    opening: str | None = None
    closing: str | None = None
    bare: bool = False
    """`text` is the whole message."""
    template: bool = False

    about: ClassVar[About] = About.STEP

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """Faults if nothing changes, the medium is unknown, or the words cannot be a message's."""
        parts = (self.opening, self.closing)
        if (self.medium, self.title, self.text, *parts) == (None,) * 5 and not self.template:
            yield Mistake(kind=MistakeKind.NOTHING_TO_CHANGE)
        if self.bare and self.text is None:
            yield Mistake(kind=MistakeKind.BARE_WITHOUT_TEXT)
        if self.text is not None and parts != (None, None):
            yield Mistake(kind=MistakeKind.TEXT_OR_PARTS)
        yield from unknown_media(() if self.medium is None else (self.medium,))
        yield from _unfit("title", self.title, unfit_subject, LONGEST_SUBJECT)
        for name, words in (("text", self.text), ("opening", parts[0]), ("closing", parts[1])):
            yield from _unfit(name, words, unfit_words, LONGEST_WORDS)


def _unfit(
    field: str, words: str | None, judge: Callable[[str], Unfit | None], most: int
) -> Iterator[Mistake]:
    if words is not None and (unfit := judge(words)):
        values = {"field": field, "unfit": unfit, "most": most, "length": len(words)}
        yield Mistake(kind=MistakeKind.UNFIT_WORDS, values=values)


class Approve(Act, frozen=True, kw_only=True, tag="approve"):
    """Approves a proposed step, which then leaves with the next dispatch."""

    about: ClassVar[About] = About.STEP


class Reject(Act, frozen=True, kw_only=True, tag="reject"):
    """Refuse a proposed step. Its stage is asked again for each of its cases, or skipped.

    `until` is the day it is asked again; left out: after the least distance of the iter.
    """

    until: date | None = None
    skip: bool = False

    about: ClassVar[About] = About.STEP
    needs_why: ClassVar[bool] = True

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """The day must not have passed; what is skipped is not asked again."""
        if self.skip and self.until is not None:
            yield Mistake(kind=MistakeKind.UNTIL_OR_SKIP)
        yield from past("new_day", self.until or on, on)


class Done(WithAddresses, frozen=True, kw_only=True, tag="done"):
    """Records that a person carried a step out: call made, visit paid, task finished.

    `not_reached`: the attempt is recorded and the step stays to be done again, on the day `again`
    or as its stage says. `promise` is the day
    by which the client then promised to pay, `amount` how much; without it everything past due.
    Where the step was to find an address, the address given lets the message itself leave.
    """

    outcome: str = ""
    not_reached: bool = False
    again: date | None = None
    promise: date | None = None
    amount: Decimal | None = None
    call_back: CallBack | None = None

    about: ClassVar[About] = About.STEP
    undo_by: ClassVar[UndoBy] = UndoBy.NOTHING

    def reason(self) -> str:
        """The outcome serves as the reason where none is given."""
        return self.why or self.outcome

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """A promise needs a client who was reached."""
        yield from too_long("outcome", self.outcome)
        if self.call_back is not None:
            yield from past("call_back", self.call_back.on, on)
        if self.again is not None and not self.not_reached:
            yield Mistake(kind=MistakeKind.AGAIN_AFTER_ALL)
        elif self.again is not None:
            yield from past("again", self.again, on)
        if self.amount is not None and self.promise is None:
            yield Mistake(kind=MistakeKind.AMOUNT_WITHOUT_DAY)
        if self.promise is not None and self.not_reached:
            yield Mistake(kind=MistakeKind.PROMISE_OF_NOBODY)
        elif self.promise is not None:
            yield from past("promised", self.promise, on)
