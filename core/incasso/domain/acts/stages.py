"""Changes to a case's stages by a person: skip, add, enter at another, private stages."""

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
"""The action: a message to the client, or a person's task."""


class Skip(Act, frozen=True, kw_only=True, tag="skip"):
    """Skips the current or next stage of a case; the rest of the iter continues.

    For a step, skips it for every case.
    """

    needs_why: ClassVar[bool] = True


class AddStage(Act, frozen=True, kw_only=True, tag="add"):
    """Adds a stage before the next one of a case, due on a day; planning makes its step."""

    to: date
    action: str = Action.CALL
    medium: tuple[str, ...] = ()
    template: str = ""
    label: str = ""

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """Faults of action, text and media: a message needs a text and known media."""
        if self.action not in ADDABLE:
            yield Mistake(kind=MistakeKind.UNKNOWN_ACTION, values={"action": self.action})
        elif self.action not in BY_PEOPLE:
            if not self.template:
                yield Mistake(kind=MistakeKind.NO_TEMPLATE)
            yield from unknown_media(self.medium)
        yield from past("day", self.to, on)

    def stage(self) -> Stage:
        """The stage, before it gets its key in the case."""
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
    """Moves a case to a stage that a person chooses; also starts a case in review."""

    stage: str
    confirm: bool = False
    """Also back before a stage that was reached."""


class OwnStages(Act, frozen=True, kw_only=True, tag="stages"):
    """Gives a case private stages; the iter and its other cases stay as they are."""

    stages: tuple[Stage, ...]

    allowed: ClassVar[frozenset[Role]] = LEGAL


def unknown_media(named: tuple[str, ...]) -> Iterator[Mistake]:
    """The unknown media."""
    for medium in named:
        if medium not in list(Medium):
            yield Mistake(kind=MistakeKind.UNKNOWN_MEDIUM, values={"medium": medium})
