"""What the office does with a message that came in."""

from __future__ import annotations

from typing import Final

from incasso.contract.text import Text, text
from incasso.domain.acts.replies import AssignReply, HandReplyOver, ReplyAnswered, ReplyDone
from incasso.domain.acts.undo import Thing
from incasso.domain.sending.replies import ReplyState
from incasso.locale.list_labels import REPLY_STATES
from incasso.services.acts.assignment import login_id
from incasso.services.acts.doing import ActError, Doing, carry_out, client_name
from incasso.services.office.subjects import resolve
from incasso.store.lists.subjects import Subject
from incasso.store.proof import journal
from incasso.store.recovery import agenda
from incasso.store.sending import replies
from incasso.store.sending.replies import Reply

_SETTLED: Final = (ReplyState.ANSWERED, ReplyState.DONE)


@carry_out.register
def _answered(act: ReplyAnswered, doing: Doing) -> Text:
    number = _settle(doing, ReplyState.ANSWERED, "reply.answered")
    return text("Reply {number}: answered.", number=number)


@carry_out.register
def _done(act: ReplyDone, doing: Doing) -> Text:
    number = _settle(doing, ReplyState.DONE, "reply.done")
    return text("Reply {number}: done, without an answer.", number=number)


@carry_out.register
def _hand_over(act: HandReplyOver, doing: Doing) -> Text:
    reply = _reply(doing)
    to = act.to.strip()
    _change(doing, reply, state=ReplyState.HANDED_OVER, assigned_id=login_id(doing, to))
    _tell(doing, reply, "reply.handed_over", to=to)
    return text("Reply {number}: handed over to {to}.", number=reply.id, to=to)


@carry_out.register
def _assign(act: AssignReply, doing: Doing) -> Text:
    """Steps of the client it is from wait from now on, those of another go on."""
    reply = _reply(doing)
    client = resolve(doing.connection, f"client {act.client.strip()}", doing.actor.scope)
    if client.client_id == reply.client_id:
        raise ActError(
            text(
                "Reply {number} is from {client} already: nothing was changed.",
                number=reply.id,
                client=client_name(client),
            )
        )
    whose = {"source_id": client.source_id, "client_id": client.client_id}
    with doing.memory.watching(Thing.REPLY, [reply.id]):
        # What it answered was a message to somebody else.
        values = {**whose, "step_id": None, "delivery_id": None}
        replies.set_values(doing.connection, reply.id, **values)
    agenda.review_client(doing.connection, client.client_id, doing.on)
    _tell(doing, reply, "reply.assigned", of=client, to=f"{client.source}/{client.client}")
    return text("Reply {number}: from {client}.", number=reply.id, client=client_name(client))


def _settle(doing: Doing, state: ReplyState, kind: str) -> int:
    """Nobody has to answer it any more. Raises ActError if that was so before."""
    reply = _reply(doing)
    if reply.state in _SETTLED:
        raise ActError(
            text(
                "Reply {number} is settled already ({state}): nothing was changed; see `incasso "
                "inbox --waiting`.",
                number=reply.id,
                state=REPLY_STATES[reply.state],
            )
        )
    if reply.state is ReplyState.NOTED:
        raise ActError(
            text(
                "Reply {number} is from a program, nobody has to answer it; if it is not, "
                "`incasso act reply-hand-over {number} --to LOGIN` makes it wait for an answer.",
                number=reply.id,
            )
        )
    _change(doing, reply, state=state)
    _tell(doing, reply, kind)
    return reply.id


def _reply(doing: Doing) -> Reply:
    reply = replies.numbered(doing.connection, int(doing.key))
    assert reply is not None  # its subject was just found by it
    return reply


def _change(doing: Doing, reply: Reply, **values: object) -> None:
    """Change it, and let planning look at its client again: what waited may go on."""
    with doing.memory.watching(Thing.REPLY, [reply.id]):
        replies.set_values(
            doing.connection, reply.id, state_on=doing.on, state_by=doing.by, **values
        )
    if reply.client_id is not None:
        agenda.review_client(doing.connection, reply.client_id, doing.on)


def _tell(
    doing: Doing, reply: Reply, kind: str, *, of: Subject | None = None, **facts: object
) -> None:
    whose = of or doing.subject
    doing.events.append(
        journal.Event(
            kind=kind,
            actor=doing.by,
            on=doing.on,
            source=whose.source,
            client=whose.client,
            subject=f"reply {reply.id}",
            facts={"why": doing.why, "reply": reply.id, **facts},
        )
    )
