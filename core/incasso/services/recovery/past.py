"""Explain a past day as it was known then: from what its plan saw, never from today's state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final

import msgspec
from sqlalchemy import Connection

from incasso.contract.text import text
from incasso.domain.recovery.decision import Decision, Verdict, decide
from incasso.domain.recovery.iters import Mode
from incasso.domain.recovery.looks import Decided, Seen, decided
from incasso.domain.recovery.since import StepSince, facts_since
from incasso.domain.recovery.states import NOT_BEGUN, AgreementStatus, StepStatus
from incasso.locale.decisions import (
    agreement_text,
    decision_text,
    release_text,
    stage_name,
    step_made_text,
)
from incasso.locale.reasons import REASONS
from incasso.services.recovery.explanation import UNKNOWN, Explanation, When, explained
from incasso.store.recovery import explaining, looks
from incasso.store.recovery.explaining import InstallmentName, PastAgreement, PastStep
from incasso.store.recovery.iters import versions
from incasso.store.recovery.looks import PastLook

ONE_DAY = timedelta(days=1)
_NOTHING = Decision(verdict=Verdict.NOTHING)


class Then(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one installment on a past day."""

    name: InstallmentName
    on: date
    look: PastLook
    seen: Seen
    case: int | None
    step: PastStep | None
    """The step it was in by the end of that day."""
    planned: bool
    """Whether there was a plan that day."""
    agreed: tuple[PastAgreement, ...] = ()
    """What people agreed about it up to that day."""


def explain_past(
    connection: Connection, names: Mapping[int, InstallmentName], on: date
) -> tuple[Explanation, ...]:
    """These installments on a day before the last one known, oldest due date first."""
    clients = {number: name.client_id for number, name in names.items()}
    found = looks.last_looks(connection, clients, on, versions(connection))
    running = explaining.cases_on(connection, names, on)
    left = explaining.left_by(connection, names, on)
    in_steps = {look.step for look in found.values() if look.step is not None}
    steps = explaining.steps_numbered(connection, in_steps)
    planned = looks.planned_on(connection, on)
    agreed = explaining.agreements_until(connection, set(clients.values()), on)
    told = []
    for number, name in sorted(names.items(), key=lambda item: (item[1].due_date, item[0])):
        look, case = found.get(number), running.get(number)
        if look is None or look.seen is None:
            told.append(_unknown(name, on, look, case))
            continue
        step = None
        if look.step is not None and (number, look.step) not in left:
            step = steps.get(look.step)
        then = Then(
            name=name,
            on=on,
            look=look,
            seen=look.seen,
            case=None if case is None else case.id,
            step=step,
            planned=planned,
            agreed=tuple(
                one
                for one in agreed
                if one.installment_id == number
                or (one.installment_id is None and one.client_id == name.client_id)
            ),
        )
        told.append(_looked_at(then) if look.on == on else _between_looks(then))
    return tuple(told)


def _unknown(
    name: InstallmentName, on: date, look: PastLook | None, case: explaining.PastCase | None
) -> Explanation:
    """Nothing is kept that could tell it."""
    if name.first_seen_on is not None and name.first_seen_on > on:
        why = text("The hub did not know it yet: it came on {day}.", day=name.first_seen_on)
    elif look is None:
        why = text("No plan had looked at it until that day.")
    else:
        why = text("What was known that day was kept in a way that this version cannot read.")
    number = None if case is None else case.id
    return explained(name, on, When.PAST, _NOTHING, why, known_on=None, case=number, word=UNKNOWN)


def _looked_at(then: Then) -> Explanation:
    """The plan of that day looked at it: what it decided, and did."""
    decision, remarks = _of_that_day(then.seen, then.look.on)
    step = then.look.step if decision.verdict is Verdict.STEP else None
    said = decision_text(decision) if step is None else step_made_text(step, decision)
    if decision.leaves_for:
        why = REASONS.get(decision.leaves_for, decision.leaves_for)
        remarks += (text("It left the step it was in: {why}.", why=why),)
    return explained(
        then.name,
        then.on,
        When.PAST,
        decision,
        said,
        known_on=then.look.on,
        case=then.case,
        step=step,
        remarks=(*remarks, *_counted_that_day(then), *_acts_of_people(then)),
    )


def _between_looks(then: Then) -> Explanation:
    """No plan looked at it that day: how its last look had left it."""
    first, remarks = _of_that_day(then.seen, then.look.on)
    # A plan comes before the day's work: what counted that day it did not know yet.
    known = then.on - ONE_DAY if then.planned else then.on
    step = None if then.step is None else _on(then.step, first, known)
    facts = facts_since(then.seen.facts, first, then.look.on, step)
    decision, word = decide(facts, then.on), ""
    said = decision_text(decision)
    if decided(decision).acts and not then.seen.decided.acts:
        decision, said = first, decision_text(first)
    elif decided(decision).acts:
        word = "wait"
        name = stage_name(decision)
        said = text("{stage} was due, but no plan carried it out that day.", stage=name)
    return explained(
        then.name,
        then.on,
        When.PAST,
        decision,
        said,
        known_on=then.look.on,
        case=then.case,
        word=word,
        remarks=(
            *remarks,
            _why_not_looked_at(then),
            *_counted_that_day(then),
            *_acts_of_people(then),
        ),
    )


_ENDED_BY_PEOPLE: Final = (AgreementStatus.RELEASED, AgreementStatus.SUPERSEDED)


def _counted_that_day(then: Then) -> tuple[str, ...]:
    if then.step is None or then.step.counted_on != then.on:
        return ()
    return (text("Step {step} counted that day.", step=then.step.id),)


def _acts_of_people(then: Then) -> Iterator[str]:
    """What people did since the last look: the plan may not have known it yet."""
    for one in then.agreed:
        if one.made_on >= then.look.on:
            yield agreement_text(one.kind, one.made_on, one.made_by, one.until_on)
        ended = one.ended_on if one.status in _ENDED_BY_PEOPLE else None
        if ended is not None and then.look.on <= ended <= then.on:
            yield release_text(one.kind, ended, one.ended_by)


def _why_not_looked_at(then: Then) -> str:
    if then.planned:
        return text(
            "The plan of that day had no reason to look at it: nothing had changed since {day}.",
            day=then.look.on,
        )
    return text("No plan was made that day; the last look was on {day}.", day=then.look.on)


def _of_that_day(seen: Seen, on: date) -> tuple[Decision, tuple[str, ...]]:
    """The decision with its conditions. If a later version of the hub judges the same facts
    otherwise, what was decided then stands, without conditions."""
    again = decide(seen.facts, on)
    if decided(again) == seen.decided:
        return again, ()
    remark = text("The hub has other rules by now: only what it decided that day is told.")
    return _bare(seen.decided, again), (remark,)


def _bare(kept: Decided, again: Decision) -> Decision:
    same = again.version is not None and again.version.id == kept.version
    stage = again.version.iter.stage(kept.stage) if same and again.version is not None else None
    return Decision(
        verdict=kept.verdict,
        version=again.version if same else None,
        stage=stage,
        due=kept.due,
        next_on=kept.next_on,
        closes=kept.closes,
        opens=kept.opens,
        leaves=kept.leaves,
        leaves_for=kept.leaves_for,
        skipped=kept.skipped,
        action=kept.action,
        mode=kept.mode,
        medium=kept.medium,
        reason=kept.reason,
        blocked_by=kept.blocked_by,
    )


def _on(step: PastStep, made_by: Decision, on: date) -> StepSince:
    """How the step stood by the end of that day."""
    counted = step.counted_on if step.counted_on is not None and step.counted_on <= on else None
    if step.done_on is not None and step.done_on <= on:
        status = StepStatus.DONE
    elif step.status in NOT_BEGUN:
        status = step.status
    else:
        status = StepStatus.PROPOSED if step.mode is Mode.APPROVE else StepStatus.READY
    stage = made_by.stage
    return StepSince(
        status=status,
        stage="" if stage is None else stage.key,
        action=step.action,
        medium=step.medium,
        counted_on=counted,
        proof_until=stage.proof_until(step.done_on) if stage and step.done_on else None,
    )
