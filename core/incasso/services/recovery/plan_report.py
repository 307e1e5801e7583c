"""What a plan did, or would do: counts only."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.states import CloseReason, StepStatus


class StepSort(NamedTuple):
    """Steps are counted by what they do, through what, and whether they wait for approval."""

    action: Action
    medium: str
    status: StepStatus


@dataclass(kw_only=True)
class PlanReport:
    """The counts of one day's plan."""

    on: date
    dry_run: bool = False
    looked: int = 0
    opened: int = 0
    steps: Counter[StepSort] = field(default_factory=Counter)
    """New steps."""
    joined: int = 0
    """Steps that waited for a person and took in newly due cases."""
    closed: Counter[CloseReason] = field(default_factory=Counter)
    """Cases closed, by reason."""
    left: int = 0
    """Cases that left a step that had not begun."""
    cancelled: int = 0
    """Steps left empty."""
    advanced: int = 0
    """Stages counted without proof, as their iter says."""
    kept: int = 0
    broken: int = 0
    """Promises and plans."""
    blocked: Counter[str] = field(default_factory=Counter)
    """Installments looked at and not due, by what blocks them."""

    @property
    def steps_made(self) -> int:
        """How many new steps."""
        return self.steps.total()
