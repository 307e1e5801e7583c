"""What a page of decisions changes, before it is written."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

import msgspec

from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.grouping import Wording
from incasso.domain.recovery.iters import Mode
from incasso.domain.recovery.states import CloseReason, StepStatus
from incasso.store.recovery.facts_cases import ShownOfCase


class NewStep(msgspec.Struct, frozen=True, kw_only=True):
    """A step to make; the fields are columns."""

    id: int
    source_id: int
    client_id: int
    iter_version_id: int
    stage: str
    action: Action
    medium: str
    mode: Mode
    status: StepStatus
    due_on: date
    total: int
    currency: str
    language: str
    template: str
    operator_id: int | None
    reason: str


class Opening(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What new cases that are alike have in common; made once for all of them."""

    iter_version_id: int
    unpaid: bool
    skipped: str
    opened_on: date
    stage: str
    """Of their first step, if they come into one."""
    shown: ShownOfCase


class NewCase(msgspec.Struct, frozen=True, gc=False):
    """A case to open."""

    id: int
    source_id: int
    client_id: int
    installment_id: int
    residual: int
    step_id: int | None
    """Its first step."""
    opening: Opening


class Joining(msgspec.Struct, frozen=True, gc=False):
    """A running case that goes into its next step; which cycle of the stage it is, is looked up."""

    step_id: int
    case_id: int
    stage: str
    residual: int


class PassedStage(msgspec.Struct, frozen=True):
    """A stage that a case passes over."""

    case_id: int
    stage: str


class ShownCase(msgspec.Struct, frozen=True):
    """What a running case shows from now on."""

    case_id: int
    shown: ShownOfCase


class MovedCase(msgspec.Struct, frozen=True):
    """A running case that goes into a step, or passes over stages."""

    case_id: int
    shown: ShownOfCase
    skipped: str
    step_id: int | None


class Reworded(msgspec.Struct, frozen=True):
    """A shared message whose highest stage rose."""

    step_id: int
    wording: Wording


@dataclass(kw_only=True)
class Changes:
    """Everything a page of decisions changes."""

    looks: list[tuple[date, int, int]] = field(default_factory=list)
    """The days of the next looks, each with client and installment."""
    steps: list[NewStep] = field(default_factory=list)
    cases: list[NewCase] = field(default_factory=list)
    joining: list[Joining] = field(default_factory=list)
    stood_for: dict[str, list[PassedStage]] = field(default_factory=lambda: defaultdict(list))
    """Stages of new cases that the ERP's own reminder stands for, by that in words."""
    shown: list[ShownCase] = field(default_factory=list)
    moved: list[MovedCase] = field(default_factory=list)
    totals: dict[int, int] = field(default_factory=dict)
    """What came on top of steps that took cases in."""
    reworded: list[Reworded] = field(default_factory=list)
    closing: dict[CloseReason, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Cases by reason."""
    leaving: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Cases that leave a step not begun, by reason."""
    lapsed: set[int] = field(default_factory=set)
    """Steps whose proof never came."""
    advancing: set[int] = field(default_factory=set)
    """Steps that count without proof."""
