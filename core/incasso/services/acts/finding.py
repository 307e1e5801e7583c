"""Tasks that stand in for a message because no medium reached the client: find the address."""

from __future__ import annotations

from collections.abc import Sequence

from incasso.contract.media import Medium
from incasso.contract.text import Text, text
from incasso.domain.acts.steps import Done
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.iters import Stage
from incasso.domain.recovery.states import StepStatus
from incasso.domain.sending.client_contacts import holders
from incasso.domain.sending.open_ways import NOTHING_CLOSED, first_way
from incasso.locale import localize
from incasso.services.acts.addresses import correct, told
from incasso.services.acts.doing import ActError, Doing
from incasso.services.acts.stages import stage_of
from incasso.store.recovery import manual_changes, reaching
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

    None if nobody was looking for an address, or the message left by it before: then the stage
    counts as any task does. Raises ActError while there is no address to leave by.
    """
    stage = stage_of(doing, step)
    if not stands_in(step, stage):
        _only_correct(doing, step, act)
        return None
    changed = _store(doing, step, act)
    way = _way(doing, stage)
    if way is not None and (changed or not _tried(doing, step, way)):
        doing.change_step(step.id, outcome=act.outcome)
        _free(doing, step, StepStatus.DONE)
        doing.tell("step.done", outcome=act.outcome, stage=step.stage, found=sorted(changed))
        return text("Address found, the message can leave: {subject}.", subject=doing.named)
    if way is None:
        raise ActError(
            text(
                "step:{step} looks for an address by which {stage} can leave: give it here "
                "(`--email …`) or with `incasso act correct`; to go on without the message, "
                "`incasso act skip step:{step} --why …`.",
                step=step.id,
                stage=stage.label or stage.key,
            )
        )
    return None


def let_leave(doing: Doing) -> list[int]:
    """After an address was corrected: tasks that waited for one give way to their message.

    The steps that were cancelled for it; planning makes the message. Where a message left by that
    address already, and came to nothing or without proof, a person decides.
    """
    freed = []
    for number in manual_changes.waiting_tasks(doing.connection, doing.subject.client_id):
        step = manual_changes.step(doing.connection, number)
        stage = stage_of(doing, step)
        way = _way(doing, stage) if stands_in(step, stage) else None
        if way is not None and not _tried(doing, step, way):
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
    why = localize(text("address found"), doing.office.config.language)
    doing.leave_steps(cases, why)
    if status is StepStatus.DONE:
        doing.change_step(step.id, status=status, done_on=doing.on)


def is_open(doing: Doing, step: StepToChange) -> bool:
    """Whether a step can still be carried out as it was planned, as far as its way goes."""
    stage = stage_of(doing, step)
    if step.action.traits.to_client:
        return _way(doing, stage, (Medium(step.medium),)) is not None
    if not step.action.traits.conversation:
        return True
    closed = reaching.closed(doing.connection, [doing.subject.client_id], doing.on)
    found = closed.get(doing.subject.client_id, NOTHING_CLOSED)
    return all(one.medium != step.action for one in found.refusals)


def _way(
    doing: Doing, stage: Stage, media: Sequence[Medium] | None = None
) -> tuple[str, str] | None:
    """The medium and address by which the stage's message would reach the client."""
    client = doing.subject.client_id
    found = page_reads.clients_by_id(doing.connection, [client])[client]
    kept = reaching.contacts(doing.connection, [client]).get(client, ())
    closed = reaching.closed(doing.connection, [client], doing.on)
    way = first_way(
        holders(kept, found, stage.contact),
        stage.channels if media is None else media,
        closed.get(client, NOTHING_CLOSED),
        formal=stage.is_formal,
        home=doing.office.config.company(doing.subject.source).country,
    )
    return None if way is None else (way.medium, way.address)


def _tried(doing: Doing, step: StepToChange, way: tuple[str, str]) -> bool:
    """Whether a message of this stage was made by that address; by post, by that medium."""
    medium, _ = way
    found = manual_changes.tried(doing.connection, step.id, step.stage)
    by_post = Medium(medium).by_post and any(medium == each for each, _ in found)
    return by_post or way in found
