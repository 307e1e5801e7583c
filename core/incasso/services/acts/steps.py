"""A step changed or carried out by a person: move, edit, approve, reject, done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from incasso.contract.media import Medium
from incasso.domain.recovery.actions import CONVERSATIONS, Action
from incasso.domain.recovery.iters import Mode
from incasso.services.acts.act import Act, ActError, acting, need_future, need_why
from incasso.services.acts.agreements import promise_within
from incasso.services.acts.stages import cases_of, skip_step, waiting_step
from incasso.services.orders.block import block, block_event
from incasso.services.recovery.case_progress import count_steps
from incasso.services.running.hub import Hub
from incasso.store.recovery import agreements, manual_changes


@dataclass(frozen=True, kw_only=True)
class PromiseMade:
    """What the client promised in a conversation; no amount: everything past due."""

    until: date
    amount: Decimal | None = None


def move(hub: Hub, subject: str, *, by: str, on: date, why: str = "", to: date) -> str:
    """Do it on another day: a step that waits, or the next stage of a case."""
    need_future(to, on, "The new day")
    with acting(hub, subject, by=by, on=on, why=why) as act:
        if act.subject.kind == "step":
            row = waiting_step(act)
            manual_changes.set_step(act.connection, row.id, due_on=to)
            act.note(manual_changes.cases_in(act.connection, row.id), "moved", row.stage, row.id)
        else:
            cases = cases_of(act)
            act.leave_steps(cases, "moved")
            manual_changes.set_cases(act.connection, cases, moved_to=to)
            act.note(cases, "moved")
            touched = [target.installment_id for target in act.targets()]
            agreements.look_again(act.connection, touched, on)
        act.tell("step.moved", to=to)
        return f"Moved to {to}: {act.subject}."


def edit(
    hub: Hub,
    subject: str,
    *,
    by: str,
    on: date,
    why: str = "",
    medium: str | None = None,
    title: str | None = None,
    text: str | None = None,
) -> str:
    """Change how a message travels, its subject line or its words. Raises ActError."""
    changes: dict[str, object] = {
        name: value
        for name, value in (
            ("medium", medium),
            ("subject_override", title),
            ("text_override", text),
        )
        if value is not None
    }
    if not changes:
        raise ActError("Say what to change: `--medium`, `--title` or `--text`.")
    with acting(hub, as_step(subject), by=by, on=on, why=why) as act:
        row = waiting_step(act)
        if not Action(row.action).by_message:
            raise ActError(f"step:{row.id} is a {row.action}, not a message: nothing to edit.")
        if medium is not None:
            _need_address(act, row.client_id, medium)
        manual_changes.set_step(act.connection, row.id, **changes)
        act.note(manual_changes.cases_in(act.connection, row.id), "edited", row.stage, row.id)
        act.tell("step.edited", changes=sorted(changes))
        return f"Changed {', '.join(sorted(changes))}: {act.subject}."


def approve(hub: Hub, subject: str, *, by: str, on: date, why: str = "") -> str:
    """Let a proposed step leave with the next dispatch. Raises ActError."""
    with acting(hub, as_step(subject), by=by, on=on, why=why) as act:
        row = waiting_step(act, "proposed")
        manual_changes.set_step(act.connection, row.id, status="ready", reason="")
        act.note(manual_changes.cases_in(act.connection, row.id), "approved", row.stage, row.id)
        act.tell("step.approved", stage=row.stage)
        return f"Approved: {act.subject}."


def reject(hub: Hub, subject: str, *, by: str, on: date, why: str) -> str:
    """Refuse a proposed step: its stage is skipped for all its cases. Raises ActError."""
    need_why(why, "reject a step")
    with acting(hub, as_step(subject), by=by, on=on, why=why) as act:
        stages = skip_step(act, waiting_step(act, "proposed").id)
        act.tell("step.rejected", stages=stages)
        return f"Rejected: {act.subject}."


def done(
    hub: Hub,
    subject: str,
    *,
    by: str,
    on: date,
    why: str = "",
    outcome: str = "",
    reached: bool = True,
    promised: PromiseMade | None = None,
) -> str:
    """A person carried a step out: the call was made, the visit paid, the task finished.

    Nobody `reached`: the attempt is recorded and the step stays to be done again. Raises ActError
    for steps that the hub carries out itself.
    """
    if promised is not None and not reached:
        raise ActError("Nobody was reached, so nothing was promised: leave one of them out.")
    with acting(hub, as_step(subject), by=by, on=on, why=why or outcome) as act:
        row = waiting_step(act, "proposed", "ready", "working")
        if row.mode != Mode.MANUAL:
            raise ActError(f"step:{row.id} is carried out by the hub: approve, move or skip it.")
        if row.action in CONVERSATIONS:
            _converse(act, hub, row.action, reached, outcome)
        cases = manual_changes.cases_in(act.connection, row.id)
        if not reached:
            manual_changes.set_step(act.connection, row.id, reason=outcome or "not reached")
            act.note(cases, "not reached", row.stage, row.id)
            act.tell("step.tried", outcome=outcome)
            return f"Tried, to be done again: {act.subject}."
        if row.action == Action.BLOCK_ORDERS:
            _block_orders(act, hub, row.id, why or outcome)
        manual_changes.set_step(act.connection, row.id, status="done", done_on=on, outcome=outcome)
        act.note(cases, "done", row.stage, row.id)
        count_steps(act.connection, [row.id], on)
        act.tell("step.done", outcome=outcome, stage=row.stage)
        if promised is None:
            return f"Done: {act.subject}."
        agreed = promise_within(act, until=promised.until, amount=promised.amount)
        return f"Done, {agreed} promised by {promised.until}: {act.subject}."


def _block_orders(act: Act, hub: Hub, step: int, reason: str) -> None:
    """A block that waited for a person holds in the hub as if the step had made it."""
    client, by, on = act.subject.client_id, act.by, act.on
    made = block(hub, act.connection, client, reason=reason, by=by, on=on, step=step)
    act.events.append(block_event(made, act.subject, reason=reason, by=by, on=on, step=step))


def as_step(subject: str) -> str:
    """Where only a step will do, its number alone is enough."""
    number = subject.strip()
    return f"step:{number}" if number.isdecimal() else subject


def _need_address(act: Act, client: int, medium: str) -> None:
    """A medium through which the client has an address. Raises ActError."""
    if medium not in list(Medium):
        raise ActError(f"{medium} is not a medium: choose from {', '.join(Medium)}.")
    if not manual_changes.address_for(act.connection, client, medium):
        raise ActError(f"{act.subject.client} has no address for {medium}: choose another way.")


def _converse(act: Act, hub: Hub, medium: str, reached: bool, note: str) -> None:
    manual_changes.record_conversation(
        act.connection,
        client=act.subject.client_id,
        step=act.subject.id,
        on=act.on,
        at=hub.now(),
        medium=medium,
        effective=reached,
        who=act.by,
        note=note,
    )
