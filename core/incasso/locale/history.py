"""What happened to a client, a sentence for each kind of event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from string import Formatter
from typing import Any, Final, TypeAlias

from incasso.contract.text import Text, template, term, text
from incasso.locale.acts import ACTS
from incasso.locale.history_details import (
    Facts,
    contact_set,
    corrected,
    day_in,
    decimal_in,
    details,
    document_of,
    of_the_call,
    parked,
    with_parts,
)
from incasso.locale.history_messages import message_text
from incasso.locale.history_placements import OF_PLACEMENTS, reported
from incasso.locale.history_replies import OF_REPLIES, received
from incasso.locale.labels import (
    ACTIONS,
    AGREEMENT_KINDS,
    CLIENT_FIELDS,
    CONTACT_KINDS,
    DISPUTE_RESULTS,
    MEDIA,
    OUTCOMES,
    PAYMENT_KINDS,
    WRITE_BACKS,
)
from incasso.locale.reasons import REASONS
from incasso.locale.showing import agreement_text, with_reason

SERVICES: Final = frozenset(
    {
        *("", "sync", "plan", "dispatch", "collect", "exchange", "documents", "assign"),
        *("run", "clock", "hub"),
    }
)
"""Actors that are no person: the kind of event says who it was."""


_TOLD: Final[Mapping[str, str]] = {
    **OF_REPLIES,
    **OF_PLACEMENTS,
    "agreement.ended": template("{kind} over"),
    "agreement.released": template("released: {kinds}"),
    "agreement.superseded": template("superseded: {kinds}, new agreement: {by}"),
    "assigned": template("given to {operator} {responsible}"),
    "case.closed": template("case of installment {key} closed, {reason}"),
    "case.opened": template("case opened for installment {key}"),
    "client.address_unmarked": template("{address} is used again"),
    "client.altered": template("the client's record was changed outside the hub"),
    "client.healed": template("the client's record is again as the source says"),
    "client.contact_ended": template("contact {role} taken away"),
    "client.correction_ended": template(
        "the ERP gives {field} {erp_value} now, instead of {value}"
    ),
    "client.erp_block_ended": template("the ERP ended its own order block"),
    "client.erp_block_missing": template("the order block does not show in the ERP"),
    "client.consented": template("agreed to be contacted by {media}, {origin}"),
    "client.excluded": template("excluded from reminders"),
    "client.included": template("counted in again"),
    "client.merged": template("was client {was} before"),
    "client.orders_block_moved": template("order block of client {was} goes on"),
    "client.orders_blocked": template("orders blocked"),
    "client.orders_freed_in_erp": template("orders freed by hand in the ERP"),
    "client.orders_released": template("orders released"),
    "client.refused": template("does not want to be contacted by {media}, {origin}"),
    "delivery.cancelled": template("message cancelled"),
    "dispute.answered": template("dispute answered, {result}: {answer}"),
    "document.fetched": template("document filed: {filename}"),
    "dossier.made": template("dossier for the lawyer made: {file}"),
    "installment.altered": template("installment {key} was changed outside the hub"),
    "installment.healed": template("installment {key} is again as the source says"),
    "ledger.altered": template("the ledger was changed outside the hub"),
    "installment.renumbered": template("installment {key} was called {was}"),
    "iter.chosen": template("iter chosen: {iter}"),
    "stage.added": template("added for {to}: {stages}"),
    "stage.chosen": template("goes on at {stage}"),
    "stage.skipped": template("skipped: {stages}"),
    "stages.changed": template("own stages: {stages}"),
    "step.approved": template("{stage} approved"),
    "step.edited": template("words changed"),
    "step.left": template("{stage} did not leave"),
    "step.moved": template("moved to {to}"),
    "step.postponed": template("{stage} postponed"),
    "write_back.done": template("{kind} written into the ERP"),
    "write_back.failed": template("{kind} failed in the ERP"),
    "write_back.uncertain": template("{kind} in the ERP in doubt"),
    "write_back.manual": template("{kind} in the ERP left to a person"),
    "write_back.cancelled": template("{kind} in the ERP dropped"),
    "write_back.queued": template("{kind} for the ERP queued"),
}
"""Sentences that are filled in from the facts of the event alone."""

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "kind": {**AGREEMENT_KINDS, **WRITE_BACKS},
    "kinds": {**AGREEMENT_KINDS, "park": ACTIONS["park"]},
    "by": AGREEMENT_KINDS,
    "result": DISPUTE_RESULTS,
    "reason": REASONS,
    "medium": MEDIA,
    "media": {**MEDIA, **ACTIONS},
    "field": CLIENT_FIELDS,
}
"""Facts that are codes, with their words."""


def history_text(
    kind: str, facts: Facts, *, who: str, amount: Decimal | None, currency: str
) -> Text:
    """What happened, with who did it and why.

    `who` is the person's name, or an actor of `SERVICES`. `facts` are those of the event; the news
    of a message has those of the message as well. A kind without words is told by its name.
    """
    thing = kind.partition(".")[0]
    made = _OF.get(kind) or _OF.get(thing)
    if made is not None:
        told = made(kind, facts, amount, currency)
    elif kind in _TOLD:
        told = _filled(_TOLD[kind], facts)
    else:
        told = Text(kind)
    return with_reason(told, "" if who in SERVICES else who, _why(kind, facts))


def has_words(kind: str) -> bool:
    """Whether a kind of event has a sentence of its own."""
    return kind in _TOLD or kind in _OF or kind.partition(".")[0] in _OF


def _why(kind: str, facts: Facts) -> str:
    """The reason that a person gave, or a service found."""
    if kind in ("step.done", "step.tried"):
        outcome = str(facts.get("outcome") or facts.get("why") or "")
        return OUTCOMES.get(outcome, outcome)
    if kind == "client.contacted":
        return str(facts.get("text") or facts.get("why") or "")
    why = str(facts.get("why") or facts.get("reason_told") or "")
    return _LEFT_FOR.get(why, why) if kind == "step.left" else why


_LEFT_FOR: Final[Mapping[str, str]] = {
    **AGREEMENT_KINDS,
    "parked": ACTIONS["park"],
    "extended": AGREEMENT_KINDS["extension"],
    "excluded": text("excluded from reminders"),
}
"""Why a case left a step, where a person gave no reason for the act."""


def _agreement(kind: str, facts: Facts, amount: Decimal | None, currency: str) -> Text:
    """Made, kept or broken."""
    if kind in _TOLD:
        return _filled(_TOLD[kind], facts)
    what = str(facts.get("agreement") or facts.get("kind") or "")
    payments = facts.get("payments") or []
    until = payments[-1]["on"] if payments else facts.get("until")
    told = agreement_text(what, until=day_in(until), amount=amount, currency=currency)
    if days := facts.get("days"):
        told = text("{what} of {days} days", what=AGREEMENT_KINDS.get(what, what), days=days)
    told = with_parts(told, details(facts))
    match kind:
        case "agreement.kept":
            return text("kept: {told}", told=told)
        case "agreement.broken":
            return text("broken: {told}", told=told)
    return told


def _undone(kind: str, facts: Facts, amount: Decimal | None, currency: str) -> Text:
    """Which act was taken back, and about what if that was not the client."""
    act = str(facts.get("act", ""))
    what = ACTS[act].infinitive if act in ACTS else act
    thing, _, key = str(facts.get("about", "")).partition(" ")
    told = text("taken back (event {event}): {what}", event=facts.get("event", ""), what=what)
    if thing == "installment":
        return with_parts(told, [text("installment {name}", name=key)])
    if thing == "reply":
        return with_parts(told, [text("reply {number}", number=key)])
    return told if thing in ("client", "") else with_parts(told, [thing])


def _installment(kind: str, facts: Facts, amount: Decimal | None, currency: str) -> Text:
    if kind in _TOLD:
        return _filled(_TOLD[kind], facts)
    values = {
        **document_of(facts, str(facts.get("key", ""))),
        "amount": amount,
        "currency": currency,
    }
    match kind:
        case "installment.new":
            due = day_in(facts.get("due"))
            return text(
                "new {document} {number}, {amount} {currency} due on {due}", due=due, **values
            )
        case "installment.unpaid":
            return text("{document} {number} came back unpaid, {amount} {currency}", **values)
        case "installment.reopened":
            return text("{document} {number} open again, {amount} {currency}", **values)
        case "installment.charges" if not amount:
            return text("{document} {number}: no bank charges are asked", **values)
        case "installment.charges":
            return text("{document} {number}: bank charges of {amount} {currency}", **values)
        case "installment.part_paid":
            return text(
                "{document} {number} paid in part, {amount} {currency}, {left} {currency} left",
                left=decimal_in(facts.get("residual")),
                **values,
            )
        case "installment.paid" if amount is not None and amount < 0:
            return text("{document} {number} used up, {amount} {currency}", **values)
        case "installment.paid":
            return text("{document} {number} paid, {amount} {currency}", **values)
        case "installment.vanished":
            return text("{document} {number} no longer in the ERP, {amount} {currency}", **values)
    return text("{document} {number} deleted in the ERP, {amount} {currency}", **values)


def _payment(kind: str, facts: Facts, amount: Decimal | None, currency: str) -> Text:
    code = kind.partition(".")[2]
    what = PAYMENT_KINDS.get(code, code)
    document = facts.get("document") or facts.get("installment")
    if not document:
        return text("{what} of {amount} {currency}", what=what, amount=amount, currency=currency)
    return text(
        "{what} of {amount} {currency} on document {document}",
        what=what,
        amount=amount,
        currency=currency,
        document=document,
    )


def _done(kind: str, facts: Facts, amount: Decimal | None, currency: str) -> Text:
    stage = facts.get("stage") or term("history", "step")
    if kind == "step.tried":
        return text("{stage} tried, nobody reached", stage=stage)
    return text("{stage} done", stage=stage)


def _contacted(kind: str, facts: Facts, amount: Decimal | None, currency: str) -> Text:
    contact = str(facts.get("contact", ""))
    told: str = CONTACT_KINDS.get(contact, contact)
    if facts.get("who"):
        told = text("{told} with {who}", told=told, who=facts["who"])
    if facts.get("call_back_on"):
        told = text(
            "{told}, to be called back on {day} {time}",
            told=told,
            day=day_in(facts["call_back_on"]),
            time=facts.get("call_back_time", ""),
        )
    told = told if isinstance(told, Text) else Text(told)
    return with_parts(told, of_the_call(facts))


def _rejected(kind: str, facts: Facts, amount: Decimal | None, currency: str) -> Text:
    """To be asked again on a day, or skipped for good."""
    if facts.get("skipped"):
        return _filled(template("skipped on purpose: {stages}"), facts)
    if facts.get("until"):
        return _filled(template("rejected, asked again on {until}: {stages}"), facts)
    return _filled(template("rejected: {stages}"), facts)


def _proposed(kind: str, facts: Facts, amount: Decimal | None, currency: str) -> Text:
    """A placement waits for a lot, which only a person makes; other steps for a person."""
    if "service" in facts:
        return _filled(template("proposed for placement: {stage}"), facts)
    return _filled(template("{stage} left to a person"), facts)


Told: TypeAlias = Callable[[str, Facts, Decimal | None, str], Text]

_OF: Final[Mapping[str, Told]] = {
    "agreement": _agreement,
    "delivery": message_text,
    "installment": _installment,
    "payment": _payment,
    "message.received": received,
    "told": reported,
    "step.done": _done,
    "step.proposed": _proposed,
    "step.rejected": _rejected,
    "step.tried": _done,
    "act.undone": _undone,
    "case.parked": parked,
    "client.contacted": _contacted,
    "client.corrected": lambda kind, facts, amount, currency: corrected(facts),
    "client.contact_set": lambda kind, facts, amount, currency: contact_set(facts),
}
"""By the kind of event, else by its thing."""


def _filled(sentence: str, facts: Facts) -> Text:
    """A sentence with the facts it names; what an event does not tell stays empty."""
    names = {name for _, name, _, _ in Formatter().parse(sentence) if name}
    return Text(sentence, {name: _value(name, facts.get(name, "")) for name in names})


def _value(name: str, value: Any) -> Any:
    words = _WORDS.get(name, {})
    if isinstance(value, list):
        return [words.get(str(each), str(each)) for each in value]
    if name in ("to", "on", "until", "due"):
        return day_in(value) or value
    return words.get(str(value), "" if value is None else value)


def amount_in(facts: Facts) -> tuple[Decimal | None, str]:
    """The amount that an event is about, and its currency."""
    payments = facts.get("payments")
    if isinstance(payments, list) and payments:
        parts = [str(each.get("amount", "")).split() for each in payments]
        sums = [decimal_in(part[0]) if part else None for part in parts]
        known = [each for each in sums if each is not None]
        currency = parts[0][1] if len(parts[0]) > 1 else str(facts.get("currency", ""))
        return (sum(known, Decimal(0)), currency) if len(known) == len(sums) else (None, "")
    seen = facts.get("seen")
    told = seen if isinstance(seen, dict) else facts
    for name in ("total", "amount", "residual"):
        if (amount := decimal_in(told.get(name))) is not None:
            return amount, str(told.get("currency", ""))
    return None, ""
