"""What the signed anchors remember of the journal, and whether the proof of what left is whole.

A journal may have gone on after the copy that was put back. What left in that time is told by the
log beside the archive; the newest signed anchor says how far that log had come.
"""

from __future__ import annotations

from itertools import islice

from incasso.domain.proof.standing import Standing
from incasso.services.proof.standing import Judged
from incasso.store.engine import Store
from incasso.store.proof import anchor, elsewhere, known_key, left_log
from incasso.store.proof.anchor import Anchor, UnreadableAnchorError
from incasso.store.proof.hub_key import signed_by


def remembered(store: Store) -> Anchor | None:
    """The latest anchor with the hub's signature, beside the archive or in another folder.

    The public half that the database knows decides, so a lost key does not matter; a database that
    knows none believes the key on the disk, and a hub without any key what it finds.
    """
    anchorage = anchor.of(store)
    with store.read() as connection:
        public = known_key.known(connection)
    if not public and anchorage.key is not None and anchorage.key.exists:
        public = anchorage.key.public()
    ours = [each for each in [_beside(store)] if each is not None and _is_signed(each, public)]
    than = ours[0] if ours else Anchor(0, 0, "")
    for place in anchorage.places:
        copies = elsewhere.newer_copies([place], than)
        ours += islice((each for each in copies if _is_signed(each, public)), 1)
    return max(ours, key=lambda each: each.order, default=None)


def is_accounted(store: Store, judged: Judged, latest: Anchor | None) -> bool:
    """Whether everything that left is in the database or in the log beside the archive."""
    if judged.standing in (Standing.GOOD, Standing.UNKNOWN_MESSAGES):
        return True
    if latest is None:
        return False
    with store.read() as connection:
        if anchor.contains(connection, latest):
            return True
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


def _is_signed(each: Anchor, public: str) -> bool:
    return not public or signed_by(public, each.statement(), each.signature)
