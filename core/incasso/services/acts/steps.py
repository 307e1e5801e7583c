"""A step changed or carried out by a person: move, approve, reject, done."""

from __future__ import annotations

from incasso.contract.text import Text, text
from incasso.domain.acts.permission import who_may_let
from incasso.domain.acts.steps import Approve, Done, Move, Reject
from incasso.domain.recovery.actions import CONVERSATIONS, Action
from incasso.domain.recovery.contacts import ContactKind, outcome_named
from incasso.domain.recovery.iters import Mode
from incasso.domain.recovery.states import WAITING, StepStatus
from incasso.domain.recovery.timing import last_adjustment
from incasso.locale.reasons import task_text
from incasso.services.acts.agreements import promise_within
from incasso.services.acts.attempts import tried
from incasso.services.acts.contacts import record
from incasso.services.acts.doing import ActError, Doing, carry_out
from incasso.services.acts.editing import seen
from incasso.services.acts.finding import find_address
from incasso.services.acts.stages import (
    ask_again,
    calendar_of,
    cases_of,
    skip_step,
    stage_of,
    waiting_step,
)
from incasso.services.cases.progress import count_steps
from incasso.services.orders.block import block, block_event
from incasso.store.recovery import agenda, contacts, manual_changes
from incasso.store.recovery.manual_changes import StepToChange


@carry_out.register
def _move(act: Move, doing: Doing) -> Text:
    if doing.subject.kind == "step":
        row = waiting_step(doing)
        to = last_adjustment(stage_of(doing, row), act.to, calendar_of(doing))
        doing.change_step(row.id, due_on=to)
        doing.note(manual_changes.cases_in(doing.connection, row.id), "moved", row.stage, row.id)
    else:
        to, cases = act.to, cases_of(doing)
        doing.leave_steps(cases, "moved")
        doing.change_cases(cases, moved_to=act.to)
        doing.note(cases, "moved")
        touched = [target.installment_id for target in doing.targets()]
        agenda.review_on(doing.connection, touched, doing.on)
    doing.tell("step.moved", to=to)
    return text("Moved to {day}: {subject}.", day=to, subject=doing.named)


@carry_out.register
def _approve(act: Approve, doing: Doing) -> Text:
    row = waiting_step(doing, StepStatus.PROPOSED)
    _need_role_for(doing, row)
    doing.change_step(row.id, status=StepStatus.READY, reason="")
    doing.note(manual_changes.cases_in(doing.connection, row.id), "approved", row.stage, row.id)
    doing.tell("step.approved", stage=row.stage, seen=seen(doing, row.id))
    return text("Approved: {subject}.", subject=doing.named)


@carry_out.register
def _reject(act: Reject, doing: Doing) -> Text:
    """The stage is not overtaken: the next one follows only if this one is skipped on purpose."""
    row = waiting_step(doing, StepStatus.PROPOSED)
    if act.skip:
        stages = skip_step(doing, row.id)
        doing.tell("step.rejected", stages=stages, skipped=True)
        return text("Rejected, {stages} skipped: {subject}.", stages=stages, subject=doing.named)
    again = ask_again(doing, row.id, act.until)
    doing.tell("step.rejected", stages=[row.stage], until=again)
    return text("Rejected, asked again on {day}: {subject}.", day=again, subject=doing.named)


@carry_out.register
def _done(act: Done, doing: Doing) -> Text:
    """Steps that the hub carries out itself are refused."""
    row = waiting_step(doing, *WAITING)
    if row.mode != Mode.MANUAL:
        raise ActError(
            text("step:{step} is carried out by the hub: approve, move or skip it.", step=row.id)
        )
    _need_role_for(doing, row)
    _need_lot(doing, row)
    if row.action in CONVERSATIONS or act.call_back is not None:
        _converse(doing, row.action, act)
    if not act.not_reached and (found := find_address(doing, row, act)):
        return found
    if act.not_reached:
        return tried(act, doing, row)
    cases = manual_changes.cases_in(doing.connection, row.id)
    if row.action == Action.BLOCK_ORDERS:
        _block_orders(doing, row.id, doing.why)
    doing.change_step(row.id, status=StepStatus.DONE, done_on=doing.on, outcome=act.outcome)
    doing.note(cases, "done", row.stage, row.id)
    count_steps(doing.connection, [row.id], doing.on)
    doing.tell("step.done", outcome=act.outcome, stage=row.stage)
    if act.promise is None:
        return text("Done: {subject}.", subject=doing.named)
    return text(
        "Done, {amount} promised by {day}: {subject}.",
        amount=promise_within(doing, until=act.promise, amount=act.amount),
        day=act.promise,
        subject=doing.named,
    )


def _need_role_for(doing: Doing, row: StepToChange) -> None:
    """A step with the lawyers, or that writes a credit off, is not everybody's to let happen."""
    doing.need_role(who_may_let(row.action, stage_of(doing, row).container))


def _need_lot(doing: Doing, row: StepToChange) -> None:
    """Saying so places nothing: only a lot that a provider has carries out a `place` stage."""
    if row.action.traits.proposed:
        raise ActError(
            text(
                "step:{step} {waits}, and is done when a provider has it: skip it to go on "
                "without.",
                step=row.id,
                waits=task_text(f"lot {stage_of(doing, row).service}"),
            )
        )


def _block_orders(doing: Doing, step: int, reason: str) -> None:
    """A block that waited for a person holds in the hub as if the step had made it."""
    client, by, on = doing.subject.client_id, doing.by, doing.on
    made = block(doing.office, doing.connection, client, reason=reason, by=by, on=on, step=step)
    doing.events.append(block_event(made, doing.subject, reason=reason, by=by, on=on, step=step))


def _converse(doing: Doing, action: Action, act: Done) -> None:
    """The call or visit that was made, or tried; what another step brings is a note."""
    kind = ContactKind(action) if action in CONVERSATIONS else ContactKind.NOTE
    outcome = outcome_named(act.outcome, contacts.outcomes(doing.connection))
    record(
        doing,
        kind,
        outcome=outcome,
        call_back=act.call_back,
        reached=not act.not_reached,
        note=act.outcome,
    )
