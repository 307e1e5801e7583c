"""The one way to act: check who acts and what is wrong, do it with its trace, or do nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from mimetypes import guess_type

from sqlalchemy import Connection

from incasso.contract.text import Text, text
from incasso.domain.acts.act import About, Act
from incasso.domain.acts.deliveries import JudgeReport
from incasso.domain.acts.undo import Before
from incasso.domain.office.actor import Actor
from incasso.locale.act_mistakes import mistake_text
from incasso.locale.acts import ACTS
from incasso.services.acts.doing import ActError, Doing, carry_out
from incasso.services.acts.memory import Memory
from incasso.services.acts.undoing import event_named
from incasso.services.cases.standing import show_standing
from incasso.services.office.actors import need_role, present
from incasso.services.office.office import Office
from incasso.services.office.subjects import delivery, reply, resolve, write_back
from incasso.store.ledger import totals
from incasso.store.lists.subjects import NOBODY, Subject
from incasso.store.proof import archive, attachments, journal
from incasso.store.recovery import agenda, case_counts


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of an act."""

    sentence: Text
    """What was done."""
    notes: tuple[Text, ...] = ()
    """What else a person should know."""
    before: Before
    """What was changed, as the journal keeps it."""


def perform(office: Office, actor: Actor, act: Act, on: date) -> Outcome:
    """Do it in one transaction, together with its trace in history and journal.

    Raises ActError if it cannot be done, ActorError if this actor may not do it, SubjectError if
    the subject is not clear or not theirs to see. Then nothing is changed.
    """
    for mistake in act.mistakes(on):
        raise ActError(mistake_text(act, mistake))
    files = _kept(office, act)
    with office.store.write() as connection:
        who = present(connection, actor)
        infinitive = ACTS[act.name()].infinitive
        need_role(who, act.who_may(), infinitive)
        # A page being planned must not decide on what this act is about to change.
        agenda.take_turn(connection)
        key, subject = _subject(connection, act, who)
        doing = Doing(
            office=office,
            connection=connection,
            actor=who,
            subject=subject,
            key=key,
            on=on,
            why=act.reason(),
            infinitive=infinitive,
            memory=Memory(connection, act.name()),
            attached=files,
        )
        sentence = carry_out(act, doing)
        if files:
            _put_beside(doing, act.name())
        if subject != NOBODY:
            show_standing(office, connection, subject.client_id, on)
            totals.changed(connection, [subject.client_id], on)
            case_counts.count_again(connection, [subject.client_id])
        # Last, because writing the journal makes the other writers wait.
        journal.record(connection, doing.trace(), at=office.now())
    notes = tuple(note for work in doing.afterwards for note in work())
    return Outcome(sentence=sentence, notes=notes, before=doing.memory.before())


def _kept(office: Office, act: Act) -> list[archive.Entry]:
    """The files beside an act, on disk before anything is written about them."""
    return [
        archive.keep(office.store, one.content, guess_type(one.name)[0] or "", one.name)
        for one in act.attach
    ]


def _put_beside(doing: Doing, act: str) -> None:
    """Raises ActError where there is no client beside whom they could lie."""
    if doing.subject == NOBODY:
        raise ActError(
            text("Files need a client: say first whose it is, `incasso act reply-assign`.")
        )
    at = doing.office.now()
    beside = attachments.Beside(
        source_id=doing.subject.source_id,
        client_id=doing.subject.client_id,
        act=act,
        subject=str(doing.subject),
        on_date=doing.on,
        at=at,
        made_by=doing.by,
    )
    archive.note(doing.connection, doing.attached, at=at)
    attachments.note(doing.connection, doing.attached, beside)


def _subject(connection: Connection, act: Act, actor: Actor) -> tuple[str, Subject]:
    """What the act is about, if the actor may see it; a delivery by its step, a write-back by its
    client."""
    match act.about:
        case About.DELIVERY:
            reported = isinstance(act, JudgeReport)
            return delivery(connection, act.subject, actor.scope, reported=reported)
        case About.REPLY:
            return reply(connection, act.subject, actor.scope)
        case About.WRITE_BACK:
            return write_back(connection, act.subject, actor.scope)
        case About.EVENT:
            return event_named(connection, act.subject, actor)
        case About.STEP if act.subject.strip().isdecimal():
            # Where only a step will do, its number alone is enough.
            named = f"step:{act.subject.strip()}"
        case _:
            named = act.subject
    return "", resolve(connection, named, actor.scope)
