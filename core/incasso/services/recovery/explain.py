"""Explain: why something happens to an installment on a day, and why not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

import msgspec
from sqlalchemy import Connection

from incasso.contract.text import Text, counted, text
from incasso.domain.money import from_minor
from incasso.domain.office.actor import Scope
from incasso.domain.recovery.decision import Decision, Verdict, decide
from incasso.domain.recovery.facts import Rulebook
from incasso.domain.sending.client_contacts import ClientContact
from incasso.locale.decisions import decision_text, failed_way_text, step_made_text
from incasso.locale.reasons import media_names
from incasso.services.office.office import Office
from incasso.services.office.subjects import resolve
from incasso.services.office.trust import trust_rule
from incasso.services.orders.credit_status import reason_of, who_blocks
from incasso.services.recovery.client_day import facts_of_day
from incasso.services.recovery.explanation import (
    ExplainedCondition,
    Explanation,
    When,
    explained,
)
from incasso.services.recovery.past import explain_past
from incasso.store.ledger.charges import ReturnedBill, returned_bills
from incasso.store.lists.blocked import OrderingClient, credit_status
from incasso.store.lists.subjects import Subject
from incasso.store.recovery import agreements, looks, reaching
from incasso.store.recovery.explaining import (
    FailedWay,
    InstallmentName,
    LastRead,
    failed_ways,
    installments_of,
    last_read,
    names_of,
    these,
    why_steps_wait,
)
from incasso.store.recovery.facts import FactsReader, Situation
from incasso.store.recovery.iters import read_rules, versions
from incasso.store.recovery.reaching import StandingRefusal

__all__ = ["ExplainedCondition", "Explanation", "When", "explain"]


def explain(office: Office, scope: Scope, subject: str, on: date) -> tuple[Explanation, ...]:
    """Explain a client's installments, one installment, or those of a case or step.

    A day before the last one on which the source was read or a plan was made is told as it was
    known then; a day to come as if nothing changed; else the same decision as planning takes, on
    the facts as they stand. A client's open installments come oldest due date first. Raises
    SubjectError if nothing in the scope is called that.
    """
    with office.store.read() as connection:
        found = resolve(connection, subject, scope)
        read = last_read(connection, found.source_id)
        when = _when(on, _known_until(connection, read), _today(office))
        past = on if when is When.PAST else None
        wanted = installments_of(connection, found.kind, found.id, past)
        names = names_of(connection, wanted)
        if when is When.PAST:
            return explain_past(connection, names, on)
        rules = read_rules(connection)
        standing = credit_status(connection, scope, found.source, found.client)
        situations = _situations(office, connection, rules, found, wanted, on, when)
        made = _steps_of_today(connection, names, on) if when is When.PRESENT else {}
        failed = _failed(connection, wanted) if when is When.PRESENT else {}
        waits = why_steps_wait(connection, wanted) if when is When.PRESENT else {}
        broken = agreements.broken_by(connection, found.client_id)
        bills = returned_bills(connection, wanted)
        refused = reaching.standing(connection, found.client_id, on)
        kept = reaching.contacts(connection, [found.client_id]).get(found.client_id, ())
    told = (
        _now(
            *(one, names[one.installment_id], on, when, read),
            made.get(one.installment_id, ()),
            failed.get(one.installment_id, ()),
            waits.get(one.installment_id, ""),
        )
        for one in situations
    )
    charged = (
        _with_charges(one, bills[situation.installment_id])
        for one, situation in zip(told, situations, strict=True)
    )
    promised = (_with_promises(one, broken) for one in charged)
    named = (_with_refusals(_with_contacts(one, kept), refused) for one in promised)
    return tuple(_with_orders(one, standing, office.config.language) for one in named)


def _with_promises(one: Explanation, broken: int) -> Explanation:
    """Say too how far the client's promises can be relied upon."""
    if not broken:
        return one
    remark = counted(
        "The client has broken {n} promise so far.",
        "The client has broken {n} promises so far.",
        n=broken,
    )
    return replace(one, remarks=(*one.remarks, remark))


def _with_contacts(one: Explanation, kept: Sequence[ClientContact]) -> Explanation:
    """Say too which contacts are tried before the addresses of the ERP."""
    if not kept:
        return one
    remark = text(
        "Contacts kept here go before the ERP's addresses: {contacts}.",
        contacts=[
            " ".join(filter(None, (each.role, each.email, each.pec, each.mobile))) for each in kept
        ],
    )
    return replace(one, remarks=(*one.remarks, remark))


def _with_refusals(one: Explanation, refused: Sequence[StandingRefusal]) -> Explanation:
    """Say too what the client said about being contacted, when, and who knows it."""
    return replace(one, remarks=(*one.remarks, *map(_refusal_text, refused)))


def _refusal_text(refusal: StandingRefusal) -> Text:
    values = {
        "day": refusal.since,
        "medium": media_names(refusal.medium),
        "address": refusal.address,
        "origin": refusal.origin,
    }
    if refusal.address:
        return text("Refused on {day}: {medium} to {address} ({origin}).", **values)
    return text("Refused on {day}: {medium} ({origin}).", **values)


def _with_charges(one: Explanation, bill: ReturnedBill) -> Explanation:
    """Say too what is asked for the bank's charges."""
    if not bill.charges:
        return one
    remark = text(
        "It came back from the bank: charges of {amount} {currency} are asked beside it.",
        amount=from_minor(bill.charges, bill.currency),
        currency=bill.currency,
    )
    return replace(one, remarks=(*one.remarks, remark))


def _today(office: Office) -> date:
    return office.now().astimezone(office.config.timezone).date()


def _known_until(connection: Connection, read: LastRead) -> date | None:
    """The last business day of which the hub knows anything."""
    days = (read.good_on, read.on, looks.last_planned(connection))
    return max((day for day in days if day is not None), default=None)


def _when(on: date, known: date | None, today: date) -> When:
    if known is not None and on < known:
        return When.PAST
    if known is None or on in (known, today):
        return When.PRESENT
    return When.FUTURE


def _situations(
    office: Office,
    connection: Connection,
    rules: Rulebook,
    subject: Subject,
    wanted: Collection[int],
    on: date,
    when: When,
) -> list[Situation]:
    """The facts as they stand, seen with all that the client has open: what else it gets on the
    day bears on each. On a day to come every ledger counts as read."""
    trusted = trust_rule(office, on, office.now()) if when is When.PRESENT else lambda *_: True
    reader = FactsReader(connection, rules, on, trusted=trusted, exact=True)
    whole = {*wanted, *installments_of(connection, "client", subject.client_id)}
    found = reader.read(connection, these(connection, whole))
    facts = facts_of_day(connection, reader, found, on)
    chosen = set(wanted)
    ours = [
        msgspec.structs.replace(one, facts=facts[one.installment_id])
        for one in found
        if one.installment_id in chosen
    ]
    return sorted(ours, key=lambda one: (one.facts.effective_due, one.installment_id))


def _steps_of_today(
    connection: Connection, names: Mapping[int, InstallmentName], on: date
) -> dict[int, tuple[str, ...]]:
    """What the plan of that day made, which the facts show as done already."""
    clients = {number: name.client_id for number, name in names.items()}
    found = looks.last_looks(connection, clients, on, versions(connection), since=on)
    return {
        number: (step_made_text(look.step, decide(look.seen.facts, on)),)
        for number, look in found.items()
        if look.seen is not None and look.seen.decided.verdict is Verdict.STEP
    }


def _failed(connection: Connection, wanted: Collection[int]) -> Mapping[int, Sequence[FailedWay]]:
    """Messages that reached nobody: why another way is taken."""
    found: dict[int, list[FailedWay]] = defaultdict(list)
    for way in failed_ways(connection, wanted):
        found[way.installment_id].append(way)
    return found


def _now(
    situation: Situation,
    name: InstallmentName,
    on: date,
    when: When,
    read: LastRead,
    made: tuple[str, ...],
    failed: Sequence[FailedWay],
    waits: str,
) -> Explanation:
    decision = decide(situation.facts, on)
    stage = decision.stage.key if decision.stage is not None else ""
    came_to_nothing = (failed_way_text(w.medium, w.reason) for w in failed if w.stage == stage)
    future = when is When.FUTURE
    remarks = (
        *made,
        *came_to_nothing,
        *(_of_the_future(decision, name, on, read) if future else ()),
    )
    return explained(
        name,
        on,
        when,
        decision,
        decision_text(decision, None if future else on, waits),
        known_on=read.good_on,
        case=None if situation.case is None else situation.case.id,
        remarks=remarks,
    )


def _of_the_future(
    decision: Decision, name: InstallmentName, on: date, read: LastRead
) -> Iterator[str]:
    """What to keep in mind about an answer that supposes that nothing changes."""
    if decision.verdict is Verdict.STEP and decision.due is not None and decision.due < on:
        yield text(
            "It is due on {day} already: `incasso simulate` tells what follows from it.",
            day=decision.due,
        )
    if read.good_on is not None:
        yield text(
            "The ledger of {source} was last read on {day}: nothing leaves until it is read again.",
            source=name.source,
            day=read.good_on,
        )


def _with_orders(one: Explanation, standing: OrderingClient | None, language: str) -> Explanation:
    """Say too whether the client may order."""
    if standing is None or (by := who_blocks(standing)) is None:
        return one
    return replace(
        one,
        orders_blocked_by=by,
        orders_blocked_since=standing.since,
        orders_blocked_reason=reason_of(standing, language),
    )
