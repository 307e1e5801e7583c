"""The way back: end what was agreed, take a case out of its container."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from incasso.contract.text import Text, text
from incasso.domain.acts.agreements import RELEASED, Release
from incasso.domain.recovery.states import AgreementKind, CaseState, OfficeTask
from incasso.services.acts.doing import ActError, Doing, carry_out, client_name
from incasso.services.acts.moving import need_confirmed_out
from incasso.services.acts.office_tasks import end_tasks
from incasso.store.recovery import agenda, agreements
from incasso.store.recovery.agreements import InForce

_SHOWN: Final = 5


@carry_out.register
def _release(act: Release, doing: Doing) -> Text:
    """For a client everything of that client, for anything smaller only its own.

    Where several kinds of things hold, the person says which ends: a hold may end and a dispute go
    on. Raises ActError.
    """
    kinds = act.what or RELEASED
    if "park" in kinds:
        need_confirmed_out(doing, doing.targets(), confirmed=act.confirm)
    found = doing.in_force(_agreed(kinds))
    parked = _parked(doing) if "park" in kinds else []
    ended = sorted({row.kind.value for row in found} | ({"park"} if parked else set()))
    if not ended:
        raise ActError(_nothing(doing, kinds))
    things = _things(doing, found, parked)
    if len(ended) > 1 and not act.what:
        raise ActError(_which(doing, ended, things))
    if parked:
        _unpark(doing, parked)
    doing.end_agreements([row.id for row in found])
    if doing.subject.kind == "client":
        agenda.review_client(doing.connection, doing.subject.id, doing.on)
    doing.touch(doing.targets(), "released", leave_steps=False)
    doing.tell("agreement.released", kinds=ended)
    return text("Released {things}: {subject}.", things=things, subject=doing.named)


def _things(doing: Doing, found: Sequence[InForce], parked: Sequence[int]) -> list[Text]:
    """What holds, each with its last day and the installments that it is about."""
    shown = found[:_SHOWN]
    keys = agreements.keys_of(doing.connection, [row.id for row in shown])
    things = [_thing(row, keys.get(row.id, [])) for row in shown]
    if parked:
        things.append(text("parking"))
    if more := len(found) - len(shown):
        things.append(text("and {n} more", n=more))
    return things


def _thing(row: InForce, keys: Sequence[str]) -> Text:
    if not keys:
        return text("{kind} until {day}", kind=row.kind, day=row.until_on)
    return text("{kind} until {day} ({keys})", kind=row.kind, day=row.until_on, keys=list(keys))


def _which(doing: Doing, kinds: Sequence[str], things: Sequence[Text]) -> Text:
    return text(
        "On {subject} there are: {things}. Say which ends: `--what {kind}`; for several, "
        "`{all_of_them}`.",
        subject=doing.named,
        things=list(things),
        kind=kinds[0],
        all_of_them=" ".join(f"--what {kind}" for kind in kinds),
    )


def _agreed(kinds: Sequence[str]) -> list[AgreementKind]:
    return [AgreementKind(kind) for kind in kinds if kind != "park"]


def _parked(doing: Doing) -> list[int]:
    """The parked cases of the subject."""
    return [t.case_id for t in doing.targets() if t.case_id and t.case_state == CaseState.PARKED]


def _unpark(doing: Doing, parked: Sequence[int]) -> None:
    doing.change_cases(
        parked, state=CaseState.OPEN, container="", park_review_on=None, lawyer="", file_number=""
    )
    end_tasks(doing, parked, OfficeTask.PARK_REVIEW, outcome="")


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
