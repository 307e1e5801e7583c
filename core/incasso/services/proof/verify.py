"""Prove that nothing in the journal and the archive was changed, removed or lost."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import date
from itertools import islice
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from incasso.contract.text import in_a_row, text
from incasso.domain.proof.standing import Standing
from incasso.plugins.settings.config import HubConfig
from incasso.services.office.altered_ledger import altered_ledger
from incasso.services.office.office import Office
from incasso.services.office.totals import wrong_totals
from incasso.services.proof.anchoring import catch_up
from incasso.services.proof.rows import SaidRows
from incasso.services.proof.stamp_checks import days_without, wrong_stamps
from incasso.services.proof.standing import judge
from incasso.store.engine import Store
from incasso.store.proof import archive, journal, verifying
from incasso.store.proof.journal import Batch, Head, StoredEvent
from incasso.store.proof.last_said import LastSaid

RECOVERED: Final = "hub.recovered"
"""The event of `incasso recover`."""


class VerifyReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was looked at, and the first broken place of each kind in plain words."""

    batches: int = 0
    events: int = 0
    files: int = 0
    deliveries: int = 0
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What is no fault and should be known, e.g. that the hub was recovered."""
    head: str = ""
    """Hash of the last batch: kept elsewhere, it proves later what was here today."""

    @property
    def good(self) -> bool:
        """Whether everything is as it was written."""
        return not self.problems


def verify(office: Office) -> VerifyReport:
    """Read the whole journal and every archived file again; changes no table.

    A good result is remembered beside the archive, so that a journal cut short later shows.
    """
    return verify_store(office.store, office.config)


def verify_store(store: Store, config: HubConfig | None = None) -> VerifyReport:
    """The same for a database and archive without a hub around them."""
    authority = config.timestamp_ca if config else None
    with store.read() as connection:
        with LastSaid() as said:
            rows = SaidRows(said)
            chain = _Chain(connection, rows.hear)
            problems = [*chain.problems(store)]
            if chain.whole:  # a broken journal says nothing about rows
                problems += rows.problems(connection)
        problems += altered_ledger(connection)
        # Of rows and rules that are not as they were written, sums say nothing.
        problems += [] if problems else wrong_totals(connection)
        files, broken_files = _files(store, connection)
        problems += [*broken_files, *verifying.missing(connection)]
        problems += wrong_stamps(store, connection, authority)
        deliveries = verifying.count_left(connection)
        head = journal.head(connection)
    notes = [*chain.notes, *days_without(store, chain.days)]
    if not problems:
        notes += catch_up(store, remember=False)
    return VerifyReport(
        batches=chain.batches,
        events=chain.events,
        files=files,
        deliveries=deliveries,
        problems=tuple(problems),
        notes=tuple(notes),
        head=head.hash,
    )


class _Chain:
    """One walk along the journal, batch by batch, in flat memory."""

    def __init__(
        self, connection: Connection, hear: Callable[[Sequence[StoredEvent]], None]
    ) -> None:
        self._connection = connection
        self._hear = hear
        self.whole = True
        self.batches = 0
        self.events = 0
        self.notes: list[str] = []
        self.days: set[date] = set()

    def problems(self, store: Store) -> Iterator[str]:
        """The first broken place, or nothing."""
        judged = judge(store)
        if judged.standing in (Standing.NOT_OURS, Standing.NO_ANCHOR):
            yield judged.why
        try:
            self._walk(judged.anchor.head if judged.anchor else None)
        except _BrokenError as broken:
            self.whole = False
            yield str(broken)

    def _walk(self, remembered: Head | None) -> None:
        end = Head(0, 0, journal.BEGINNING)
        with (
            closing(journal.events(self._connection)) as events,
            closing(journal.batches(self._connection)) as batches,
        ):
            for batch in batches:
                end = self._batch(end, batch, list(islice(events, batch.size)))
                if remembered and remembered.last_batch == batch.id and remembered != end:
                    raise _BrokenError(
                        text(
                            "journal batch {id} was rewritten: it is not the one remembered",
                            id=batch.id,
                        )
                    )
            if (extra := next(events, None)) is not None:
                raise _BrokenError(
                    text("journal event {id} belongs to no batch: it was added", id=extra.id)
                )
        self._end(end, remembered)

    def _batch(self, end: Head, batch: Batch, events: list[StoredEvent]) -> Head:
        if batch.id != end.last_batch + 1:
            raise _BrokenError(
                text("journal batch {last_batch} is missing", last_batch=end.last_batch + 1)
            )
        if batch.previous_hash != end.hash:
            raise _BrokenError(
                text("journal batch {id} does not continue the one before it", id=batch.id)
            )
        for expected, event in enumerate(events, end.last_event + 1):
            if event.id != expected:
                raise _BrokenError(
                    text(
                        "journal event {expected} of batch {id} is missing",
                        expected=expected,
                        id=batch.id,
                    )
                )
        if len(events) != batch.size:
            missing = end.last_event + len(events) + 1
            raise _BrokenError(
                text(
                    "journal event {missing} of batch {id} is missing", missing=missing, id=batch.id
                )
            )
        digest = journal.batch_hash(end.hash, batch.id, batch.at, events)
        if digest != batch.hash:
            first, last = end.last_event + 1, end.last_event + batch.size
            raise _BrokenError(
                text(
                    "journal batch {id} of {at} (events {first} to {last}) was changed after "
                    "it was written",
                    id=batch.id,
                    at=f"{batch.at:%Y-%m-%d %H:%M}",
                    first=first,
                    last=last,
                )
            )
        self.batches += 1
        self.days.add(batch.at.date())
        self.events += len(events)
        self._hear(events)
        self.notes += [_recovered(event) for event in events if event.kind == RECOVERED]
        return Head(batch.id, end.last_event + len(events), digest)

    def _end(self, end: Head, remembered: Head | None) -> None:
        if (head := journal.head(self._connection)) != end:
            raise _BrokenError(
                text(
                    "the journal ends at event {last_event} of batch {last_batch}, but its "
                    "head says event {last_event2} of batch {last_batch2}",
                    last_event=end.last_event,
                    last_batch=end.last_batch,
                    last_event2=head.last_event,
                    last_batch2=head.last_batch,
                )
            )
        if remembered and remembered.last_batch > end.last_batch:
            raise _BrokenError(
                text(
                    "the journal was cut: it ends at batch {last_batch}, and batch "
                    "{last_batch2} has been seen",
                    last_batch=end.last_batch,
                    last_batch2=remembered.last_batch,
                )
            )


def _recovered(event: StoredEvent) -> str:
    """What happened, as far as the event says it."""
    facts = msgspec.json.decode(event.facts)
    counts = facts["counts"]
    words = [_put_back(event, facts, counts)]
    if facts.get("new_key"):
        words.append(text("anchors carry a new key of the hub since then"))
    if facts.get("accepted"):
        words.append(
            text(
                "what left before was not known, which was accepted: {why}",
                why=facts["accepted"],
            )
        )
    return in_a_row(words)


def _put_back(event: StoredEvent, facts: Any, counts: Any) -> str:
    if not facts.get("put_back", True):
        return text("on {day} the anchor was set again", day=f"{event.at:%Y-%m-%d %H:%M}")
    return text(
        "on {day} a copy of the database that ended at batch {batch} was put back and recovered: "
        "{left} messages had left since and were written down, {in_doubt} stayed in doubt",
        day=f"{event.at:%Y-%m-%d %H:%M}",
        batch=facts["from_batch"],
        left=counts["left"],
        in_doubt=counts["in_doubt"],
    )


class _BrokenError(Exception):
    """The place where the journal does not hold, in words."""


def _files(store: Store, connection: Connection) -> tuple[int, list[str]]:
    count = 0
    problems: list[str] = []
    for entry in archive.entries(connection):
        count += 1
        if not problems and (wrong := _wrong_with(store, entry)):
            problems.append(
                text(
                    "archived file {sha256} ({filename}): {wrong}",
                    sha256=entry.sha256,
                    filename=entry.filename,
                    wrong=wrong,
                )
            )
    return count, problems


def _wrong_with(store: Store, entry: archive.Entry) -> str:
    try:
        content = archive.get(store, entry.sha256)
    except OSError:
        return text("it is missing or cannot be read")
    if len(content) != entry.size:
        return text("it has {n} bytes instead of {size}", n=len(content), size=entry.size)
    if hashlib.sha256(content).hexdigest() != entry.sha256:
        return text("its bytes were changed")
    return ""
