"""A decision in one sentence that a credit office understands."""

from __future__ import annotations

from datetime import date

from incasso.contract.text import Text, text
from incasso.domain.recovery.decision import Decision, Verdict
from incasso.domain.recovery.states import AgreementKind
from incasso.locale.conditions import CONDITIONS, condition_text, state_of_step
from incasso.locale.labels import ACTIONS, AGREEMENT_KINDS, MEDIA
from incasso.locale.reasons import REASONS, media_names, task_text


def decision_text(decision: Decision, today: date | None = None, waits: str = "") -> Text:
    """What happens, in one sentence; `today` if the decision is about the present day, `waits` why
    the step that it is in has not left."""
    name = stage_name(decision)
    if decision.closes and not decision.opens:
        return text("The case closes: {why}.", why=_reason(decision.closes))
    if decision.verdict is Verdict.STEP:
        return _step_text(decision, name, today)
    if decision.verdict is Verdict.ADVANCE:
        return text("{stage} counts, even without proof.", stage=name)
    if decision.verdict is Verdict.REVIEW or decision.blocked_by == "review":
        return Text(CONDITIONS["review"][1])
    if decision.blocked_by:
        return _blocked_text(decision)
    return _quiet_text(decision, name, waits)


def _blocked_text(decision: Decision) -> Text:
    why = _reason(decision.blocked_by)
    if decision.next_on is None:
        return text("Stands still: {why}.", why=why)
    return text("Stands still: {why}; looked at again on {day}.", why=why, day=decision.next_on)


def step_made_text(step: int | None, decision: Decision) -> Text:
    """What a plan made, in one sentence."""
    name, way = stage_name(decision), _way(decision)
    if not decision.reason:
        return text(
            "The plan put it into step {step}: {stage} ({way}).", step=step, stage=name, way=way
        )
    return text(
        "The plan put it into step {step}: {stage} ({way}): {why}.",
        step=step,
        stage=name,
        way=way,
        why=task_text(decision.reason),
    )


def failed_way_text(medium: str, reason: str) -> Text:
    """Why a message of the present stage reached nobody."""
    return text("{medium} reached nobody: {why}.", medium=MEDIA.get(medium, medium), why=reason)


def agreement_text(kind: AgreementKind, on: date, who: str, until: date | None) -> Text:
    """What somebody agreed with the client, or decided, on a day."""
    values = {"kind": AGREEMENT_KINDS[kind], "day": on, "who": who}
    if until is None:
        return text("Made on {day} by {who}: {kind}.", **values)
    return text("Made on {day} by {who}: {kind} until {until}.", until=until, **values)


def release_text(kind: AgreementKind, on: date, who: str) -> Text:
    """What somebody ended on a day."""
    return text("Ended on {day} by {who}: {kind}.", day=on, who=who, kind=AGREEMENT_KINDS[kind])


def heading_text(when: str, on: date, known_on: date | None) -> Text | None:
    """What stands above an answer about another day than today."""
    if when == "future":
        return text("If nothing changes until {day}:", day=on)
    if when == "past" and known_on is not None:
        return text("As it was known on {day}:", day=known_on)
    return None


def _step_text(decision: Decision, name: str, today: date | None) -> Text:
    way = _way(decision)
    if not decision.reason:
        if today is None:
            return text("{stage} ({way}) is due.", stage=name, way=way)
        return text("Today: {stage} ({way}).", stage=name, way=way)
    why = task_text(decision.reason)
    if today is None:
        return text("{stage} ({way}) is due: {why}.", stage=name, way=way, why=why)
    return text("Today: {stage} ({way}): {why}.", stage=name, way=way, why=why)


def _way(decision: Decision) -> str | list[str]:
    what = decision.medium or (decision.action.value if decision.action else "")
    return ACTIONS[what] if what in ACTIONS else media_names(what)


def _quiet_text(decision: Decision, name: str, waits: str) -> Text:
    step = next((c for c in decision.conditions if c.name == "step"), None)
    if step is not None:
        return _in_step_text(decision, name, step.value, waits)
    if decision.verdict is Verdict.WAIT and decision.due is not None:
        day = max(decision.due, decision.next_on or decision.due)
        return text("{stage} is due on {day}.", stage=name, day=day)
    blocking = (c for c in decision.conditions if c.blocks)
    if why := next((condition_text(c) for c in blocking), ""):
        return text("Nothing to do. {why}", why=why)
    return text("Nothing to do.")


def _in_step_text(decision: Decision, name: str, status: str, waits: str) -> Text:
    """What it waits for: what blocks it today, else what the last dispatch met."""
    state = state_of_step(status)
    blocking = (c for c in decision.conditions if c.blocks and c.name != "step")
    if why := next((condition_text(c) for c in blocking), ""):
        return text("In {stage}: step {state}. {why}", stage=name, state=state, why=why)
    if waits:
        return text(
            "In {stage}: step {state}, it waits: {why}.", stage=name, state=state, why=waits
        )
    return text("In {stage}: step {state}.", stage=name, state=state)


def _reason(code: str) -> str:
    return REASONS.get(code, code)


def stage_name(decision: Decision) -> str:
    """The stage of a decision as the office calls it; empty if it has none."""
    return decision.stage.label or decision.stage.key if decision.stage is not None else ""
