"""The stages of a case changed by a person: skip or add one, enter at another, a case's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar, Final

from incasso.contract.media import Medium
from incasso.domain.acts.act import Act, Mistake, MistakeKind, past
from incasso.domain.acts.permission import LEGAL
from incasso.domain.office.actor import Role
from incasso.domain.recovery.actions import BY_PEOPLE, Action
from incasso.domain.recovery.iters import AdvanceOn, Mode, Stage

ADDABLE: Final = tuple(action for action in Action if action.traits.to_client or action.by_people)
"""A message to the client, or what somebody does."""


class Skip(Act, frozen=True, kw_only=True, tag="skip"):
    """Pass over the stage a case is in or comes to next; the rest of the iter goes on.

    Of a step every case is skipped.
    """

    needs_why: ClassVar[bool] = True


class AddStage(Act, frozen=True, kw_only=True, tag="add"):
    """Put one more stage before the next one of a case, due on a day; planning makes its step."""

    to: date
    action: str = Action.CALL
    medium: tuple[str, ...] = ()
    template: str = ""
    label: str = ""

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """Somebody does it, or a message with words leaves by a known medium."""
        if self.action not in ADDABLE:
            yield Mistake(kind=MistakeKind.UNKNOWN_ACTION, values={"action": self.action})
        elif self.action not in BY_PEOPLE:
            if not self.template:
                yield Mistake(kind=MistakeKind.NO_TEMPLATE)
            yield from unknown_media(self.medium)
        yield from past("day", self.to, on)

    def stage(self) -> Stage:
        """The stage itself, before it gets a key of its own in its case."""
        if self.action in BY_PEOPLE:
            return Stage(
                key=self.action,
                label=self.label,
                action=Action(self.action),
                mode=Mode.MANUAL,
                advance_on=AdvanceOn.DONE,
            )
        channels = tuple(Medium(medium) for medium in self.medium) or (Medium.EMAIL,)
        return Stage(key="message", label=self.label, channels=channels, template=self.template)


class EnterStage(Act, frozen=True, kw_only=True, tag="enter"):
    """Let a case go on at a stage that a person chooses; also how a case in review begins."""

    stage: str


class OwnStages(Act, frozen=True, kw_only=True, tag="stages"):
    """Give a case its own copy of the stages; the iter and its other cases stay as they are."""

    stages: tuple[Stage, ...]

    allowed: ClassVar[frozenset[Role]] = LEGAL


def unknown_media(named: tuple[str, ...]) -> Iterator[Mistake]:
    """Media that there are not."""
    for medium in named:
        if medium not in list(Medium):
            yield Mistake(kind=MistakeKind.UNKNOWN_MEDIUM, values={"medium": medium})
