"""A decision in sentences that a credit office understands, in Italian and in English."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from incasso.domain.conditions import Condition
from incasso.domain.decision import Act, Decision
from incasso.domain.words import (
    ACTIONS,
    EXCLUDED,
    STATUSES,
    Words,
    media_text,
    pick,
    reason_text,
    task_reason,
)

# By condition: what to say when it does not block, and when it does. {value} and {until} stand
# for the condition's own; an empty text means that there is nothing worth saying.
SAYINGS: Mapping[str, tuple[Words, Words]] = {
    "open": (
        ("La rata è aperta.", "The installment is open."),
        ("La rata è chiusa: {value}.", "The installment is closed: {value}."),
    ),
    "owed": (
        ("È un importo dovuto dal cliente.", "It is owed by the client."),
        (
            "È un credito del cliente (nota di credito o anticipo): non si sollecita.",
            "It is the client's own credit (credit note or advance): it is never dunned.",
        ),
    ),
    "excluded": (
        ("Nessuna esclusione.", "Nothing excludes it."),
        ("Esclusa: {value}.", "Excluded: {value}."),
    ),
    "iter": (
        ("Segue l'iter {value}.", "It follows the iter {value}."),
        (
            "Nessun iter pubblicato vale per questa rata.",
            "No published iter is meant for it.",
        ),
    ),
    "iter_override": (
        ("L'iter {value} è stato scelto a mano.", "The iter {value} was chosen by hand."),
        (
            "L'iter scelto a mano, {value}, non è pubblicato.",
            "The iter chosen by hand, {value}, is not published.",
        ),
    ),
    "tolerance": (
        (
            "Il residuo supera la tolleranza di {value}.",
            "The residual is above the tolerance of {value}.",
        ),
        (
            "Il residuo è entro la tolleranza di {value}.",
            "The residual is within the tolerance of {value}.",
        ),
    ),
    "hold": (("Nessuna sospensione.", "No hold."), ("Sospesa {until}.", "On hold {until}.")),
    "promise": (
        ("Nessuna promessa in corso.", "No promise stands."),
        ("Il cliente ha promesso di pagare {until}.", "The client promised to pay {until}."),
    ),
    "dispute": (
        ("Nessuna contestazione.", "No dispute."),
        ("Contestata {until}.", "Disputed {until}."),
    ),
    "plan": (
        ("Nessun piano di rientro.", "No payment plan."),
        (
            "Piano di rientro rispettato, prossima scadenza {until}.",
            "Payment plan kept, next date {until}.",
        ),
    ),
    "parked": (
        ("Non è parcheggiata.", "Not parked."),
        ("Parcheggiata in {value}.", "Parked in {value}."),
    ),
    "placed": (
        ("Non è affidata a un fornitore.", "Not placed with a provider."),
        ("Affidata a un fornitore.", "Placed with a provider."),
    ),
    "net_credits": (
        (
            "I crediti del cliente non coprono lo scaduto.",
            "The client's credits do not cover what is past due.",
        ),
        (
            "I crediti aperti del cliente coprono lo scaduto {until}.",
            "The client's open credits cover what is past due {until}.",
        ),
    ),
    "source_trusted": (
        ("I dati di {value} sono aggiornati.", "The ledger of {value} is up to date."),
        (
            "I dati di {value} non sono aggiornati: non parte nulla finché non si rileggono.",
            "The ledger of {value} is not up to date: nothing leaves until it is read again.",
        ),
    ),
    "stage": (("Prossimo stato: {value}.", "Next stage: {value}."), ("", "")),
    "at_bank": (
        ("Nessun effetto in attesa presso la banca.", "No bill waits at the bank."),
        ("L'effetto è ancora in banca {until}.", "The bill is still at the bank {until}."),
    ),
    "stage_due": (
        ("La data dello stato, {value}, è arrivata.", "The stage's day, {value}, has come."),
        ("Lo stato è previsto per il {value}.", "The stage is due on {value}."),
    ),
    "too_late": (
        ("", ""),
        (
            "Il promemoria {value} non è partito entro la scadenza: si salta.",
            "The reminder {value} did not leave by the due date: it is skipped.",
        ),
    ),
    "put_off": (
        ("", ""),
        (
            "La scadenza è stata spostata: lo stato è previsto per il {value}.",
            "The due date was put off: the stage is due on {value}.",
        ),
    ),
    "min_gap": (
        (
            "È passato l'intervallo minimo dallo stato precedente.",
            "The least distance from the stage before has passed.",
        ),
        (
            "L'intervallo minimo dallo stato precedente finisce il {value}.",
            "The least distance from the stage before ends on {value}.",
        ),
    ),
    "contact_policy": (
        (
            "Le regole di contatto permettono {value} oggi.",
            "The contact policy allows {value} today.",
        ),
        (
            "Rimandata dalle regole di contatto ({value}) {until}.",
            "Postponed by the contact policy ({value}) {until}.",
        ),
    ),
    "address": (("Recapito per {value}.", "Address for {value}."), ("", "")),
    "step": (
        ("", ""),
        ("È già in un'azione: {value}.", "It is in a step already: {value}."),
    ),
    "proof": (
        ("La prova attesa non è arrivata: {value}.", "The proof did not come: {value}."),
        ("", ""),
    ),
    "stages_left": (
        ("", ""),
        ("L'iter non ha altri stati da percorrere.", "The iter has no stage left."),
    ),
    "review": (
        ("", ""),
        (
            "Più stati sono già passati: una persona sceglie da dove cominciare.",
            "Several stages have passed: a person chooses where to begin.",
        ),
    ),
    "moved": (
        ("", ""),
        (
            "La pratica passa a un altro iter: insoluto e mancato pagamento sono cambiati.",
            "The case moves to another iter: it became unpaid, or stopped being so.",
        ),
    ),
    "case": (("", ""), ("Non c'è una pratica aperta.", "There is no open case.")),
}
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
    if decision.act is Act.STEP:
        return _step_text(decision, name, language)
    if decision.act is Act.ADVANCE:
        if italian:
            return f"{name} vale come fatto, anche senza prova."
        return f"{name} counts, even without proof."
    if decision.act is Act.REVIEW or decision.blocked_by == "review":
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
    if decision.act is Act.WAIT and decision.due is not None:
        day = day_text(max(decision.due, decision.next_on or decision.due), language)
        return f"{name} è prevista il {day}." if italian else f"{name} is due on {day}."
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
        return media_text(value, language)
    if condition.name == "open":
        return reason_text(value, language)
    if condition.name == "excluded":
        return pick(EXCLUDED.get(value, (value, value)), language)
    if condition.name in ("step", "proof"):
        return pick(STATUSES.get(value, (value, value)), language)
    if condition.name in ("stage_due", "min_gap", "put_off"):
        return _day_or_anchor(value, language)
    return value


def _day_or_anchor(value: str, language: str) -> str:
    try:
        return day_text(date.fromisoformat(value), language)
    except ValueError:
        return "giorno dell'insoluto" if language == "it" else "day it came back unpaid"
