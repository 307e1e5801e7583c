"""Take an act back: its journal event keeps what was before."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from incasso.contract.text import Text, text
from incasso.domain.acts.act import Act, UndoBy, acts
from incasso.domain.acts.permission import MANAGERS
from incasso.domain.acts.undo import Before, Thing
from incasso.domain.acts.undoing import LAST, Undo
from incasso.domain.office.actor import Actor
from incasso.locale.acts import ACTS
from incasso.services.acts.doing import ActError, Doing, carry_out, running, stored_name
from incasso.services.office.subjects import SubjectError, resolve
from incasso.store.lists.subjects import Subject, targets
from incasso.store.proof import past_acts
from incasso.store.proof.past_acts import UNDONE, PastEvent
from incasso.store.recovery import agenda, undoing
from incasso.store.recovery.undoing import Difference

_REST_ON_CASES = frozenset(
    {
        Thing.AGREEMENT,
        Thing.CLIENT,
        Thing.INSTALLMENT,
        Thing.CORRECTION,
        Thing.CONSENT,
        Thing.CLIENT_CONTACT,
    }
)
"""What an act changes about all cases of its subject, also where it changed none of them."""


def event_named(connection: Connection, typed: str, actor: Actor) -> tuple[str, Subject]:
    """The number of an event and its client: `last` is the actor's own last act.

    Raises ActError, and SubjectError where the client is not theirs to see.
    """
    typed = typed.strip()
    if typed == LAST:
        found = past_acts.last_act(connection, actor.trace("acts"))
        if found is None:
            raise ActError(text("You did nothing that could be taken back: see `incasso journal`."))
    else:
        found = past_acts.event(connection, int(typed)) if _is_number(typed) else None
        if found is None or not found.client:
            raise ActError(
                text(
                    "There is no act {number} in the journal: see `incasso journal`.", number=typed
                )
            )
    client = resolve(connection, f"client {found.source}/{found.client}", actor.scope)
    return str(found.id), client


@carry_out.register
def _undo(act: Undo, doing: Doing) -> Text:
    past = past_acts.event(doing.connection, int(doing.key))
    assert past is not None
    before, kind = _kept(past)
    if past.actor != doing.by:
        doing.need_role(MANAGERS)
    later = past_acts.since(doing.connection, past)
    _need_not_undone(past, later)
    cases = _cases(doing, past, before)
    _need_nothing_left(doing, before, cases, later)
    if found := undoing.take_back(doing.connection, before):
        raise ActError(_changed(found))
    doing.note(sorted(cases), "undone")
    agenda.review_client(doing.connection, doing.subject.client_id, doing.on)
    doing.tell(UNDONE, event=past.id, act=kind.name(), undone=past.kind, about=past.subject)
    return text(
        "Taken back ({what}), as before: {subject}.",
        what=ACTS[kind.name()].infinitive,
        subject=stored_name(past.subject),
    )


def _is_number(typed: str) -> bool:
    return typed.isascii() and typed.isdecimal() and len(typed) <= 18


def _kept(past: PastEvent) -> tuple[Before, type[Act]]:
    """What the event keeps. Raises ActError where it is no act that can be taken back."""
    before = msgspec.convert(past.facts.get("before", {}), Before)
    kind = next((one for one in acts() if one.name() == before.act), None)
    if kind is None or kind.undo_by is not UndoBy.VALUES:
        raise ActError(
            text(
                "Event {number} ({kind}) cannot be taken back: undo it by another act.",
                number=past.id,
                kind=past.kind,
            )
        )
    return before, kind


def _need_not_undone(past: PastEvent, later: list[PastEvent]) -> None:
    for one in later:
        if one.kind == UNDONE and one.facts.get("event") == past.id:
            raise ActError(
                text("Event {number} was taken back on {day}.", number=past.id, day=one.on_date)
            )


def _cases(doing: Doing, past: PastEvent, before: Before) -> set[int]:
    """The cases that the act was about."""
    found = {one.id for one in before.changes if one.thing is Thing.CASE}
    found |= {one.case for one in before.left}
    things = {one.thing for one in before.changes} | {one.thing for one in before.made}
    if not things & _REST_ON_CASES:
        return found
    try:
        subject = resolve(doing.connection, past.subject, doing.actor.scope)
    except SubjectError:
        subject = doing.subject
    return found | set(running(targets(doing.connection, subject)))


def _need_nothing_left(
    doing: Doing, before: Before, cases: set[int], later: list[PastEvent]
) -> None:
    """No message about these cases left since, and nobody carried a step of theirs out."""
    steps = {one.id for one in before.changes if one.thing is Thing.STEP}
    steps |= {one.step for one in before.left} | undoing.steps_about(doing.connection, cases)
    names = {str(step) for step in steps}
    for one in later:
        about = str(one.facts.get("step", "")) or one.subject.removeprefix("step:")
        if about in names and one.kind.startswith(("delivery.", "step.done", "step.tried")):
            raise ActError(
                text(
                    "It cannot be taken back: on {day} {kind} followed (step:{step}).",
                    day=one.on_date,
                    kind=one.kind,
                    step=about,
                )
            )


def _changed(found: Difference) -> Text:
    if not found.field:
        return text(
            "It cannot be taken back: others rest on {thing} {number} now, or it is gone.",
            thing=found.thing,
            number=found.id,
        )
    return text(
        "It cannot be taken back: {thing} {number} changed since ({field}: {now}).",
        thing=found.thing,
        number=found.id,
        field=found.field,
        now=found.now,
    )
