"""The contact policy's days and caps once more, just before messages leave: a step that was planned
or approved earlier does not break them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Protocol

import msgspec
from sqlalchemy import Connection

from incasso.contract.text import Text, text
from incasso.domain.recovery.contact_policy import Bounds, ContactPolicy, Contacts
from incasso.domain.recovery.iters import Stage
from incasso.locale.conditions import cap_text
from incasso.services.office.office import Office
from incasso.services.sending.contact_hours import calendar_of, rests
from incasso.services.sending.page_facts import is_internal
from incasso.store.proof import journal
from incasso.store.recovery.heard import HeardMessage, read_sent
from incasso.store.recovery.iters import read_rules
from incasso.store.sending import outbox
from incasso.store.sending.outbox_queue import ReadyStep


class Postponed(msgspec.Struct, frozen=True):
    """A step that may not leave today."""

    step: ReadyStep
    to: date | None
    """The first day that the policy allows; null: none within two months."""
    reason: Text
    client: str
    """Its code."""


class KnowsSteps(Protocol):
    """What the policy asks about a step: `PageFacts`, or messages that are written."""

    def stage(self, step: ReadyStep) -> Stage:
        """Its stage, or the case's own copy of it."""

    def code(self, step: ReadyStep) -> str:
        """Its client's code."""


def postponed(
    office: Office,
    connection: Connection,
    steps: Sequence[ReadyStep],
    facts: KnowsSteps,
    on: date,
    beside: Sequence[ReadyStep] = (),
) -> list[Postponed]:
    """Those of the steps that the contact policy puts off, if the others leave now.

    Formal notices first, then what is past due, then reminders; of these the oldest. What left
    counts, what waits in the queue too, but for these steps' own earlier tries, and what other
    channels have to send now: `beside`.
    """
    policy = read_rules(connection).policy
    messages = [
        step
        for step in (*steps, *beside)
        if not is_internal(step) and not rests(office, step.source, facts.stage(step), on)
    ]
    if not policy.enabled or not messages:
        return []
    heard = _heard(connection, messages, on) if policy.caps_messages else {}
    begun: Counter[int] = Counter()
    found, asked = [], {step.id for step in steps}
    for step in sorted(messages, key=lambda one: _urgency(one, facts)):
        before = heard.get(step.client_id, ())
        if step.id not in asked and any(one.step == step.id for one in before):
            continue  # it left a moment ago
        contacts = _contacts(before, on, begun[step.client_id])
        late = _if_late(office, policy, step, facts, contacts, on)
        if late is None:
            begun[step.client_id] += 1
        elif step.id in asked:
            found.append(late)
    return found


def _urgency(step: ReadyStep, facts: KnowsSteps) -> tuple[object, ...]:
    stage = facts.stage(step)
    return (not stage.is_formal, stage.before_due, step.due_on, step.id)


def hold_back(
    office: Office, connection: Connection, late: Collection[Postponed], on: date
) -> None:
    """Steps get the day on which they may leave, and say why; nothing else of them changes."""
    outbox.set_reasons(connection, {one.step.id: one.reason for one in late})
    moved = {one.step.id: one.to for one in late if one.to is not None}
    outbox.move_to(connection, moved)
    events = [
        journal.Event(
            kind="step.postponed",
            actor="dispatch",
            on=on,
            source=one.step.source,
            client=one.client,
            subject=f"step {one.step.id}",
            facts={"to": one.to, "stage": one.step.stage},
        )
        for one in late
    ]
    journal.record(connection, events, at=office.now())


def _heard(
    connection: Connection, steps: Sequence[ReadyStep], on: date
) -> Mapping[int, Sequence[HeardMessage]]:
    own = {step.id for step in steps}
    found = read_sent(connection, {step.client_id for step in steps}, on)
    return {
        client: [one for one in messages if one.left or one.step not in own]
        for client, messages in found.items()
    }


def _contacts(heard: Sequence[HeardMessage], on: date, begun: int) -> Contacts:
    today = sum(one.on == on for one in heard)
    return Contacts(messages_today=today + begun, messages_week=len(heard) + begun)


def _if_late(
    office: Office,
    policy: ContactPolicy,
    step: ReadyStep,
    facts: KnowsSteps,
    contacts: Contacts,
    on: date,
) -> Postponed | None:
    stage, code = facts.stage(step), facts.code(step)
    calendar = calendar_of(office, step.source)
    bounds = Bounds(exempt=stage.is_formal, working_days=stage.working_days)
    day = policy.postponed_to(step.medium, on, contacts, calendar, bounds)
    if day == on:
        return None
    full = "" if stage.is_formal else policy.cap_reached(contacts)
    why = cap_text(full) if full else text("contact policy")
    if day is None:
        return Postponed(step, None, text("no day is allowed: {why}", why=why), code)
    return Postponed(step, day, text("postponed to {day}: {why}", day=day, why=why), code)
