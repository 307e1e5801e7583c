"""Take in what people write to us: find out whose it is, keep it, let planning look again.

Nothing that it says is acted on: a promise in an answer is for a person to record.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import Connection

from incasso.contract.channel import IncomingMessage
from incasso.domain.recovery.actions import Action
from incasso.domain.sending.replies import (
    PREVIEW,
    ReplyKind,
    first_state,
    is_kept,
    kind_of_reply,
)
from incasso.store.proof import archive
from incasso.store.proof.journal import Event
from incasso.store.recovery import agenda
from incasso.store.sending import replies, sent_to
from incasso.store.sending.replies import NOBODY, NewReply, Owner

ACTOR = "collect"


def owner_of(
    connection: Connection, channel: str, message: IncomingMessage, sources: Collection[str]
) -> Owner:
    """Whose it is: of the message of ours that it answers, else the only client with the sender's
    address or number, else nobody's: a person has to say."""
    if (owner := replies.answered(connection, channel, message.answers)) is not None:
        return owner
    if "@" not in message.sender:
        return _owner_of_number(connection, channel, message.sender)
    found = replies.owners_of_address(connection, message.sender, sources)
    return found[0] if len(found) == 1 else NOBODY


def _owner_of_number(connection: Connection, channel: str, number: str) -> Owner:
    """Short texts name no message that they answer: it is the last one to that number, unless
    several clients share it."""
    found = sent_to.newest_to(connection, channel, number)
    if len(found) != 1:
        return NOBODY
    return replies.answered(connection, channel, (found[0].id,)) or NOBODY


def take_message(
    connection: Connection,
    channel: str,
    message: IncomingMessage,
    evidence: archive.Entry | None,
    sources: Collection[str],
    *,
    on: date,
    now: datetime,
) -> Event | None:
    """Store one message; None if it is known already or not kept.

    Automatic steps of its client wait from `on`: planning looks at them again.
    """
    owner = owner_of(connection, channel, message, sources)
    internal = owner.action is not None and not Action(owner.action).traits.to_client
    kind = kind_of_reply(message.kind, to_our_people=internal)
    if not is_kept(
        kind,
        answers_ours=owner.delivery_id is not None,
        sender_known=owner.client_id is not None,
        keep_unknown=message.keep_unknown,
    ):
        return None
    if evidence is not None:
        archive.note(connection, [evidence], at=now)
    number = replies.record(connection, _row(channel, message, evidence, owner, kind, on))
    if number is None:
        return None
    if owner.client_id is not None and kind is ReplyKind.REPLY:
        agenda.review_client(connection, owner.client_id, on)
    return _event(number, channel, owner, kind, on)


def now_known(
    connection: Connection, channel: str, delivery: str, name: str, on: date
) -> list[Event]:
    """A message of ours has got its name: answers that came before are given to their client.

    Whom a person has given one to meanwhile keeps it. The journal's events.
    """
    owner = replies.answered(connection, channel, (delivery,))
    if owner is None:
        return []
    events: list[Event] = []
    for each in replies.waiting_for(connection, name):
        if each.client_id not in (None, owner.client_id):
            continue
        was_unknown = each.client_id is None
        replies.set_values(
            connection,
            each.id,
            source_id=owner.source_id,
            client_id=owner.client_id,
            step_id=owner.step_id,
            delivery_id=owner.delivery_id,
            answers_to="",
        )
        if was_unknown:
            events.append(_event(each.id, each.channel, owner, each.kind, on))
            if owner.client_id is not None and each.kind is ReplyKind.REPLY:
                agenda.review_client(connection, owner.client_id, on)
    return events


def _row(
    channel: str,
    message: IncomingMessage,
    evidence: archive.Entry | None,
    owner: Owner,
    kind: ReplyKind,
    on: date,
) -> NewReply:
    return NewReply(
        source_id=owner.source_id,
        client_id=owner.client_id,
        step_id=owner.step_id,
        delivery_id=owner.delivery_id,
        channel=channel,
        update_id=message.update_id,
        at=message.at,
        on_date=on,
        sender=message.sender,
        sender_name=message.sender_name,
        subject=message.subject,
        preview=" ".join(message.text.split())[:PREVIEW],
        kind=kind,
        state=first_state(kind),
        sha256=evidence.sha256 if evidence else "",
        is_cut=message.is_cut,
        answers_to=message.answers[0] if message.answers and owner.delivery_id is None else "",
    )


def _event(number: int, channel: str, owner: Owner, kind: ReplyKind, on: date) -> Event:
    """That it came; neither its words nor its subject, which a journal could never forget."""
    return Event(
        kind="message.received",
        actor=ACTOR,
        on=on,
        source=owner.source,
        client=owner.client,
        subject=f"reply {number}",
        facts={
            "kind": kind,
            "channel": channel,
            "delivery": owner.delivery_id or "",
            "step": str(owner.step_id or ""),
        },
    )
