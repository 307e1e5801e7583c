"""What each condition of a decision says: when it does not block, and when it does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from incasso.contract.text import Text, template, term, text
from incasso.domain.recovery.conditions import Condition
from incasso.locale.labels import STEP_STATUSES, Labels
from incasso.locale.reasons import ERP_HOLDS, REASONS, media_names, task_text

# What is said while it does not block, and while it does; {value} and {until} are its own.
CONDITIONS: Final[Mapping[str, tuple[str, str]]] = {
    "open": (template("The installment is open."), template("The installment is closed: {value}.")),
    "owed": (
        template("It is owed by the client."),
        template("Nothing is owed on it: it is paid, or the client's own credit."),
    ),
    "excluded": (template("Nothing excludes it."), template("Excluded: {value}.")),
    "finished": (template("No iter has closed it."), template("Its iter has closed it.")),
    "iter": (
        template("It follows the iter {value}."),
        template("No published iter is meant for it."),
    ),
    "iter_override": (
        template("The iter {value} was chosen by hand."),
        template("The iter chosen by hand, {value}, is not published."),
    ),
    "tolerance": (
        template("The residual is above the tolerance of {value}."),
        template("The residual is within the tolerance of {value}."),
    ),
    "hold": (template("No hold."), template("On hold {until}.")),
    "promise": (
        template("No promise stands."),
        template("The client promised to pay by {value}; the bank has time {until} to post it."),
    ),
    "dispute": (template("No dispute."), template("Disputed {until}.")),
    "plan": (
        template("No payment plan."),
        template("Payment plan kept: next payment {value}; the bank has time {until} to post it."),
    ),
    "parked": (template("Not parked."), template("Parked in {value}.")),
    "placed": (
        template("Not placed with a provider."),
        template("Placed with {value} {until}."),
    ),
    "erp_hold": (
        template("The ERP does not hold it back."),
        template("According to the ERP it is {value}: it is not dunned."),
    ),
    "reply": (
        template("What the client wrote on {value} still waits for an answer."),
        template("The client wrote on {value}, and nobody has answered: it waits {until}."),
    ),
    "reminded": (
        template("The ERP itself reminded of it on {value}: the hub goes on from there."),
        template("The ERP itself reminded of it on {value}: the hub waits."),
    ),
    "net_credits": (
        template("The client's credits do not cover what is past due."),
        template("The client's open credits cover what is past due {until}."),
    ),
    "source_trusted": (
        template("The ledger of {value} is up to date."),
        template("The ledger of {value} is not up to date: nothing leaves until it is read again."),
    ),
    "absent": (
        template("The last read of the ledger brought it."),
        template("The last read of the ledger did not bring it: it may be paid."),
    ),
    "stage": (template("Next stage: {value}."), template("The stage {value} cannot be entered.")),
    "at_bank": (
        template("No bill waits at the bank."),
        template("The bill is still at the bank {until}."),
    ),
    "not_yet_due": (
        template("Due date in the ERP: {value}."),
        template("Due on {value}, as the ERP says: until then nothing but a reminder leaves."),
    ),
    "extension": (
        template("Extended to {value}."),
        template("Extended to {value}: until then nothing but a reminder leaves."),
    ),
    "stage_due": (
        template("The stage's day, {value}, has come."),
        template("The stage is due on {value}."),
    ),
    "too_late": (
        template("The reminder {value} may still leave."),
        template("The reminder {value} did not leave by the due date: it is skipped."),
    ),
    "put_off": (
        template("The due date was not put off."),
        template("The due date was put off: the stage is due on {value}."),
    ),
    "min_gap": (
        template("The least distance from the stage before has passed."),
        template("The least distance from the stage before ends on {value}."),
    ),
    "working_day": (
        template("{value} is a working day."),
        template("{value} is no working day: the stage waits {until}."),
    ),
    "contact_policy": (
        template("The contact policy allows {value}."),
        template("Postponed by the contact policy ({value}) {until}."),
    ),
    "message_cap": (
        template("The client may still be written to today."),
        template("Postponed by the contact policy ({value}) {until}."),
    ),
    "refused": (
        template("The client does not want to be contacted by {value}."),
        template("The client does not want to be contacted by {value}."),
    ),
    "address": (template("Address for {value}."), template("No usable address for {value}.")),
    "step": (template("It is in no step."), template("It is in a step already: {value}.")),
    "proof": (
        template("The proof did not come: {value}."),
        template("The proof did not come: {value}."),
    ),
    "stages_left": (
        template("The iter has stages left."),
        template("The iter has no stage left."),
    ),
    "review": (
        template("Nobody has to choose where to begin."),
        template("Several stages have passed: a person chooses where to begin."),
    ),
    "moved": (
        template("The case stays in its iter."),
        template("The case moves to another iter: it became unpaid, or stopped being so."),
    ),
    "case": (template("There is an open case."), template("There is no open case.")),
}
EXCLUDED: Final[Labels] = {
    "client": text("the client is excluded"),
    "category": text("the client's category is excluded"),
    "payment_method": text("the payment method is excluded"),
    "document_kind": text("the document kind is excluded"),
    "min_amount": text("the amount is below the minimum"),
}
_CAPS: Final[Labels] = {
    "week": template("at most {most} messages a week"),
    "day": template("at most {most} messages a day"),
}
_DAYS: Final = (
    "stage_due",
    "min_gap",
    "put_off",
    "reminded",
    "reply",
    "not_yet_due",
    "extension",
    "working_day",
    "promise",
    "plan",
)


def condition_text(condition: Condition) -> Text:
    """One condition as a sentence."""
    without = condition.name == "address" and not condition.holds
    if condition.name == "proof" and condition.value == "failed":
        return text("The message did not arrive, so its stage does not count.")
    sentence = CONDITIONS[condition.name][condition.blocks or without]
    values = {"value": _value(condition), "until": _until(condition.until)}
    return Text(sentence, values)


def cap_text(value: str) -> Text:
    """A cap on messages in words: "week 2" is "at most 2 messages a week"."""
    span, _, most = value.partition(" ")
    return Text(_CAPS[span], {"most": most})


def state_of_step(code: str) -> str:
    """What a step waits for, inside a sentence."""
    if code == "done":
        return text("done, waits for proof")
    return STEP_STATUSES.get(code) or task_text(code)


def _until(day: date | None) -> Text:
    return text("until further notice") if day is None else text("until {day}", day=day)


def _value(condition: Condition) -> Any:
    value = condition.value
    match condition.name:
        case "contact_policy" | "address" | "refused":
            return media_names(value) or term("contact policy", "the action")
        case "message_cap" if value:
            return cap_text(value)
        case "open":
            return REASONS.get(value, value)
        case "erp_hold":
            return ERP_HOLDS.get(value) or text('"{code}"', code=value)
        case "excluded":
            return EXCLUDED.get(value, value)
        case "placed":
            return _lot(value)
        case "tolerance":
            return Decimal(value)
        case "step" | "proof":
            return state_of_step(value)
        case name if name in _DAYS:
            return _day_or_anchor(value)
    return value


def _lot(value: str) -> Text | str:
    """`alfa L-2026-0007` as the provider and its lot."""
    provider, _, lot = value.rpartition(" ")
    if not provider:
        return text("a provider")
    return text("{provider} (lot {lot})", provider=provider, lot=lot)


def _day_or_anchor(value: str) -> date | Text:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return text("day it came back unpaid")
