"""A decision in one sentence that a credit office understands."""

from __future__ import annotations

from incasso.contract.text import Text, text
from incasso.domain.recovery.decision import Decision, Verdict
from incasso.locale.conditions import CONDITIONS, condition_text, state_of_step
from incasso.locale.labels import ACTIONS
from incasso.locale.reasons import REASONS, media_names, task_text


def decision_text(decision: Decision) -> Text:
    """What happens, in one sentence."""
    name = _stage_name(decision)
    if decision.closes and not decision.opens:
        return text("The case closes: {why}.", why=_reason(decision.closes))
    if decision.verdict is Verdict.STEP:
        return _step_text(decision, name)
    if decision.verdict is Verdict.ADVANCE:
        return text("{stage} counts, even without proof.", stage=name)
    if decision.verdict is Verdict.REVIEW or decision.blocked_by == "review":
        return Text(CONDITIONS["review"][1])
    if decision.blocked_by:
        return _blocked_text(decision)
    return _quiet_text(decision, name)


def _blocked_text(decision: Decision) -> Text:
    why = _reason(decision.blocked_by)
    if decision.next_on is None:
        return text("Stands still: {why}.", why=why)
    return text("Stands still: {why}; looked at again on {day}.", why=why, day=decision.next_on)


def _step_text(decision: Decision, name: str) -> Text:
    what = decision.medium or (decision.action.value if decision.action else "")
    way = ACTIONS[what] if what in ACTIONS else media_names(what)
    if not decision.reason:
        return text("Today: {stage} ({way}).", stage=name, way=way)
    why = task_text(decision.reason)
    return text("Today: {stage} ({way}): {why}.", stage=name, way=way, why=why)


def _quiet_text(decision: Decision, name: str) -> Text:
    step = next((c for c in decision.conditions if c.name == "step"), None)
    if step is not None:
        return text("In {stage}: step {state}.", stage=name, state=state_of_step(step.value))
    if decision.verdict is Verdict.WAIT and decision.due is not None:
        day = max(decision.due, decision.next_on or decision.due)
        return text("{stage} is due on {day}.", stage=name, day=day)
    blocking = (c for c in decision.conditions if c.blocks)
    if why := next((said for c in blocking if (said := condition_text(c))), ""):
        return text("Nothing to do. {why}", why=why)
    return text("Nothing to do.")


def _reason(code: str) -> str:
    return REASONS.get(code, code)


def _stage_name(decision: Decision) -> str:
    return decision.stage.label or decision.stage.key if decision.stage is not None else ""
