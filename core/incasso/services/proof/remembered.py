"""What the signed anchors remember of the journal, and whether the proof of what left is whole.

A journal may have gone on after the copy that was put back. What left in that time is told by the
log beside the archive; the newest signed anchor says how far that log had come.
"""

from __future__ import annotations

from incasso.domain.proof.standing import Standing
from incasso.services.proof import places
from incasso.services.proof.standing import Judged
from incasso.store.engine import Store
from incasso.store.proof import anchor, left_log
from incasso.store.proof.anchor import Anchor, UnreadableAnchorError


def remembered(store: Store) -> Anchor | None:
    """The latest anchor with the hub's signature, beside the archive or in another place.

    One that the journal does not contain counts more than one that it does, whose batch may be
    later: a database that was put back has gone on since.
    """
    beside = _beside(store)
    is_ours = places.signed_by_hub(store)
    kept = beside if beside is not None and is_ours(beside) else None
    answers = places.asked(store)
    if (other := places.other_journal(store, kept, answers)) is not None:
        return other
    copies = [kept, *(each.newest for each in answers)]
    return max(filter(None, copies), key=lambda each: each.order, default=None)


def is_accounted(store: Store, judged: Judged, latest: Anchor | None) -> bool:
    """Whether everything that left is in the database or in the log beside the archive.

    While the other places cannot be asked nobody knows how far it had come.
    """
    if judged.unseen:
        return False
    if judged.standing in (Standing.GOOD, Standing.UNKNOWN_MESSAGES):
        return True
    if latest is None:
        return False
    with store.read() as connection:
        if anchor.contains(connection, latest):
            return True
        if not anchor.fills_gap(connection, latest):
            return False
    return latest.log is not None and left_log.reaches(store.archive, latest.log)


def was_put_back(store: Store, latest: Anchor | None) -> bool:
    """Whether the database lacks what the latest anchor remembers."""
    if latest is None:
        return False
    with store.read() as connection:
        return not anchor.contains(connection, latest)


def _beside(store: Store) -> Anchor | None:
    try:
        return anchor.of(store).read()
    except UnreadableAnchorError:
        return None
