"""How grave a stage is, so that no case is sent back to a softer text unawares.

Within one iter the order of its stages says it. Across iters four grades do: a reminder before the
due date, a request, a formal notice (`Stage.is_formal`, or a person approves it before it leaves
and the office does not say that it is none), and handing over (to the lawyers, or to a provider).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Final

import msgspec

from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.iters import Iter, Mode, Stage

LAWYERS: Final = "legal"
"""The container of what is with the lawyers."""


class Severity(IntEnum):
    """The grades."""

    REMINDER = 0
    REQUEST = 1
    FORMAL = 2
    HANDED_OVER = 3


class Reached(msgspec.Struct, frozen=True):
    """A stage that an installment has been through."""

    iter: str
    stage: Stage


def severity_of(stage: Stage) -> Severity:
    """The grade of a stage."""
    if stage.action is Action.PLACE or (stage.action is Action.PARK and stage.container == LAWYERS):
        return Severity.HANDED_OVER
    if stage.before_due:
        return Severity.REMINDER
    approved = stage.mode is Mode.APPROVE and stage.formal is None
    return Severity.FORMAL if stage.is_formal or approved else Severity.REQUEST


def lowest_entry(procedure: Iter, reached: Iterable[Reached], *, parked: str = "") -> int | None:
    """The position of the first stage that is not below what an installment has been through.

    `parked` is the container it lies in. None: the iter has no stage as grave as that.
    """
    passed = list(reached)
    same = [
        at for at, stage in enumerate(procedure.stages) if _was_reached(procedure, stage, passed)
    ]
    grades = [severity_of(one.stage) for one in passed if one.iter != procedure.key]
    grades += [Severity.HANDED_OVER] if parked == LAWYERS else []
    grade = max(grades, default=Severity.REMINDER)
    if grade < Severity.FORMAL:
        return max(same, default=0)
    as_grave = next(
        (at for at, stage in enumerate(procedure.stages) if severity_of(stage) >= grade), None
    )
    return None if as_grave is None else max(as_grave, *same, 0)


def highest_reached(stages: Sequence[Stage], reached: Iterable[Reached]) -> Stage | None:
    """The last of these stages that was reached; None: none of them."""
    keys = {one.stage.key for one in reached}
    return next((stage for stage in reversed(stages) if stage.key in keys), None)


def _was_reached(procedure: Iter, stage: Stage, passed: Iterable[Reached]) -> bool:
    return any(one.iter == procedure.key and one.stage.key == stage.key for one in passed)
