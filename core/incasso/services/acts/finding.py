"""Tasks that stand in for a message because no medium reached the client: find the address."""

from __future__ import annotations

from incasso.contract.text import Text, text
from incasso.domain.acts.steps import Done
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.iters import Stage
from incasso.domain.recovery.states import StepStatus
from incasso.domain.sending.reach import first_address
from incasso.services.acts.addresses import correct, told
from incasso.services.acts.doing import ActError, Doing
from incasso.services.acts.stages import stage_of
from incasso.store.recovery import manual_changes
from incasso.store.recovery.manual_changes import StepToChange
from incasso.store.sending import page_reads

FOUND = "address found"
"""In the history of a case."""


def stands_in(step: StepToChange, stage: Stage) -> bool:
    """Whether the step is a person's task instead of the message of its stage."""
    if step.iter_version_id is None:
        return False
    return step.action is Action.TASK and stage.action.by_message and stage.action.traits.to_client


def find_address(doing: Doing, step: StepToChange, act: Done) -> Text | None:
    """Done with such a task: the address is kept, and the message of the stage can leave by it.

    None if nobody was looking for an address, or the client was told in another way: then the
    stage counts as any task does. Raises ActError if neither is said.
    """
    stage = stage_of(doing, step)
    if not stands_in(step, stage):
        _only_correct(doing, step, act)
        return None
    was_reachable = _reachable(doing, stage)
    changed = _store(doing, step, act)
    if _reachable(doing, stage) and (changed or _never_tried(doing, step)):
        doing.change_step(step.id, outcome=act.outcome)
        _free(doing, step, StepStatus.DONE)
        doing.tell("step.done", outcome=act.outcome, stage=step.stage, found=sorted(changed))
        return text("Address found, the message can leave: {subject}.", subject=doing.named)
    if not was_reachable and not (act.outcome or act.why):
        raise ActError(
            text(
                "step:{step} looks for an address by which {stage} can leave: give it "
                "(`--email …`), or say with `--outcome` how the client was told.",
                step=step.id,
                stage=stage.label or stage.key,
            )
        )
    return None


def let_leave(doing: Doing) -> list[int]:
    """After an address was corrected: tasks that waited for one give way to their message.

    The steps that were cancelled for it; planning makes the message. Only tasks for which nothing
    was sent yet: after a message without proof a person decides.
    """
    freed = []
    for number in manual_changes.waiting_tasks(doing.connection, doing.subject.client_id):
        step = manual_changes.step(doing.connection, number)
        stage = stage_of(doing, step)
        if stands_in(step, stage) and _never_tried(doing, step) and _reachable(doing, stage):
            _free(doing, step, StepStatus.CANCELLED)
            freed.append(number)
    return freed


def _only_correct(doing: Doing, step: StepToChange, act: Done) -> None:
    """Any other step may bring an address too; nothing else follows from it."""
    if _store(doing, step, act):
        let_leave(doing)


def _store(doing: Doing, step: StepToChange, act: Done) -> list[str]:
    origin = f"step:{step.id}"
    changed = correct(doing, act.addresses, origin) if act.addresses else []
    if changed:
        told(doing, changed, act.addresses, origin)
    return changed


def _free(doing: Doing, step: StepToChange, status: StepStatus) -> None:
    cases = manual_changes.cases_in(doing.connection, step.id)
    doing.note(cases, FOUND, step.stage, step.id)
    doing.leave_steps(cases, FOUND)
    if status is StepStatus.DONE:
        doing.change_step(step.id, status=status, done_on=doing.on)


def _reachable(doing: Doing, stage: Stage) -> bool:
    """Whether the client has a usable address for any medium of the stage."""
    client = doing.subject.client_id
    found = page_reads.clients_by_id(doing.connection, [client])[client]
    wrong = page_reads.bad(doing.connection, [client])[client]
    return first_address(found, stage.channels, wrong) is not None


def _never_tried(doing: Doing, step: StepToChange) -> bool:
    """Whether no message of this stage left for any of its cases."""
    return not manual_changes.tried(doing.connection, step.id, step.stage)
