"""A step changed or carried out by a person: move, edit, approve, reject, done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import ClassVar

from incasso.domain.acts.act import About, Act, Mistake, MistakeKind, UndoBy, past
from incasso.domain.acts.stages import unknown_media


class Move(Act, frozen=True, kw_only=True, tag="move"):
    """Moves a waiting step, or the next stage of a case, to another day."""

    to: date

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """The new day must not have passed."""
        yield from past("new_day", self.to, on)


class Edit(Act, frozen=True, kw_only=True, tag="edit"):
    """Change how a message travels, its subject line or its words."""

    medium: str | None = None
    title: str | None = None
    text: str | None = None

    about: ClassVar[About] = About.STEP

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """Faults if nothing changes or the medium is unknown."""
        if self.medium is None and self.title is None and self.text is None:
            yield Mistake(kind=MistakeKind.NOTHING_TO_CHANGE)
        yield from unknown_media(() if self.medium is None else (self.medium,))


class Approve(Act, frozen=True, kw_only=True, tag="approve"):
    """Approves a proposed step, which then leaves with the next dispatch."""

    about: ClassVar[About] = About.STEP


class Reject(Act, frozen=True, kw_only=True, tag="reject"):
    """Refuse a proposed step: its stage is skipped for all its cases."""

    about: ClassVar[About] = About.STEP
    needs_why: ClassVar[bool] = True


class Done(Act, frozen=True, kw_only=True, tag="done"):
    """Records that a person carried a step out: call made, visit paid, task finished.

    `not_reached`: the attempt is recorded and the step stays to be done again. `promise` is the day
    by which the client then promised to pay, `amount` how much; without it everything past due.
    """

    outcome: str = ""
    not_reached: bool = False
    promise: date | None = None
    amount: Decimal | None = None

    about: ClassVar[About] = About.STEP
    undo_by: ClassVar[UndoBy] = UndoBy.NOTHING

    def reason(self) -> str:
        """The outcome serves as the reason where none is given."""
        return self.why or self.outcome

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """A promise needs a client who was reached."""
        if self.amount is not None and self.promise is None:
            yield Mistake(kind=MistakeKind.AMOUNT_WITHOUT_DAY)
        if self.promise is not None and self.not_reached:
            yield Mistake(kind=MistakeKind.PROMISE_OF_NOBODY)
        elif self.promise is not None:
            yield from past("promised", self.promise, on)
