"""A decision: what to do with an installment today, and every condition that led there."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import msgspec

from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.conditions import Condition
from incasso.domain.recovery.facts import Version
from incasso.domain.recovery.iters import Mode, Stage
from incasso.domain.recovery.states import CloseReason


class Verdict(StrEnum):
    """The kinds of decision."""

    NOTHING = "nothing"
    """Nothing will happen until something changes."""
    WAIT = "wait"
    """Nothing today; `next_on` is the day to decide again, if known."""
    STEP = "step"
    """A step for `stage`."""
    REVIEW = "review"
    """Open the case and let a person choose the stage."""
    ADVANCE = "advance"
    """The stage it waits in counts although no proof came."""


class Decision(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The decision for today, with every condition behind it."""

    verdict: Verdict
    version: Version | None = None
    stage: Stage | None = None
    due: date | None = None
    """The day the stage is or was due."""
    next_on: date | None = None
    """The next day something could happen; null: not before a change."""
    closes: CloseReason | None = None
    """The running case closes, for this reason."""
    opens: bool = False
    leaves: bool = False
    """The case leaves the step it waits in."""
    leaves_for: str = ""
    """The condition that takes it out of that step."""
    skipped: tuple[str, ...] = ()
    stood_for: tuple[str, ...] = ()
    """The skipped stages that the ERP's own reminders replace."""
    action: Action | None = None
    mode: Mode | None = None
    medium: str = ""
    reason: str = ""
    """Why a person gets a task instead of the stage's own action."""
    blocked_by: str = ""
    conditions: tuple[Condition, ...] = ()
