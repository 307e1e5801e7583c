"""Tasks outside every iter, made and ended by acts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from incasso.contract.text import Text
from incasso.domain.acts.undo import Thing
from incasso.domain.recovery.states import OfficeTask, StepStatus
from incasso.services.acts.doing import Doing
from incasso.store.lists.subjects import Target
from incasso.store.recovery import office_tasks
from incasso.store.recovery.office_tasks import NewTask


def make_task(
    doing: Doing, task: OfficeTask, targets: Collection[Target], on: date, reason: Text
) -> int:
    """A task about these installments for the client's operator, else for who acts; its number."""
    client = doing.subject.client_id
    operator = office_tasks.clients_of(doing.connection, [client])[client].operator_id
    if operator is None:
        operator = office_tasks.people_called(doing.connection, [doing.by]).get(doing.by)
    new = NewTask(
        task=task,
        source_id=doing.subject.source_id,
        client_id=client,
        installments=frozenset(target.installment_id for target in targets),
        currency=next(iter(targets)).currency,
        due_on=on,
        operator_id=operator,
        reason=reason,
    )
    (made,) = office_tasks.make(doing.connection, [new])
    doing.memory.made(Thing.STEP, made)
    return made


def end_tasks(doing: Doing, cases: Collection[int], task: OfficeTask, *, outcome: str) -> None:
    """What these tasks asked for is done, or with an empty outcome no longer needed."""
    for step in office_tasks.waiting_about(doing.connection, cases, task):
        if outcome:
            done = {"status": StepStatus.COUNTED, "counted_on": doing.on, "outcome": outcome}
            doing.change_step(step, done_on=doing.on, **done)
        else:
            doing.change_step(step, status=StepStatus.CANCELLED, reason=doing.why)
