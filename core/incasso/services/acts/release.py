"""The way back: end what was agreed, take a case out of its container."""

from __future__ import annotations

from collections.abc import Sequence

from incasso.contract.text import Text, text
from incasso.domain.acts.agreements import RELEASED, Release
from incasso.domain.recovery.states import AgreementKind, CaseState, OfficeTask
from incasso.services.acts.doing import ActError, Doing, carry_out, client_name
from incasso.services.acts.moving import need_confirmed_out
from incasso.services.acts.office_tasks import end_tasks
from incasso.store.recovery import agenda, agreements


@carry_out.register
def _release(act: Release, doing: Doing) -> Text:
    """For a client everything of that client, for anything smaller only its own."""
    kinds = act.what or RELEASED
    if "park" in kinds:
        need_confirmed_out(doing, doing.targets(), confirmed=act.confirm)
    ended = sorted({*_end_agreements(doing, kinds), *(_unpark(doing) if "park" in kinds else ())})
    if not ended:
        raise ActError(_nothing(doing, kinds))
    if doing.subject.kind == "client":
        agenda.review_client(doing.connection, doing.subject.id, doing.on)
    doing.touch(doing.targets(), "released", leave_steps=False)
    doing.tell("agreement.released", kinds=ended)
    return text("Released {kinds}: {subject}.", kinds=ended, subject=doing.named)


def _end_agreements(doing: Doing, kinds: Sequence[str]) -> set[str]:
    found = doing.in_force(_agreed(kinds))
    doing.end_agreements([row.id for row in found])
    return {row.kind for row in found}


def _agreed(kinds: Sequence[str]) -> list[AgreementKind]:
    return [AgreementKind(kind) for kind in kinds if kind != "park"]


def _unpark(doing: Doing) -> set[str]:
    parked = [t.case_id for t in doing.targets() if t.case_id and t.case_state == CaseState.PARKED]
    doing.change_cases(
        parked, state=CaseState.OPEN, container="", park_review_on=None, lawyer="", file_number=""
    )
    end_tasks(doing, parked, OfficeTask.PARK_REVIEW, outcome="")
    return {"park"} if parked else set()


def _nothing(doing: Doing, kinds: Sequence[str]) -> Text:
    """What binds more than one installment is not lifted by releasing that one: say so."""
    if doing.subject.kind != "client":
        own = {target.installment_id for target in doing.targets()}
        found = agreements.in_force(doing.connection, doing.subject.client_id, _agreed(kinds))
        if any(row.about is None or row.about & own for row in found):
            return text(
                "Nothing to release on {subject} itself; release `{client}` as a whole.",
                subject=doing.named,
                client=client_name(doing.subject),
            )
    return text("Nothing to release on {subject}.", subject=doing.named)
