"""The journal of events: hash-chained per committed batch, so that nothing in it can change unseen.

The hash of a batch covers the hash of the batch before it and every byte of its own events. One
row, the head, says where the chain ends; it is locked by whoever writes, so batches follow each
other in single file on both databases. Record last in a transaction: the next writer waits for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cache
from itertools import chain
from typing import Any, Final, Protocol

import msgspec
import sqlalchemy as sa
from msgspec.structs import asdict
from sqlalchemy import Connection

from incasso.contract.text import encodable
from incasso.store import written_rows
from incasso.store.bulk import Values, load
from incasso.store.engine import JOURNALED
from incasso.store.proof import sealed_rows
from incasso.store.records import columns_of, stream
from incasso.store.tables.proof import journal, journal_batches, journal_head
from incasso.store.upserting import insert_into

BEGINNING: Final = hashlib.sha256(b"incasso journal").hexdigest()
"""What the first batch has for a previous hash."""


class Event(msgspec.Struct, frozen=True):
    """Something that happened, as an office or a court would want to read it later.

    `kind` is `thing.verb`, e.g. `delivery.accepted`; `actor` a login or the service that did it;
    `subject` what it is about, e.g. `step 12`. Facts are what JSON can hold, money as text.
    """

    kind: str
    actor: str
    on: date
    source: str = ""
    client: str = ""
    subject: str = ""
    facts: Mapping[str, Any] = {}


class StoredEvent(msgspec.Struct, frozen=True, array_like=True):
    """An event as the table has it: the canonical bytes of these values are what is hashed."""

    id: int
    batch_id: int
    at: datetime
    on_date: date
    actor: str
    kind: str
    source: str
    client: str
    subject: str
    facts: str
    """The stored text, byte for byte.

    Hashing what JSON decodes to would let a changed space or a doubled key go unseen.
    """


class Batch(msgspec.Struct, frozen=True):
    """One link of the chain."""

    id: int
    at: datetime
    size: int
    previous_hash: str
    hash: str


class Head(msgspec.Struct, frozen=True):
    """Where the chain ends."""

    last_batch: int
    last_event: int
    hash: str


class Journaled(msgspec.Struct, frozen=True):
    """What a transaction added: where the chain ended before its last batch, and ends now."""

    before: Head
    head: Head
    at: datetime


class Events(Protocol):
    """A sequence of them, or `told_events`; the first of them is asked for twice."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Event]: ...


def record(connection: Connection, events: Events, *, at: datetime) -> None:
    """Append one batch in the caller's transaction; nothing happens for no events.

    Other writers of the journal wait until that transaction ends. `at` must be aware.
    """
    if not len(events):
        return
    written = _rows_written(connection, next(iter(events)))
    size = len(written) + len(events)
    before = _locked_head(connection)
    batch = before.last_batch + 1
    at = at.astimezone(UTC)
    stored = (
        _stored(number, batch, at, event)
        for number, event in enumerate(chain(written, events), before.last_event + 1)
    )
    write = _insert if size < _MANY else _load
    digest = write(connection, Batch(batch, at, size, before.hash, ""), stored)
    now = Head(batch, before.last_event + size, digest)
    connection.execute(_MOVE_HEAD, asdict(now))
    connection.info[JOURNALED] = Journaled(before, now, at)


def _rows_written(connection: Connection, event: Event) -> list[Event]:
    """What the transaction wrote of rows that matter, beside the event that says why."""
    digests = sealed_rows.digests(connection, written_rows.take(connection))
    if not digests:
        return []
    return [Event(kind=sealed_rows.ROWS_WRITTEN, actor=event.actor, on=event.on, facts=digests)]


def head(connection: Connection) -> Head:
    """Where the chain ends now; an empty journal ends at BEGINNING."""
    row = connection.execute(_READ_HEAD).one_or_none()
    return Head(*row) if row else Head(0, 0, BEGINNING)


def ended_at(connection: Connection) -> datetime | None:
    """When the last batch was written; None for an empty journal."""
    query = sa.select(journal_batches.c.at).order_by(journal_batches.c.id.desc())
    return connection.scalar(query.limit(1))


def hash_of(connection: Connection, batch: int) -> str | None:
    """The hash of a batch; BEGINNING for the one before the first; None if there is none."""
    if batch == 0:
        return BEGINNING
    query = sa.select(journal_batches.c.hash).where(journal_batches.c.id == batch)
    return connection.scalar(query)


def batch_hash(previous: str, batch: int, at: datetime, events: Iterable[StoredEvent]) -> str:
    """SHA-256 over the previous hash, the batch and the canonical bytes of each event."""
    digest = _begun(previous, batch, at)
    for event in events:
        digest.update(_canonical(event))
    return digest.hexdigest()


def _begun(previous: str, batch: int, at: datetime) -> hashlib._Hash:
    digest = hashlib.sha256(previous.encode())
    digest.update(_canonical((batch, at)))
    return digest


def batches(connection: Connection) -> Generator[Batch, None, None]:
    """Every batch in order. A stream; close it."""
    columns = columns_of(Batch, journal_batches, size=journal_batches.c.count)
    return stream(connection, Batch, sa.select(*columns).order_by(journal_batches.c.id))


def events(connection: Connection) -> Generator[StoredEvent, None, None]:
    """Every event in order. A stream; close it."""
    columns = columns_of(StoredEvent, journal, facts=sa.cast(journal.c.facts, sa.Text))
    return stream(connection, StoredEvent, sa.select(*columns).order_by(journal.c.id))


def _stored(number: int, batch: int, at: datetime, event: Event) -> StoredEvent:
    return StoredEvent(
        id=number,
        batch_id=batch,
        at=at,
        on_date=event.on,
        actor=event.actor,
        kind=event.kind,
        source=event.source,
        client=event.client,
        subject=event.subject,
        facts=_canonical(event.facts).decode(),
    )


def _locked_head(connection: Connection) -> Head:
    row = connection.execute(_LOCK_HEAD).one_or_none()
    if row is None:
        first = {"id": 1, "last_batch": 0, "last_event": 0, "hash": BEGINNING}
        connection.execute(insert_into(connection, journal_head).on_conflict_do_nothing(), first)
        row = connection.execute(_LOCK_HEAD).one()
    return Head(*row)


def _insert(connection: Connection, batch: Batch, stored: Iterable[StoredEvent]) -> str:
    """A batch with its events; gives its hash."""
    stored = list(stored)
    digest = batch_hash(batch.previous_hash, batch.id, batch.at, stored)
    _insert_batch(connection, batch, digest)
    insert = _insert_events(connection.dialect.name)
    connection.execute(insert, [asdict(each) for each in stored])
    return digest


def _load(connection: Connection, batch: Batch, stored: Iterable[StoredEvent]) -> str:
    """The same for many, one after the other past SQLAlchemy: a sync may tell of fifty thousand
    payments, and memory stays flat. The hash is known when the last one is written."""
    _insert_batch(connection, batch, f"batch {batch.id} is being written")
    digest = _begun(batch.previous_hash, batch.id, batch.at)
    # As SQLAlchemy keeps instants in SQLite.
    lite = connection.dialect.name == "sqlite"
    at = f"{batch.at:%Y-%m-%d %H:%M:%S.%f}" if lite else batch.at.isoformat()
    load(connection, journal, tuple(journal.c), _as_loaded(stored, at, digest))
    done = digest.hexdigest()
    mine = journal_batches.c.id == batch.id
    connection.execute(sa.update(journal_batches).where(mine).values(hash=done))
    return done


def _as_loaded(stored: Iterable[StoredEvent], at: str, digest: hashlib._Hash) -> Iterator[Values]:
    for each in stored:
        digest.update(_canonical(each))
        day = each.on_date.isoformat()
        said = (each.actor, each.kind, each.source, each.client, each.subject, each.facts)
        yield (each.id, each.batch_id, at, day, *said)


def _insert_batch(connection: Connection, batch: Batch, digest: str) -> None:
    header = {"id": batch.id, "at": batch.at, "count": batch.size}
    values = {**header, "previous_hash": batch.previous_hash, "hash": digest}
    connection.execute(_INSERT_BATCH, values)


@cache
def _insert_events(dialect: str) -> sa.Insert:
    # The text that was hashed must be the text that is stored, so the JSON type may not rewrite it.
    facts: sa.ColumnElement[Any] = sa.bindparam("facts", type_=sa.Text)
    if dialect == "postgresql":
        facts = sa.cast(facts, sa.JSON)
    values = {name: sa.bindparam(name, type_=journal.c[name].type) for name in _COLUMNS}
    return sa.insert(journal).values({**values, "facts": facts})


_COLUMNS: Final = tuple(journal.c.keys())
_MANY: Final = 100
"""From here on loading them costs less than inserting."""
_READ_HEAD: Final = sa.select(
    journal_head.c.last_batch, journal_head.c.last_event, journal_head.c.hash
).where(journal_head.c.id == 1)
_LOCK_HEAD: Final = _READ_HEAD.with_for_update()
_MOVE_HEAD: Final = sa.update(journal_head)
_INSERT_BATCH: Final = sa.insert(journal_batches)
_canonical: Final = msgspec.json.Encoder(order="sorted", enc_hook=encodable).encode
