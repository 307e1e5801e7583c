"""The journal of events: hash-chained per committed batch, so that nothing in it can change unseen.

The hash of a batch covers the hash of the batch before it and every byte of its own events. One
row, the head, says where the chain ends; it is locked by whoever writes, so batches follow each
other in single file on both databases. Record last in a transaction: the next writer waits for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from incasso.contract.text import encodable
from incasso.store.tables.proof import journal, journal_batches, journal_head

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


class Head(msgspec.Struct, frozen=True):
    """Where the chain ends."""

    last_batch: int
    last_event: int
    hash: str


def record(connection: Connection, events: Sequence[Event], *, at: datetime) -> None:
    """Append one batch in the caller's transaction; nothing happens for no events.

    Other writers of the journal wait until that transaction ends. `at` must be aware.
    """
    if not events:
        return
    before = _locked_head(connection)
    batch = before.last_batch + 1
    at = at.astimezone(UTC)
    rows = [
        _row(number, batch, at, event) for number, event in enumerate(events, before.last_event + 1)
    ]
    digest = batch_hash(before.hash, batch, at, rows)
    header = {"id": batch, "at": at, "count": len(rows), "previous_hash": before.hash}
    connection.execute(_INSERT_BATCH, {**header, "hash": digest})
    connection.execute(_insert_events(connection.dialect.name), rows)
    head = {"last_batch": batch, "last_event": rows[-1]["id"], "hash": digest}
    connection.execute(_MOVE_HEAD, head)


def head(connection: Connection) -> Head:
    """Where the chain ends now; an empty journal ends at BEGINNING."""
    row = connection.execute(_READ_HEAD).one_or_none()
    return Head(*row) if row else Head(0, 0, BEGINNING)


def batch_hash(previous: str, batch: int, at: datetime, rows: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 over the previous hash, the batch and the canonical bytes of each event."""
    digest = hashlib.sha256(previous.encode())
    digest.update(_canonical((batch, at)))
    for row in rows:
        digest.update(_canonical(tuple(row[name] for name in _COLUMNS)))
    return digest.hexdigest()


def batches(connection: Connection) -> Generator[sa.Row[Any], None, None]:
    """Every batch in order: id, at, size, previous_hash, hash. A stream; close it."""
    columns = journal_batches.c
    query = sa.select(
        columns.id, columns.at, columns.count.label("size"), columns.previous_hash, columns.hash
    )
    yield from _stream(connection, query.order_by(columns.id))


def events(connection: Connection) -> Generator[Mapping[str, Any], None, None]:
    """Every event in order, with its facts as the stored text, byte for byte. A stream; close it.

    Hashing what JSON decodes to would let a changed space or a doubled key go unseen.
    """
    columns = [c for c in journal.c if c.name != "facts"]
    query = sa.select(*columns, sa.cast(journal.c.facts, sa.Text).label("facts"))
    for row in _stream(connection, query.order_by(journal.c.id)):
        yield row._asdict()


def _stream(connection: Connection, query: sa.Select[Any]) -> Iterator[sa.Row[Any]]:
    # Options given with the statement stay with it; given to the connection they would stay there.
    with connection.execute(query, execution_options={"yield_per": 1000}) as result:
        yield from result


def _row(number: int, batch: int, at: datetime, event: Event) -> dict[str, Any]:
    return {
        "id": number,
        "batch_id": batch,
        "at": at,
        "on_date": event.on,
        "actor": event.actor,
        "kind": event.kind,
        "source": event.source,
        "client": event.client,
        "subject": event.subject,
        "facts": _canonical(event.facts).decode(),
    }


def _locked_head(connection: Connection) -> Head:
    row = connection.execute(_LOCK_HEAD).one_or_none()
    if row is None:
        first = {"id": 1, "last_batch": 0, "last_event": 0, "hash": BEGINNING}
        insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        connection.execute(insert(journal_head).on_conflict_do_nothing(), first)
        row = connection.execute(_LOCK_HEAD).one()
    return Head(*row)


@cache
def _insert_events(dialect: str) -> sa.Insert:
    # The text that was hashed must be the text that is stored, so the JSON type may not rewrite it.
    facts: sa.ColumnElement[Any] = sa.bindparam("facts", type_=sa.Text)
    if dialect == "postgresql":
        facts = sa.cast(facts, sa.JSON)
    values = {name: sa.bindparam(name, type_=journal.c[name].type) for name in _COLUMNS}
    return sa.insert(journal).values({**values, "facts": facts})


_COLUMNS: Final = tuple(journal.c.keys())
_READ_HEAD: Final = sa.select(
    journal_head.c.last_batch, journal_head.c.last_event, journal_head.c.hash
)
_LOCK_HEAD: Final = _READ_HEAD.with_for_update()
_MOVE_HEAD: Final = sa.update(journal_head)
_INSERT_BATCH: Final = sa.insert(journal_batches)
_canonical: Final = msgspec.json.Encoder(order="sorted", enc_hook=encodable).encode
