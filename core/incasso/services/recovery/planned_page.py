"""Turn the decisions of one page of installments into what is to be written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import msgspec
from msgspec.structs import replace

from incasso.contract.text import text
from incasso.domain.recovery.decision import Decision, Verdict, decide
from incasso.domain.recovery.facts import Facts, Version
from incasso.domain.recovery.grouping import (
    Group,
    Wording,
    group_key,
    group_of,
    merged_wording,
    rank_of,
)
from incasso.domain.recovery.looks import keep
from incasso.domain.recovery.states import NOT_BEGUN
from incasso.services.recovery.plan_report import PlanReport, StepSort
from incasso.store.recovery.facts import Situation
from incasso.store.recovery.facts_cases import RunningCase, ShownOfCase
from incasso.store.recovery.looks import PageOfLooks
from incasso.store.recovery.planned_changes import (
    Changes,
    Joining,
    MovedCase,
    NewCase,
    NewStep,
    Opening,
    PassedStage,
    Reworded,
    ShownCase,
)
from incasso.store.recovery.planning import WaitingStep


class Outcome(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A decision, made once for all installments that share its facts, ready to be written."""

    decision: Decision
    group: Group | None
    together: int | None
    """The number of its group's key: cases of one client with the same share a step."""
    stage: str
    skipped: str
    shown: ShownOfCase
    opening: Opening
    seen: bytes
    """The facts and the decision as they are kept."""


def _outcome(
    decision: Decision, group: Group | None, together: int | None, facts: Facts, on: date
) -> Outcome:
    stage = decision.stage.key if decision.stage is not None else ""
    skipped = ",".join(decision.skipped)
    next_stage = "" if decision.blocked_by == "review" else stage
    shown = ShownOfCase(next_stage, decision.due, decision.blocked_by)
    opening = Opening(
        iter_version_id=decision.version.id if decision.version is not None else 0,
        unpaid=facts.unpaid,
        skipped=skipped,
        opened_on=on,
        stage=stage,
        shown=shown,
    )
    return Outcome(
        decision=decision,
        group=group,
        together=together,
        stage=stage,
        skipped=skipped,
        shown=shown,
        opening=opening,
        seen=keep(facts, decision),
    )


class Outcomes:
    """One decision per distinct facts: the whole speed of planning."""

    def __init__(self, on: date) -> None:
        self.on = on
        self.known: dict[Facts, Outcome] = {}
        self.groups: dict[Hashable, Group] = {}
        self.keys: dict[Hashable, int] = {}

    def forget(self) -> None:
        """Make room: the facts met so far are decided again if they come again."""
        self.known.clear()

    def of(self, facts: Facts) -> Outcome:
        """The decision for these facts."""
        outcome = self.known.get(facts)
        if outcome is None:
            # What led there is for explain; ten thousand decisions with it would fill the memory.
            decision = replace(decide(facts, self.on), conditions=())
            group = self._group(decision, facts) if decision.verdict is Verdict.STEP else None
            together = None if group is None else self.number(group.key)
            outcome = _outcome(decision, group, together, facts, self.on)
            self.known[facts] = outcome
        return outcome

    def number(self, key: Hashable | None) -> int | None:
        """A number for a group's key, which is a long tuple: a page asks for it at every case."""
        return None if key is None else self.keys.setdefault(key, len(self.keys))

    def _group(self, decision: Decision, facts: Facts) -> Group:
        group = group_of(decision, facts)
        if group.key is None:
            return group
        # Equal keys share one Group, so that steps are found by its identity.
        return self.groups.setdefault((group.key, group.wording, group.rank), group)


@dataclass(kw_only=True, slots=True)
class OpenStep:
    """A step that takes cases in: new in this page, or waiting for a person."""

    id: int
    wording: Wording
    rank: int
    total: int = 0
    source_id: int = 0
    client_id: int = 0
    operator_id: int | None = None
    is_new: bool = True
    is_reworded: bool = False

    def share(self, group: Group) -> None:
        """Take in a case of another stage: the highest stage gives the words."""
        words, other = self.wording, group.wording
        if group.rank > self.rank and other.stage != words.stage:
            words, other, self.rank = other, words, group.rank
        words = merged_wording(words, other)
        self.is_reworded |= words != self.wording
        self.wording = words


@dataclass(kw_only=True)
class PagePlan:
    """Collects what a page of situations changes."""

    on: date
    outcomes: Outcomes
    case_numbers: Iterator[int]
    step_numbers: Iterator[int]
    say: Callable[[str], str]
    """A task's reason in the office's words."""
    report: PlanReport
    changes: Changes = field(default_factory=Changes)
    open_steps: dict[tuple[int, int | None, int], OpenStep] = field(default_factory=dict)
    """By client and number of their group's key, else by installment."""
    looks: PageOfLooks = field(default_factory=PageOfLooks)
    places: dict[Outcome, int] = field(default_factory=dict)
    """Of the outcomes in `looks.seen`."""

    def await_people(
        self, waiting: Collection[WaitingStep], versions: Mapping[int, Version]
    ) -> None:
        """Steps already waiting for a person take in what falls due now."""
        for one in waiting:
            wording = one.wording
            procedure = versions[wording.version_id].iter
            together = self.outcomes.number(group_key(wording, procedure.grouping))
            if together is not None:
                rank = rank_of(procedure, wording.stage)
                step = OpenStep(id=one.id, wording=wording, rank=rank, is_new=False)
                self.open_steps.setdefault((one.client_id, together, 0), step)

    def take(self, situation: Situation) -> None:
        """Add one installment's decision."""
        outcome = self.outcomes.of(situation.facts)
        decision = outcome.decision
        self.changes.looks[decision.next_on].append(situation.installment_id)
        case, step = situation.case, None
        if case is not None:
            step = self._go_on(situation, case, outcome)
        else:
            if decision.blocked_by and decision.verdict is not Verdict.REVIEW:
                self.report.blocked[decision.blocked_by] += 1
            if decision.opens:
                step = self._open(situation, outcome)
        self._keep(situation.installment_id, outcome, step)

    def _keep(self, installment: int, outcome: Outcome, step: int | None) -> None:
        """So that this day can be told later."""
        place = self.places.setdefault(outcome, len(self.places))
        if place == len(self.looks.seen):
            self.looks.seen.append(outcome.seen)
        self.looks.installments.append(installment)
        self.looks.which.append(place)
        self.looks.steps.append(step or 0)

    def _open(self, situation: Situation, outcome: Outcome) -> int | None:
        """Open a case; gives its first step."""
        client = situation.client
        case_id = next(self.case_numbers)
        if outcome.decision.stood_for:
            why = self.say(text("reminded {reminded}", reminded=situation.facts.reminded))
            passed = self.changes.stood_for[why]
            passed += (PassedStage(case_id, stage) for stage in outcome.decision.stood_for)
        step_id = None
        if outcome.group is not None:
            step = self._step(situation, outcome)
            step_id = step.id
            step.total += situation.residual
        self.changes.cases.append(
            NewCase(
                case_id,
                client.kind.source.id,
                client.id,
                situation.installment_id,
                situation.residual,
                step_id,
                outcome.opening,
            )
        )
        return step_id

    def _go_on(self, situation: Situation, case: RunningCase, outcome: Outcome) -> int | None:
        """Carry a running case on; gives the step it is in from now on."""
        decision = outcome.decision
        if decision.leaves and _not_begun(case):
            why = decision.closes or decision.leaves_for
            self.changes.leaving[why].append(case.id)
            self.report.left += 1
        if decision.closes:
            self.changes.closing[decision.closes].append(case.id)
            self.report.closed[decision.closes] += 1
            return self._open(situation, outcome) if decision.opens else None
        if decision.verdict is Verdict.STEP:
            return self._next_step(situation, case, outcome)
        if decision.verdict is Verdict.ADVANCE and case.step_id is not None:
            self.changes.advancing.add(case.step_id)
            self.report.advanced += 1
        elif case.step_id is None or decision.leaves:
            self._show(case, outcome)
        return None if decision.leaves else case.step_id

    def _next_step(self, situation: Situation, case: RunningCase, outcome: Outcome) -> int:
        step = self._step(situation, outcome, case.operator_id)
        step.total += situation.residual
        if case.step_id is not None:
            self.changes.lapsed.add(case.step_id)
        joining = Joining(step.id, case.id, outcome.stage, situation.residual)
        self.changes.joining.append(joining)
        self.changes.moved.append(_moved(case, outcome, step.id))
        return step.id

    def _show(self, case: RunningCase, outcome: Outcome) -> None:
        """Keep what lists show of a waiting case, if it changed."""
        if outcome.decision.blocked_by:
            self.report.blocked[outcome.decision.blocked_by] += 1
        if case.shown == outcome.shown:
            return
        if outcome.skipped:
            self.changes.moved.append(_moved(case, outcome, None))
        else:
            self.changes.shown.append(ShownCase(case.id, outcome.shown))

    def _step(
        self, situation: Situation, outcome: Outcome, operator_id: int | None = None
    ) -> OpenStep:
        """The step of the outcome's group: one that takes cases in, or a new one."""
        group, client = outcome.group, situation.client
        assert group is not None
        alone = situation.installment_id if outcome.together is None else 0
        key = (client.id, outcome.together, alone)
        step = self.open_steps.get(key)
        if step is None:
            step = self.open_steps[key] = OpenStep(
                id=next(self.step_numbers),
                wording=group.wording,
                rank=group.rank,
                source_id=client.kind.source.id,
                client_id=client.id,
                operator_id=operator_id or client.operator_id,
            )
        elif group.wording is not step.wording:
            step.share(group)
        return step

    def finished(self) -> Changes:
        """All changes of the page, steps included."""
        self.report.opened += len(self.changes.cases)
        for step in self.open_steps.values():
            wording = step.wording
            if step.is_new:
                self.changes.steps.append(self._new_step(step))
                sort = StepSort(wording.action, wording.medium, wording.status)
                self.report.steps[sort] += 1
            elif step.total:
                self.changes.totals[step.id] = step.total
                self.report.joined += 1
                if step.is_reworded:
                    self.changes.reworded.append(Reworded(step.id, wording))
        return self.changes

    def _new_step(self, step: OpenStep) -> NewStep:
        wording = step.wording
        return NewStep(
            id=step.id,
            source_id=step.source_id,
            client_id=step.client_id,
            iter_version_id=wording.version_id,
            stage=wording.stage,
            action=wording.action,
            medium=wording.medium,
            mode=wording.mode,
            status=wording.status,
            due_on=self.on,
            total=step.total,
            currency=wording.currency,
            language=wording.language,
            template=wording.template,
            operator_id=step.operator_id,
            reason=self.say(wording.reason) if wording.reason else "",
        )


def _not_begun(case: RunningCase) -> bool:
    return case.step_id is not None and case.step_status in NOT_BEGUN


def _moved(case: RunningCase, outcome: Outcome, step_id: int | None) -> MovedCase:
    skipped = ",".join(filter(None, (case.skipped, outcome.skipped)))
    return MovedCase(case.id, outcome.shown, skipped, step_id)
