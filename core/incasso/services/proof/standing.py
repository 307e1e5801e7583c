"""Whether the database may send: it must contain the anchor of its journal.

Yesterday's copy put back knows nothing of what left since. It would send it all again, so nothing
leaves, and nothing is written into an ERP, until `incasso recover` has accounted for what left.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection

from incasso.contract.errors import IncassoError
from incasso.contract.text import Text, text
from incasso.domain.proof.standing import Standing
from incasso.services.office.office import Office
from incasso.services.proof import places
from incasso.store.engine import Store
from incasso.store.proof import anchor, journal, known_key, left_log
from incasso.store.proof.anchor import Anchor, UnreadableAnchorError
from incasso.store.proof.hub_key import HubKeyError
from incasso.store.revision import is_level
from incasso.store.sending import lost


class BehindError(IncassoError):
    """The database does not know what left since it was copied: run `incasso recover`."""


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """How the database stands, and to which anchor."""

    standing: Standing
    anchor: Anchor | None = None
    last_batch: int = 0
    why: Text | str = ""
    """In words with the cure; empty if it is good."""
    unseen: Text | str = ""
    """Why the other places of the anchor prove nothing, whatever the standing; empty: they do."""


def may_leave(office: Office) -> None:
    """Whether anything may leave or be written into an ERP. Raises BehindError."""
    judged = judge(office.store)
    if judged.standing is not Standing.GOOD:
        raise BehindError(judged.why)


def anchor_faults(office: Office) -> list[Text | str]:
    """Why nothing may leave, and what a person should know of the anchor's other places.

    Reads only; nothing for a database that is not there or of another release.
    """
    if not is_level(office.store):
        return []
    judged = judge(office.store)
    if judged.standing is Standing.UNSEEN:
        return [judged.why]
    why = [] if judged.standing is Standing.GOOD else [judged.why]
    return [*why, *places.place_faults(office)]


def judge(store: Store, *, thorough: bool = True) -> Judged:
    """Compare the database with its anchor; `thorough` checks the signature and asks the other
    places too, which may take seconds."""
    if not thorough:
        return _beside(store, thorough=False)
    answers = places.asked(store)
    judged = _beside(store, thorough=True)
    unseen = places.unseen(answers)
    if judged.standing in (Standing.NOT_OURS, Standing.NO_ANCHOR):
        return replace(judged, unseen=unseen)
    if (other := places.other_journal(store, judged.anchor, answers)) is not None:
        with store.read() as connection:
            judged = _compared(connection, other, judged.last_batch)
    elif unseen and judged.standing is Standing.GOOD:
        judged = replace(judged, standing=Standing.UNSEEN, why=unseen)
    return replace(judged, unseen=unseen)


def _beside(store: Store, *, thorough: bool) -> Judged:
    """The same by the anchor beside the archive and the log of what left alone."""
    anchorage = anchor.of(store)
    with store.read() as connection:
        expected = known_key.known(connection)
        last = journal.head(connection).last_batch
        try:
            kept = anchorage.read()
        except UnreadableAnchorError:
            return Judged(standing=Standing.NOT_OURS, last_batch=last, why=_not_ours(store))
        if known_key.was_taken_out(connection):
            return Judged(
                standing=Standing.NOT_OURS, anchor=kept, last_batch=last, why=_key_taken_out()
            )
        if kept is None:
            return _without(store, connection, expected, last)
        why = _wrong_signature(store, kept, expected) if thorough else None
        if why is not None:
            return Judged(standing=Standing.NOT_OURS, anchor=kept, last_batch=last, why=why)
        judged = _compared(connection, kept, last)
        if not thorough or judged.standing is not Standing.GOOD:
            return judged
        unknown = _unknown_message(store, connection)
    if unknown is None:
        return judged
    return Judged(standing=Standing.UNKNOWN_MESSAGES, anchor=kept, last_batch=last, why=unknown)


def _unknown_message(store: Store, connection: Connection) -> Text | None:
    """The newest log of what left against the outbox: it may outlive a lost anchor."""
    delivery = lost.never_begun(connection, left_log.newest_left(store.archive))
    if delivery is None:
        return None
    return text(
        "Message {delivery} left, and this database does not know it: a copy was put back. Nothing "
        "leaves until `incasso recover` has accounted for what left.",
        delivery=delivery,
    )


def _compared(connection: Connection, kept: Anchor, last: int) -> Judged:
    found = anchor.compare(connection, kept)
    why: Text | str = ""
    if found is Standing.BEHIND:
        why = text(
            "This database is older than its journal's anchor: it ends at batch {last}, the anchor "
            "at batch {there}. A copy was put back: nothing leaves until `incasso recover` has "
            "accounted for what left since.",
            last=last,
            there=kept.last_batch,
        )
    elif found is Standing.DIFFERENT:
        why = text(
            "The journal of this database is not the one that its anchor remembers: batch {there} "
            "differs. A copy was put back, or the journal was changed: nothing leaves until "
            "`incasso recover` has accounted for what left.",
            there=kept.last_batch,
        )
    return Judged(standing=found, anchor=kept, last_batch=last, why=why)


def _without(store: Store, connection: Connection, expected: str, last: int) -> Judged:
    """No anchor: fine for a hub that never had one, unless it is an empty one beside old bytes."""
    if not expected or not last:
        unknown = _unknown_message(store, connection)
        found = Standing.GOOD if unknown is None else Standing.UNKNOWN_MESSAGES
        return Judged(standing=found, last_batch=last, why=unknown or "")
    why = text(
        "The journal's anchor {file} is missing: put the archive back from its copy. Nothing "
        "leaves until it is there, or `incasso recover` has accounted for what left.",
        file=str(anchor.of(store).path),
    )
    return Judged(standing=Standing.NO_ANCHOR, last_batch=last, why=why)


def _wrong_signature(store: Store, kept: Anchor, expected: str) -> Text | str | None:
    try:
        return None if anchor.of(store).is_ours(kept, expected) else _not_ours(store)
    except HubKeyError as error:
        return str(error)


def _key_taken_out() -> Text:
    return text(
        "The hub's key was taken out of the database: it was changed outside the hub. Nothing "
        "leaves until `incasso recover` has put it back; look at what `incasso verify` says then."
    )


def _not_ours(store: Store) -> Text:
    return text(
        "The journal's anchor {file} was not written by this hub, or was changed: put it back from "
        "its copy. Nothing leaves until it is there, or `incasso recover` has accounted for what "
        "left.",
        file=str(anchor.of(store).path),
    )
