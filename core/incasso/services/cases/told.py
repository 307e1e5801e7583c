"""What steps of clients come to by the notices about them: see `domain.recovery.told`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

from sqlalchemy import Connection

from incasso.contract.text import Text, text
from incasso.domain.recovery.states import WAITING, StepStatus
from incasso.domain.recovery.told import ended
from incasso.services.cases.stages import stages_of
from incasso.store.recovery import agenda, case_progress
from incasso.store.sending import notice_ends, outbox
from incasso.store.sending.notice_ends import ToldStep

ONE_DAY: Final = timedelta(days=1)

NOBODY_TOLD: Final = text("nobody could be told")


def settle(connection: Connection, notices: Collection[int], on: date) -> None:
    """Steps of which the last notice has just ended count, or fail where none left. Idempotent."""
    found = notice_ends.told_by(connection, notices)
    open_ = [each for each in found if each.status in WAITING]
    counting = [each for each in open_ if ended(each.notices) is StepStatus.DONE]
    _count(connection, counting, on)
    for each in open_:
        if ended(each.notices) is StepStatus.FAILED:
            why = next(filter(None, each.reasons), NOBODY_TOLD)
            case_progress.fail(connection, [each.step_id], on, why)


def proof_came(connection: Connection, notices: Collection[int], on: date) -> None:
    """A notice was delivered: steps that wait for that count, once all that left were."""
    for each in notice_ends.told_by(connection, notices):
        if each.status is StepStatus.DONE and notice_ends.proven(connection, each.step_id):
            case_progress.count(connection, [each.step_id], on)


def none_left(connection: Connection, notice: int) -> list[ToldStep]:
    """The steps of which nobody was told after all, because this notice came back."""
    found = notice_ends.told_by(connection, [notice])
    return [each for each in found if ended(each.notices) is StepStatus.FAILED]


def _count(connection: Connection, counting: list[ToldStep], on: date) -> None:
    stages = stages_of(connection, counting)
    for each in counting:
        until = stages[each.step_id].proof_until(on)
        outbox.step_done(connection, [each.step_id], on, until)
        if until is None:
            case_progress.count(connection, [each.step_id], on)
        else:
            agenda.review_steps(connection, [each.step_id], until + ONE_DAY)
    outbox.set_reasons(
        connection, {each.step_id: _not_all(each) for each in counting if each.reasons}
    )


def _not_all(step: ToldStep) -> Text:
    return text(
        "{failed} of {all} notices did not leave: {reason}",
        failed=len(step.reasons),
        all=len(step.notices),
        reason=step.reasons[0],
    )
