"""Turn the decisions of one page of installments into what is to be written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from incasso.contract.text import text
from incasso.domain.recovery.contact_policy import DEFAULT_POLICY, ContactPolicy
from incasso.domain.recovery.decision import Verdict
from incasso.domain.recovery.facts import Version
from incasso.domain.recovery.grouping import (
    Group,
    Wording,
    merged_wording,
    rank_of,
)
from incasso.domain.recovery.sharing import Wanted
from incasso.domain.recovery.states import NOT_BEGUN
from incasso.services.recovery.client_day import (
    ClientDay,
    Due,
    StepKey,
    step_key,
)
from incasso.services.recovery.outcomes import Outcome, Outcomes
from incasso.services.recovery.plan_report import PlanReport, StepSort
from incasso.store.recovery.facts import Situation
from incasso.store.recovery.facts_cases import RunningCase
from incasso.store.recovery.heard import NOTHING_HEARD, Heard
from incasso.store.recovery.looks import PageOfLooks
from incasso.store.recovery.planned_changes import (
    Changes,
    Joining,
    MovedCase,
    NewCase,
    NewStep,
    PassedStage,
    Reworded,
    ShownCase,
)
from incasso.store.recovery.planning import WaitingStep


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
        """Take in a case of another stage: the highest stage gives the words, of several iters
        the one that the step began with."""
        words, other = self.wording, group.wording
        same_iter = other.version_id == words.version_id
        if same_iter and group.rank > self.rank and other.stage != words.stage:
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
    policy: ContactPolicy = DEFAULT_POLICY
    heard: Mapping[int, Heard] = field(default_factory=dict)
    """What clients heard this week."""
    changes: Changes = field(default_factory=Changes)
    open_steps: dict[StepKey, OpenStep] = field(default_factory=dict)
    looks: PageOfLooks = field(default_factory=PageOfLooks)
    places: dict[Outcome, int] = field(default_factory=dict)
    """Of the outcomes in `looks.seen`."""
    _due: list[Due] = field(default_factory=list)
    """Of one client: what else it gets on the day bears on each."""
    _messages: set[StepKey] = field(default_factory=set)
    """The messages that these ask for."""
    _shared: dict[StepKey, Wanted[StepKey]] = field(default_factory=dict)
    """The one that gives the words, for each of those that several iters share."""

    def await_people(
        self, waiting: Iterable[tuple[StepKey, WaitingStep]], versions: Mapping[int, Version]
    ) -> None:
        """Steps already waiting for a person take in what falls due now."""
        for key, one in waiting:
            wording = one.wording
            rank = rank_of(versions[wording.version_id].iter, wording.stage)
            step = OpenStep(id=one.id, wording=wording, rank=rank, is_new=False)
            self.open_steps.setdefault(key, step)

    def take(self, situation: Situation) -> None:
        """Add one installment's decision; the installments of a client follow one another."""
        if self._due and self._due[0][0].client is not situation.client:
            self._settle_client()
        outcome = self.outcomes.of(situation.facts)
        self._due.append((situation, outcome))
        if outcome.is_message:
            self._messages.add(step_key(situation, outcome))

    def _settle_client(self) -> None:
        """What is due for one client, together: several messages may be one, or too many."""
        due, messages = self._due, self._messages
        if len(messages) > 1 and self.policy.weighs_messages:
            heard = self.heard.get(due[0][0].client.id, NOTHING_HEARD).contacts(self.on)
            day = ClientDay(due, self.policy, heard, taken=self.open_steps)
            self._shared |= day.shared
            due = day.with_caps(self.outcomes)
            messages.clear()
        elif messages:
            messages.clear()
        for situation, outcome in due:
            self._carry_out(situation, outcome)
        self._due.clear()
        self._shared.clear()

    def _carry_out(self, situation: Situation, outcome: Outcome) -> None:
        decision = outcome.decision
        if decision.next_on is not None:
            look = (decision.next_on, situation.client.id, situation.installment_id)
            self.changes.looks.append(look)
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
        group = outcome.group
        assert group is not None
        key = step_key(situation, outcome)
        lead = group
        if key in self._shared:
            key, lead = self._shared[key].key, self._shared[key].group
        step = self.open_steps.get(key)
        if step is None:
            step = self.open_steps[key] = self._begin_step(situation, lead, operator_id)
        if group.wording is not step.wording:
            step.share(group)
        return step

    def _begin_step(self, situation: Situation, group: Group, operator_id: int | None) -> OpenStep:
        client = situation.client
        return OpenStep(
            id=next(self.step_numbers),
            wording=group.wording,
            rank=group.rank,
            source_id=client.kind.source.id,
            client_id=client.id,
            operator_id=operator_id or client.operator_id,
        )

    def finished(self) -> Changes:
        """All changes of the page, steps included."""
        self._settle_client()
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
