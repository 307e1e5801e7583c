"""The other places of the anchor: what they say of this database, and whether they take copies.

A second place is there so that a machine that was put back as a whole, database and archive
together, cannot hide what left meanwhile. So a place that once had copies and cannot be asked now
stops sending, until it can be asked or a person accepts that nobody knows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from incasso.contract.text import Text, in_a_row, text
from incasso.services.office.office import Office
from incasso.store.engine import Store
from incasso.store.proof import anchor, elsewhere, known_key, place_memory
from incasso.store.proof.anchor import Anchor
from incasso.store.proof.elsewhere import Place
from incasso.store.proof.hub_key import signed_by
from incasso.store.proof.place_memory import Taken
from incasso.store.revision import is_level


class Answer(msgspec.Struct, frozen=True):
    """What one place says."""

    place: Place
    taken: Taken | None
    """What the database remembers of it; None: it never had a copy."""
    newest: Anchor | None = None
    """Its newest copy of ours, at least as late as what it took."""
    fault: Text | str = ""
    """Why it proves nothing: it cannot be read, or lacks what it took."""

    @property
    def is_silent(self) -> bool:
        """Whether it had copies and proves nothing now, which nobody has accepted."""
        return bool(self.fault and self.taken and self.taken.at)


def asked(store: Store) -> list[Answer]:
    """Every place, asked now: a look at the names and one copy of each."""
    anchorage = anchor.of(store)
    if not anchorage.places:
        return []
    with store.read() as connection:
        taken = place_memory.taken(connection)
    ours = signed_by_hub(store)
    return [_asked(each, taken.get(each.where), ours) for each in anchorage.places]


def signed_by_hub(store: Store) -> Callable[[Anchor], bool]:
    """Whether an anchor has the hub's signature.

    The public half that the database knows decides, so a lost key does not matter; a database that
    knows none believes the key on the disk, and a hub without any key what it finds.
    """
    key = anchor.of(store).key
    with store.read() as connection:
        public = known_key.known(connection)
    if not public and key is not None and key.exists:
        public = key.public()
    return lambda each: not public or signed_by(public, each.statement(), each.signature)


def unseen(answers: Sequence[Answer]) -> Text | str:
    """Why nobody can tell whether a copy was put back: no place can be asked that had copies.

    One that answers is enough. Empty if it can be told.
    """
    silent = [each for each in answers if each.is_silent]
    if not silent or any(each.newest is not None for each in answers):
        return ""
    return text(
        "{reason}. Whether a copy of the database was put back cannot be told without it: nothing "
        "leaves until it is there again, or `incasso recover --accept-unknown` says that it may.",
        reason=in_a_row(each.fault for each in silent),
    )


def other_journal(store: Store, kept: Anchor | None, answers: Sequence[Answer]) -> Anchor | None:
    """The latest anchor, `kept` or a copy, that the journal of this database does not contain.

    A copy of an earlier epoch may be missing: the hub was recovered since.
    """
    epoch = kept.epoch if kept else 0
    known = [kept, *(each.newest for each in answers)]
    with store.read() as connection:
        missing = [
            each
            for each in known
            if each and each.epoch >= epoch and not anchor.contains(connection, each)
        ]
    return max(missing, key=lambda each: each.order, default=None)


def copied(store: Store, moved: Anchor, *, remember: bool = True) -> list[Text]:
    """Put a copy of the anchor into each place; a sentence for each that took none.

    A database that lacks what a place has puts nothing there: a later copy of another journal would
    hide it.
    """
    answers = asked(store)
    if moved.at is None or other_journal(store, moved, answers) is not None:
        return []
    after = {each.place.where: _put(each, moved) for each in answers}
    changed = {
        each.place.where: after[each.place.where]
        for each in answers
        if after[each.place.where] != (each.taken or Taken())
    }
    if changed and remember:
        with store.write() as connection:
            place_memory.note(connection, changed)
    return [_refusal(where, each) for where, each in after.items() if each.refuses_since]


def accept(store: Store, at: datetime) -> None:
    """A person accepts that nobody knows what the silent places had: they begin anew."""
    gone = [each for each in asked(store) if each.is_silent]
    if gone:
        with store.write() as connection:
            place_memory.note(connection, {each.place.where: Taken(accepted=at) for each in gone})


def place_faults(office: Office) -> list[Text | str]:
    """What a person should know of each place: it is not there, never took a copy, takes no more.

    Reads only; nothing for a database that is not there or of another release.
    """
    if not is_level(office.store):
        return []
    return [fault for each in asked(office.store) if (fault := _fault(each))]


def _fault(answer: Answer) -> Text | str:
    where, taken = answer.place.where, answer.taken
    if answer.fault:
        return answer.fault
    if taken is not None and taken.refuses_since:
        return _refusal(where, taken)
    if answer.newest is None:
        return text(
            "{place} holds no copy of the journal's anchor yet: `incasso init` puts the first one",
            place=where,
        )
    return ""


def _asked(place: Place, taken: Taken | None, ours: Callable[[Anchor], bool]) -> Answer:
    had = taken is not None and taken.at is not None
    try:
        found = elsewhere.newest(place, taken.order if taken and had else (0, 0), ours)
    except FileNotFoundError as error:
        if not had:
            return Answer(place, taken)
        return Answer(place, taken, fault=_unread(place, error))
    except OSError as error:
        return Answer(place, taken, fault=_unread(place, error))
    if found is None and taken is not None and taken.at is not None:
        fault = text(
            "{place} has no copy of the journal's anchor, and took one on {day}: is the right disk "
            "there?",
            place=place.where,
            day=f"{taken.at:%Y-%m-%d %H:%M}",
        )
        return Answer(place, taken, fault=fault)
    return Answer(place, taken, found)


def _unread(place: Place, error: OSError) -> Text:
    return text(
        "the anchor's copies in {place} cannot be read: {reason}",
        place=place.where,
        reason=_words(error),
    )


def _words(error: OSError) -> str:
    """The system's words, or our own sentence, which may be translated."""
    return error.strerror or (error.args[0] if error.args else type(error).__name__)


def _put(answer: Answer, moved: Anchor) -> Taken:
    """What the place has taken afterwards."""
    before = answer.taken or Taken()
    since = before.refuses_since or moved.at
    if answer.is_silent:
        return replace(before, refuses_since=since, reason=str(answer.fault))
    try:
        elsewhere.put(answer.place, moved, first=answer.taken is None)
    except OSError as error:
        return replace(before, refuses_since=since, reason=_words(error))
    return Taken(moved.epoch, moved.last_batch, moved.at)


def _refusal(where: str, taken: Taken) -> Text:
    return text(
        "the anchor could not be copied to {place} since {day}: {reason}",
        place=where,
        day=f"{taken.refuses_since:%Y-%m-%d %H:%M}",
        reason=taken.reason,
    )
