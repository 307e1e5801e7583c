"""Which due cases share one step (rule 8)."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date
from enum import StrEnum
from typing import NamedTuple

import msgspec

from incasso.contract.ledger import PaymentMethod
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.decision import Decision
from incasso.domain.recovery.facts import Facts
from incasso.domain.recovery.iters import Grouping, Iter, Mode, Stage
from incasso.domain.recovery.states import StepStatus


class Subject(StrEnum):
    """What the texts of an iter are about."""

    ANY_DEBT = "any_debt"
    RETURNED_BILLS = "returned_bills"
    DELIVERIES = "deliveries"
    """What the carrier should have been paid for."""


class Phase(NamedTuple):
    """Where a case stands to its effective due date when a message goes out. Only cases of the same
    phase share a message; in order, what is past due comes first and reminders last."""

    to_come: bool
    """The effective due date has not passed: it is today or later."""
    reminder: bool
    """The stage is a reminder before the due date."""


class Wording(msgspec.Struct, frozen=True, kw_only=True):
    """What a step says and who carries it out: the columns its cases have in common."""

    version_id: int
    stage: str
    action: Action
    mode: Mode
    medium: str
    currency: str
    language: str
    template: str
    reason: str = ""

    @property
    def status(self) -> StepStatus:
        """A step that needs approval is proposed; every other may be carried out at once."""
        return StepStatus.PROPOSED if self.mode is Mode.APPROVE else StepStatus.READY

    @property
    def by_stage(self) -> Hashable:
        """Due cases of one client with the same key share a step."""
        return (
            self.version_id,
            self.stage,
            self.action,
            self.mode,
            self.medium,
            self.currency,
            self.language,
            self.template,
        )

    @property
    def by_client(self) -> Hashable:
        """One message for all stages of an iter; the highest due stage gives the text."""
        return (self.version_id, self.currency, self.language)


class Group(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The group a due case belongs to."""

    wording: Wording
    key: Hashable | None
    """Null: a step of its own."""
    rank: int
    """Position of the stage in its iter: in a shared message the highest wins."""
    phase: Phase
    priority: int = 0
    """Of the iter."""
    formal: bool = False
    """A formal notice."""
    speaks_of: Subject = Subject.ANY_DEBT
    """What the texts of its iter are about, by what the iter is for."""
    common: Hashable | None = None
    """Messages of several iters with the same may be one; null: never."""

    @property
    def is_message(self) -> bool:
        """Whether the client gets a message, which the caps count."""
        return self.wording.action.traits.to_client


def group_of(decision: Decision, facts: Facts, on: date) -> Group:
    """The group of a decision that makes a step. A message never mixes currencies, languages or
    what is past due with what is not."""
    version, stage = decision.version, decision.stage
    if version is None or stage is None or decision.action is None or decision.mode is None:
        raise ValueError("only a decision that makes a step has a group")
    wording = Wording(
        version_id=version.id,
        stage=stage.key,
        action=decision.action,
        mode=decision.mode,
        medium=decision.medium,
        currency=facts.currency,
        language=facts.language_for(stage, decision.medium),
        template=stage.template,
        reason=decision.reason,
    )
    procedure, phase = version.iter, phase_of(stage, facts.effective_due, on)
    return Group(
        wording=wording,
        key=group_key(wording, procedure.grouping, phase),
        rank=rank_of(procedure, stage.key),
        phase=phase,
        priority=procedure.priority,
        formal=stage.is_formal,
        speaks_of=subject_of(procedure),
        common=_common(wording, procedure.grouping, phase),
    )


def subject_of(procedure: Iter) -> Subject:
    """By what the iter is for: one for returned bills only, or for cash on delivery only, has
    texts that would be false of any other debt."""
    match = procedure.match
    if match.unpaid is True:
        return Subject.RETURNED_BILLS
    if tuple(match.payment_methods) == (PaymentMethod.COD,):
        return Subject.DELIVERIES
    return Subject.ANY_DEBT


def phase_of(stage: Stage, effective_due: date, on: date) -> Phase:
    """The phase of a case in that stage on that day."""
    return Phase(to_come=on <= effective_due, reminder=stage.before_due)


def _common(wording: Wording, grouping: Grouping, phase: Phase) -> Hashable | None:
    """What messages of different iters need in common to be one. What a person sends beside the
    hub, and an iter that keeps its installments apart, stay alone."""
    alone = grouping is Grouping.INSTALLMENT or wording.mode is Mode.MANUAL
    if alone or not wording.action.traits.to_client:
        return None
    return (wording.medium, wording.currency, wording.language, phase)


def merged_wording(words: Wording, other: Wording) -> Wording:
    """`words` for a message that also carries `other`: approval of either holds for both."""
    if words.mode is Mode.AUTO and other.mode is Mode.APPROVE:
        return msgspec.structs.replace(words, mode=other.mode)
    return words


def rank_of(procedure: Iter, stage: str) -> int:
    """The position of a stage in its iter; a case's private stage comes after all of them."""
    keys = [one.key for one in procedure.stages]
    return keys.index(stage) if stage in keys else len(keys)


def group_key(wording: Wording, grouping: Grouping, phase: Phase) -> Hashable | None:
    """What due cases of one client must have in common to share a step, by the iter's grouping."""
    if grouping is Grouping.INSTALLMENT:
        return None
    if not wording.action.traits.to_client:
        return wording.by_stage  # a person who calls sees what is due when
    return (wording.by_client if grouping is Grouping.CLIENT else wording.by_stage, phase)
