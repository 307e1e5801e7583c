"""Prove that nothing in the journal and the archive was changed, removed or lost."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from itertools import islice
from typing import Any

import msgspec
from sqlalchemy import Connection, Row

from incasso.services.running.office import Office
from incasso.store.engine import Store
from incasso.store.proof import anchor, archive, journal, verifying
from incasso.store.proof.journal import Head


class VerifyReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was looked at, and the first broken place of each kind in plain words."""

    batches: int = 0
    events: int = 0
    files: int = 0
    deliveries: int = 0
    problems: tuple[str, ...] = ()
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
    return verify_store(office.store)


def verify_store(store: Store) -> VerifyReport:
    """The same for a database and archive without a hub around them."""
    with store.read() as connection:
        chain = _Chain(connection)
        problems = [*chain.problems(store)]
        files, broken_files = _files(store, connection)
        problems += [*broken_files, *verifying.missing(connection)]
        deliveries = verifying.count_left(connection)
        head = journal.head(connection)
    if not problems:
        anchor.save_anchor(store, head)
    return VerifyReport(
        batches=chain.batches,
        events=chain.events,
        files=files,
        deliveries=deliveries,
        problems=tuple(problems),
        head=head.hash,
    )


class _Chain:
    """One walk along the journal, batch by batch, in flat memory."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.batches = 0
        self.events = 0

    def problems(self, store: Store) -> Iterator[str]:
        """The first broken place, or nothing."""
        try:
            remembered = anchor.read_anchor(store)
        except (ValueError, msgspec.DecodeError):
            yield f"{anchor.path_of(store)} cannot be read: restore it from a backup, or delete it"
            remembered = None
        try:
            self._walk(remembered)
        except _BrokenError as broken:
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
                        f"journal batch {batch.id} was rewritten: it is not the one remembered"
                    )
            if (extra := next(events, None)) is not None:
                raise _BrokenError(f"journal event {extra['id']} belongs to no batch: it was added")
        self._end(end, remembered)

    def _batch(self, end: Head, batch: Row[Any], rows: list[Mapping[str, Any]]) -> Head:
        if batch.id != end.last_batch + 1:
            raise _BrokenError(f"journal batch {end.last_batch + 1} is missing")
        if batch.previous_hash != end.hash:
            raise _BrokenError(f"journal batch {batch.id} does not continue the one before it")
        for expected, row in enumerate(rows, end.last_event + 1):
            if row["id"] != expected:
                raise _BrokenError(f"journal event {expected} of batch {batch.id} is missing")
        if len(rows) != batch.size:
            missing = end.last_event + len(rows) + 1
            raise _BrokenError(f"journal event {missing} of batch {batch.id} is missing")
        digest = journal.batch_hash(end.hash, batch.id, batch.at, rows)
        if digest != batch.hash:
            first, last = end.last_event + 1, end.last_event + batch.size
            raise _BrokenError(
                f"journal batch {batch.id} of {batch.at:%Y-%m-%d %H:%M} (events {first} to {last})"
                " was changed after it was written"
            )
        self.batches += 1
        self.events += len(rows)
        return Head(batch.id, end.last_event + len(rows), digest)

    def _end(self, end: Head, remembered: Head | None) -> None:
        if (head := journal.head(self._connection)) != end:
            raise _BrokenError(
                f"the journal ends at event {end.last_event} of batch {end.last_batch}, but its"
                f" head says event {head.last_event} of batch {head.last_batch}"
            )
        if remembered and remembered.last_batch > end.last_batch:
            raise _BrokenError(
                f"the journal was cut: it ends at batch {end.last_batch}, and batch"
                f" {remembered.last_batch} has been seen"
            )


class _BrokenError(Exception):
    """The place where the journal does not hold, in words."""


def _files(store: Store, connection: Connection) -> tuple[int, list[str]]:
    count = 0
    problems: list[str] = []
    for entry in archive.entries(connection):
        count += 1
        if not problems and (wrong := _wrong_with(store, entry)):
            problems.append(f"archived file {entry.sha256} ({entry.filename}): {wrong}")
    return count, problems


def _wrong_with(store: Store, entry: Row[Any]) -> str:
    try:
        content = archive.get(store, entry.sha256)
    except OSError:
        return "it is missing or cannot be read"
    if len(content) != entry.size:
        return f"it has {len(content)} bytes instead of {entry.size}"
    if hashlib.sha256(content).hexdigest() != entry.sha256:
        return "its bytes were changed"
    return ""
