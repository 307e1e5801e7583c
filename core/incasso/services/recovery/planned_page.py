"""Turn the decisions of one page of installments into the rows to write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

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
from incasso.domain.recovery.states import NOT_BEGUN
from incasso.store.recovery.facts import Situation
from incasso.store.recovery.facts_cases import CaseRow
from incasso.store.recovery.planning import Changes
from incasso.store.recovery.planning_rows import Day


class Outcome:
    """A decision, made once for all installments that share its facts, ready to be written."""

    __slots__ = ("decision", "group", "new_case", "next_stage", "shown", "skipped", "stage")

    def __init__(
        self, decision: Decision, group: Group | None, *, unpaid: bool, on: Day, due: Day
    ) -> None:
        self.decision = decision
        self.group = group
        self.stage = decision.stage.key if decision.stage is not None else ""
        self.next_stage = "" if decision.blocked_by == "review" else self.stage
        self.skipped = ",".join(decision.skipped)
        self.shown = (self.next_stage, due, decision.blocked_by)
        version_id = decision.version.id if decision.version is not None else 0
        self.new_case = (version_id, unpaid, self.skipped, on, *self.shown)


class Outcomes:
    """One decision per distinct facts: the whole speed of planning."""

    def __init__(self, on: date, day: Callable[[date | None], Day]) -> None:
        self.on = on
        self.day = day
        self.known: dict[Facts, Outcome] = {}
        self.groups: dict[Hashable, Group] = {}

    def forget(self) -> None:
        """Make room: the facts met so far are decided again if they come again."""
        self.known.clear()

    def of(self, facts: Facts) -> Outcome:
        """The decision for these facts."""
        outcome = self.known.get(facts)
        if outcome is None:
            # What led there is for explain; ten thousand decisions with it would fill the memory.
            decision = replace(decide(facts, self.on), conditions=())
            group = None
            if decision.verdict is Verdict.STEP:
                group = group_of(decision, facts)
                if group.key is not None:
                    # Equal keys share one Group, so that steps are found by its identity.
                    alike = (group.key, group.wording, group.rank)
                    group = self.groups.setdefault(alike, group)
            outcome = self.known[facts] = Outcome(
                decision,
                group,
                unpaid=facts.unpaid,
                on=self.day(self.on),
                due=self.day(decision.due),
            )
        return outcome


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
    changes: Changes = field(default_factory=Changes)
    counts: Counter[str] = field(default_factory=Counter)
    blocked: Counter[str] = field(default_factory=Counter)
    open_steps: dict[tuple[int, Hashable], OpenStep] = field(default_factory=dict)

    def await_people(
        self, waiting: Collection[tuple[int, int, Wording]], versions: Mapping[int, Version]
    ) -> None:
        """Steps already waiting for a person take in what falls due now."""
        for step_id, client_id, wording in waiting:
            procedure = versions[wording.version_id].iter
            key = group_key(wording, procedure.grouping)
            if key is not None:
                rank = rank_of(procedure, wording.stage)
                step = OpenStep(id=step_id, wording=wording, rank=rank, is_new=False)
                self.open_steps.setdefault((client_id, key), step)

    def take(self, situation: Situation) -> None:
        """Add one installment's decision."""
        outcome = self.outcomes.of(situation.facts)
        decision = outcome.decision
        self.changes.looks[decision.next_on].append(situation.installment_id)
        case = situation.case
        if case is None:
            if decision.opens:
                self._open(situation, outcome)
            elif decision.blocked_by:
                self.blocked[decision.blocked_by] += 1
        else:
            self._go_on(situation, case, outcome)

    def _open(self, situation: Situation, outcome: Outcome) -> None:
        client = situation.client
        case_id = next(self.case_numbers)
        if outcome.decision.stood_for:
            why = self.say(text("reminded {reminded}", reminded=situation.facts.reminded))
            passed = self.changes.stood_for[why]
            passed += ((case_id, None, stage) for stage in outcome.decision.stood_for)
        step_id = None
        if outcome.group is not None:
            step = self._step(situation, outcome)
            step_id = step.id
            step.total += situation.residual
            self.changes.members.append((step_id, case_id, outcome.stage, 0, situation.residual))
        self.changes.cases.append(
            (
                case_id,
                client.kind.source.id,
                client.id,
                situation.installment_id,
                *outcome.new_case,
                step_id,
            )
        )

    def _go_on(self, situation: Situation, case: CaseRow, outcome: Outcome) -> None:
        decision = outcome.decision
        if decision.leaves and _not_begun(case):
            why = decision.closes or decision.leaves_for
            self.changes.leaving[why].append(case.id)
            self.counts["left"] += 1
        if decision.closes:
            self.changes.closing[decision.closes].append(case.id)
            self.counts[f"closed {decision.closes}"] += 1
            if decision.opens:
                self._open(situation, outcome)
            return
        if decision.verdict is Verdict.STEP:
            self._next_step(situation, case, outcome)
        elif decision.verdict is Verdict.ADVANCE and case.step_id is not None:
            self.changes.advancing.add(case.step_id)
            self.counts["advanced"] += 1
        elif case.step_id is None or decision.leaves:
            self._show(case, outcome)

    def _next_step(self, situation: Situation, case: CaseRow, outcome: Outcome) -> None:
        step = self._step(situation, outcome, case.operator_id)
        step.total += situation.residual
        if case.step_id is not None:
            self.changes.lapsed.add(case.step_id)
        self.changes.returning.append((step.id, case.id, outcome.stage, situation.residual))
        self.changes.moved.append((*outcome.shown, _joined(case, outcome), step.id, case.id))

    def _show(self, case: CaseRow, outcome: Outcome) -> None:
        """Keep what lists show of a waiting case, if it changed."""
        if outcome.decision.blocked_by:
            self.blocked[outcome.decision.blocked_by] += 1
        if case.shown == outcome.shown:
            return
        if outcome.skipped:
            step_id = None
            self.changes.moved.append((*outcome.shown, _joined(case, outcome), step_id, case.id))
        else:
            self.changes.shown.append((*outcome.shown, case.id))

    def _step(
        self, situation: Situation, outcome: Outcome, operator_id: int | None = None
    ) -> OpenStep:
        """The step of the outcome's group: one that takes cases in, or a new one."""
        group, client = outcome.group, situation.client
        assert group is not None
        key: tuple[int, Hashable]
        key = (client.id, group.key if group.key is not None else situation.installment_id)
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
        day = self.outcomes.day(self.on)
        for step in self.open_steps.values():
            wording = step.wording
            if step.is_new:
                self.changes.steps.append(_step_row(step, day, self.say))
                self.counts[f"step {wording.action} {wording.medium} {wording.status}"] += 1
            elif step.total:
                self.changes.totals.append((step.total, step.id))
                self.counts["joined"] += 1
                if step.is_reworded:
                    self.changes.reworded.append(_reworded(step))
        return self.changes


def _step_row(step: OpenStep, day: Day, say: Callable[[str], str]) -> tuple[Any, ...]:
    wording = step.wording
    return (
        step.id,
        step.source_id,
        step.client_id,
        wording.version_id,
        wording.stage,
        wording.action,
        wording.medium,
        wording.mode,
        wording.status,
        day,
        step.total,
        wording.currency,
        wording.language,
        wording.template,
        step.operator_id,
        say(wording.reason) if wording.reason else "",
    )


def _reworded(step: OpenStep) -> tuple[Any, ...]:
    wording = step.wording
    words = (wording.stage, wording.action, wording.medium, wording.mode)
    return (*words, wording.status, wording.template, step.id)


def _not_begun(case: CaseRow) -> bool:
    return case.step_id is not None and case.step_status in NOT_BEGUN


def _joined(case: CaseRow, outcome: Outcome) -> str:
    return ",".join(filter(None, (case.skipped, outcome.skipped)))
