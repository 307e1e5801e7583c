"""Carries out the steps without a message: park, close, block orders; propose for a lot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection

from incasso.domain.recovery.actions import IN_HOUSE, Action
from incasso.domain.recovery.decision.stage_ahead import waits_for_lot
from incasso.domain.recovery.iters import Otherwise
from incasso.locale.reasons import task_text
from incasso.services.cases.progress import count_steps, park_cases, release_cases
from incasso.services.cases.stages import stages_of
from incasso.services.hub.events import tell_plugins
from incasso.services.hub.hub import Hub
from incasso.services.orders.block import block, block_event, freed_today
from incasso.services.sending.contact_hours import rests
from incasso.services.sending.still_blocked import blocked_now
from incasso.store.proof import journal
from incasso.store.proof.journal import Event
from incasso.store.sending import house_steps, page_reads
from incasso.store.sending.dispatcher_lock import DispatcherTurn
from incasso.store.sending.house_steps import HouseStep


def carry_out_in_house(hub: Hub, turn: DispatcherTurn, on: date) -> Mapping[Action, int]:
    """Carry out every ready step of these actions, one transaction each. How many of each."""
    done: Counter[Action] = Counter()
    with hub.store.read() as connection:
        steps = house_steps.ready(connection, IN_HOUSE, on)
    for step in steps:
        with turn.write() as connection:
            events = _carry_out(hub, connection, step, on)
            journal.record(connection, events, at=hub.now())
        if events:
            done[step.action] += 1
            tell_plugins(hub, events, hub.now())
    return done


def _carry_out(hub: Hub, connection: Connection, step: HouseStep, on: date) -> list[Event]:
    """Nothing, if what is owed was paid or blocked since the step was planned."""
    lines = page_reads.lines(connection, [step.step_id]).get(step.step_id, [])
    blocked = blocked_now(connection, [line.case_id for line in lines], on) if lines else {}
    for case, reason in blocked.items():
        release_cases(connection, [case], on, reason)
    cases = [line.case_id for line in lines if line.case_id not in blocked]
    if not cases or not house_steps.is_ready(connection, step.step_id):
        return []
    stage = stages_of(connection, [step])[step.step_id]
    if rests(hub, step.source, stage, on):
        return []
    facts = {"stage": step.stage, "cases": len(cases)}
    if step.action == Action.PLACE:
        # Only a person places a client: the step goes to the list of lot proposals.
        house_steps.hand_over(connection, step.step_id, task_text(waits_for_lot(stage)))
        if stage.otherwise is Otherwise.ADVANCE:
            house_steps.wait_until(connection, step.step_id, on + timedelta(days=stage.proof_days))
        return [_event(step, "step.proposed", on, {**facts, "service": stage.service})]
    if step.action == Action.BLOCK_ORDERS and (
        who := freed_today(hub, connection, step.client_id, on)
    ):
        house_steps.hand_over(connection, step.step_id, who)
        return [_event(step, "step.proposed", on, {**facts, "why": who})]
    house_steps.done(connection, step.step_id, on)
    count_steps(connection, [step.step_id], on)
    if step.action == Action.PARK:
        park_cases(connection, cases, stage.container)
        return [_event(step, "case.parked", on, {**facts, "container": stage.container})]
    if step.action == Action.CLOSE:
        house_steps.close(connection, cases, on, stage.label or stage.key)
        return [_event(step, "case.closed", on, facts)]
    reason = stage.label or stage.key
    made = block(hub, connection, step.client_id, reason=reason, by="", on=on, step=step.step_id)
    return [block_event(made, step, reason=reason, by="", on=on, step=step.step_id)]


def _event(step: HouseStep, kind: str, on: date, facts: Mapping[str, Any]) -> Event:
    return Event(
        kind=kind,
        actor="dispatch",
        on=on,
        source=step.source,
        client=step.client,
        subject=f"step {step.step_id}",
        facts=facts,
    )
