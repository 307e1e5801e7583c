"""The way back: end what was agreed, take a case out of its container, count a client in again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from incasso.domain.recovery.states import AgreementKind
from incasso.services.acts.act import Act, ActError, acting
from incasso.services.running.hub import Hub
from incasso.store.recovery import agreements, manual_changes

RELEASED = ("hold", "promise", "plan", "dispute", "park")
"""What stops a case and ends with `release` when nothing else is said."""

RELEASABLE = (*RELEASED, "extension")


def release(
    hub: Hub,
    subject: str,
    *,
    by: str,
    on: date,
    why: str = "",
    kinds: Sequence[str] = RELEASED,
) -> str:
    """End agreements and parking, so that each case goes on where it was.

    For a client everything of that client, for anything smaller only its own. Raises ActError
    if there is nothing to end.
    """
    if unknown := sorted(set(kinds) - set(RELEASABLE)):
        raise ActError(f"{unknown[0]} cannot be released: choose from {', '.join(RELEASABLE)}.")
    with acting(hub, subject, by=by, on=on, why=why) as act:
        ended = sorted({*_end_agreements(act, kinds), *(_unpark(act) if "park" in kinds else ())})
        if not ended:
            raise ActError(f"Nothing to release on {act.subject}{_elsewhere(act, kinds)}.")
        if act.subject.kind == "client":
            agreements.look_at_client(act.connection, act.subject.id, on)
        act.touch(act.targets(), "released", leave_steps=False)
        act.tell("agreement.released", kinds=ended)
        return f"Released {', '.join(ended)}: {act.subject}."


def _end_agreements(act: Act, kinds: Sequence[str]) -> set[str]:
    whole = act.subject.kind == "client"
    own = None if whole else [target.installment_id for target in act.targets()]
    found = agreements.in_force(act.connection, act.subject.client_id, own, _agreed(kinds))
    agreements.end(act.connection, [row.id for row in found], on=act.on, by=act.by)
    return {row.kind for row in found}


def _agreed(kinds: Sequence[str]) -> list[AgreementKind]:
    return [AgreementKind(kind) for kind in kinds if kind != "park"]


def _unpark(act: Act) -> set[str]:
    parked = [t.case_id for t in act.targets() if t.case_id and t.case_state == "parked"]
    manual_changes.set_cases(act.connection, parked, state="open", container="")
    return {"park"} if parked else set()


def _elsewhere(act: Act, kinds: Sequence[str]) -> str:
    """A hold on the whole client is not lifted by releasing one installment: say so."""
    if act.subject.kind == "client":
        return ""
    whole = agreements.in_force(act.connection, act.subject.client_id, None, _agreed(kinds))
    if not any(row.installment_id is None for row in whole):
        return ""
    return f" itself; release `client {act.subject.source}/{act.subject.client}` as a whole"
