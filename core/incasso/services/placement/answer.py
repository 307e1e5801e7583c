"""The office answers what a provider asks: a settlement, more time, documents, a complaint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from mimetypes import guess_type

from sqlalchemy import Connection

from incasso.contract.exchange import NoticeKind, UpdateKind
from incasso.contract.text import Text, text
from incasso.domain.acts.attachments import Attachment
from incasso.domain.acts.work import Work
from incasso.domain.office.actor import Actor
from incasso.domain.placement.checking import TO_ANSWER
from incasso.services.office.actors import admit
from incasso.services.office.office import Office
from incasso.services.placement.decide import ReportError, report_numbered
from incasso.services.placement.fates import Moment
from incasso.store.placement import matching, notices, standing, updates
from incasso.store.placement.matching import Placed
from incasso.store.placement.notices import NewNotice
from incasso.store.placement.updates import StoredUpdate
from incasso.store.proof import archive, journal
from incasso.store.proof.journal import Event


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the office says to one question, by its number in the list."""

    number: int
    accepted: bool
    why: str
    until: date | None = None
    """Of more time: another day than the one asked for."""
    files: tuple[Attachment, ...] = ()


def answer(office: Office, actor: Actor, given: Answer, on: date) -> Text:
    """Answer it; the provider hears with the next exchange.

    Raises ActorError, and ReportError if it cannot be done: then nothing is changed.
    """
    if not given.why.strip():
        raise ReportError(text("Say why, for the record: `--why`."))
    files = [
        archive.keep(office.store, one.content, guess_type(one.name)[0] or "", one.name)
        for one in given.files
    ]
    moment = Moment(on=on, at=office.now())
    with office.store.write() as connection:
        who = admit(connection, actor, Work.EXCHANGE)
        update = _question(connection, given, who)
        placed = _placed(connection, update)
        archive.note(connection, files, at=moment.at)
        notice = _notice(update, placed, given, files, who, moment)
        notices.make(connection, [notice])
        updates.set_values(connection, update.id, answered=notice.name, decided_by=who.name)
        if update.kind is UpdateKind.EXTENSION_REQUEST and given.accepted and notice.until:
            standing.extend(connection, placed.id, notice.until)
        journal.record(connection, [_event(update, placed, given, who, moment)], at=moment.at)
    return text("Report {number}: answered; the provider will be told.", number=update.id)


def _question(connection: Connection, given: Answer, who: Actor) -> StoredUpdate:
    update = report_numbered(connection, given.number, who.scope)
    if update.kind not in TO_ANSWER or update.placement_id is None:
        raise ReportError(
            text(
                "Report {number} asks for nothing: `incasso exchange updates --to-answer` lists "
                "those that do.",
                number=given.number,
            )
        )
    if update.answered:
        raise ReportError(
            text("Report {number} was answered before: nothing was changed.", number=given.number)
        )
    wants_files = update.kind is UpdateKind.DOCUMENT_REQUEST and given.accepted
    if wants_files and not given.files:
        raise ReportError(text("Give the documents: `--attach FILE`, once for each."))
    return update


def _placed(connection: Connection, update: StoredUpdate) -> Placed:
    assert update.placement_id is not None  # questions about a whole lot are not taken
    found = matching.by_number(connection, update.provider, [update.placement_id])
    return found[update.placement_id]


def _notice(
    update: StoredUpdate,
    placed: Placed,
    given: Answer,
    files: Sequence[archive.Entry],
    who: Actor,
    moment: Moment,
) -> NewNotice:
    more_time = update.kind is UpdateKind.EXTENSION_REQUEST and given.accepted
    return NewNotice(
        name=f"A-{update.id:07}",
        provider=update.provider,
        lot_id=placed.lot_id,
        placement_id=placed.id,
        row_id=update.row_id,
        kind=NoticeKind.DOCUMENT if files else NoticeKind.ANSWER,
        on_date=moment.on,
        amount=update.amount,
        currency=update.currency,
        reason=given.why,
        answers=update.update_id,
        accepted=given.accepted,
        until=(given.until or update.until) if more_time else None,
        documents=[
            {"name": each.filename, "sha256": each.sha256, "media_type": each.media_type}
            for each in files
        ]
        or None,
        made_at=moment.at,
        made_by=who.name,
    )


def _event(
    update: StoredUpdate, placed: Placed, given: Answer, who: Actor, moment: Moment
) -> Event:
    return Event(
        kind="report.answered",
        actor=who.name,
        on=moment.on,
        source=placed.source,
        client=placed.client,
        subject=f"report {update.id}",
        facts={
            "provider": update.provider,
            "update": update.update_id,
            "kind": update.kind.value,
            "accepted": given.accepted,
            "why": given.why,
        },
    )
