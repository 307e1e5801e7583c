"""A decision in sentences that a credit office understands, in Italian and in English."""

from __future__ import annotations

from datetime import date

from incasso.domain.recovery.conditions import Condition
from incasso.domain.recovery.decision import Decision, Verdict
from incasso.domain.recovery.sayings import SAYINGS
from incasso.domain.recovery.words import (
    ACTIONS,
    ERP_HOLDS,
    EXCLUDED,
    STATUSES,
    Words,
    media_text,
    pick,
    reason_text,
    task_reason,
)

NO_ADDRESS: Words = ("Nessun recapito valido per {value}.", "No usable address for {value}.")


def condition_text(condition: Condition, language: str) -> str:
    """One condition as a sentence; empty if it says nothing."""
    value = _value(condition, language)
    if condition.name == "address" and not condition.holds:
        return pick(NO_ADDRESS, language).format(value=value)
    free, blocked = SAYINGS[condition.name]
    text = pick(blocked if condition.blocks else free, language)
    return text.format(value=value, until=_until(condition.until, language)).strip()


def decision_text(decision: Decision, language: str) -> str:
    """What happens, in one sentence."""
    italian = language == "it"
    name = _stage_name(decision)
    if decision.closes and not decision.opens:
        why = reason_text(decision.closes, language)
        return f"La pratica si chiude: {why}." if italian else f"The case closes: {why}."
    if decision.verdict is Verdict.STEP:
        return _step_text(decision, name, language)
    if decision.verdict is Verdict.ADVANCE:
        if italian:
            return f"{name} vale come fatto, anche senza prova."
        return f"{name} counts, even without proof."
    if decision.verdict is Verdict.REVIEW or decision.blocked_by == "review":
        return pick(SAYINGS["review"][1], language)
    if decision.blocked_by:
        why = reason_text(decision.blocked_by, language)
        when = _again(decision.next_on, language)
        return f"Ferma: {why}{when}." if italian else f"Stands still: {why}{when}."
    return _quiet_text(decision, name, language)


def day_text(day: date, language: str) -> str:
    """A date as people write it."""
    return f"{day:%d/%m/%Y}" if language == "it" else f"{day:%d %b %Y}"


def _step_text(decision: Decision, name: str, language: str) -> str:
    italian = language == "it"
    what = decision.medium or (decision.action.value if decision.action else "")
    way = pick(ACTIONS[what], language) if what in ACTIONS else media_text(what, language)
    text = f"Oggi tocca a {name} ({way})" if italian else f"Today: {name} ({way})"
    if decision.reason:
        text += f": {task_reason(decision.reason, language)}"
    return f"{text}."


def _quiet_text(decision: Decision, name: str, language: str) -> str:
    italian = language == "it"
    step = next((c for c in decision.conditions if c.name == "step"), None)
    if step is not None:
        state = pick(STATUSES.get(step.value, (step.value, step.value)), language)
        return f"In {name}: azione {state}." if italian else f"In {name}: step {state}."
    if decision.verdict is Verdict.WAIT and decision.due is not None:
        day = day_text(max(decision.due, decision.next_on or decision.due), language)
        return f"{name}: in programma per il {day}." if italian else f"{name} is due on {day}."
    why = next((c for c in decision.conditions if c.blocks), None)
    reason = condition_text(why, language) if why is not None else ""
    text = "Nulla da fare." if italian else "Nothing to do."
    return f"{text} {reason}".strip()


def _stage_name(decision: Decision) -> str:
    return decision.stage.label or decision.stage.key if decision.stage is not None else ""


def _again(day: date | None, language: str) -> str:
    if day is None:
        return ""
    if language == "it":
        return f"; si riguarda il {day_text(day, language)}"
    return f"; looked at again on {day_text(day, language)}"


def _until(day: date | None, language: str) -> str:
    if day is None:
        return "senza scadenza" if language == "it" else "until further notice"
    return (
        f"fino al {day_text(day, language)}"
        if language == "it"
        else (f"until {day_text(day, language)}")
    )


def _value(condition: Condition, language: str) -> str:
    value = condition.value
    if condition.name in ("contact_policy", "address"):
        return media_text(value, language) or pick(("l'azione", "the action"), language)
    if condition.name == "open":
        return reason_text(value, language)
    if condition.name == "erp_hold":
        return pick(ERP_HOLDS.get(value, (f"«{value}»", f'"{value}"')), language)
    if condition.name == "excluded":
        return pick(EXCLUDED.get(value, (value, value)), language)
    if condition.name in ("step", "proof"):
        return pick(STATUSES.get(value, (value, value)), language)
    if condition.name in ("stage_due", "min_gap", "put_off", "reminded"):
        return _day_or_anchor(value, language)
    return value


def _day_or_anchor(value: str, language: str) -> str:
    try:
        return day_text(date.fromisoformat(value), language)
    except ValueError:
        return "giorno dell'insoluto" if language == "it" else "day it came back unpaid"
