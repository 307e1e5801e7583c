"""Whatever is changed, removed or cut off in journal and archive, `verify` finds and names it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.services.proof.verify import verify_store
from incasso.store.engine import Store
from incasso.store.proof import anchor, archive, journal
from incasso.store.proof.journal import Event
from incasso.store.tables.proof import journal as events
from incasso.store.tables.proof import journal_batches as batches
from incasso.store.tables.proof import journal_head as head

AT = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
Change = Callable[[Connection], object]


@pytest.fixture
def kept(store: Store) -> Store:
    """Four batches of three events, and two files."""
    for batch in range(4):
        with store.write() as connection:
            journal.record(
                connection,
                [
                    Event("step.planned", "plan", date(2026, 11, 23), "acme", f"C{n}", "", {"n": n})
                    for n in range(3)
                ],
                at=AT.replace(minute=batch),
            )
    for content in (b"first letter", b"second letter"):
        archive.put(store, content, "application/pdf", "letter.pdf")
    return store


def test_what_is_whole_is_found_whole(kept: Store) -> None:
    report = verify_store(kept)
    assert report.good
    assert (report.batches, report.events, report.files) == (4, 12, 2)
    with kept.read() as connection:
        assert report.head == journal.head(connection).hash


def test_an_empty_hub_is_whole(store: Store) -> None:
    assert verify_store(store).good


@pytest.mark.parametrize("column", [c.name for c in events.c if c.name != "facts"])
def test_a_changed_event_is_found(kept: Store, column: str) -> None:
    other = {
        "id": 99,
        "batch_id": 3,
        "at": AT.replace(hour=1),
        "on_date": date(2026, 11, 24),
    }.get(column, "x")
    _change(kept, lambda c: c.execute(sa.update(events).where(events.c.id == 5), {column: other}))
    (problem,) = verify_store(kept).problems
    assert "batch 2" in problem or "event 5" in problem


def test_a_single_space_in_the_facts_is_found(kept: Store) -> None:
    # The JSON means the same, but these are not the bytes that were written.
    facts = "'{\"n\": 1}'" if kept.is_sqlite else "'{\"n\": 1}'::json"
    _change(kept, lambda c: c.exec_driver_sql(f"UPDATE journal SET facts = {facts} WHERE id = 5"))
    assert "batch 2" in verify_store(kept).problems[0]


@pytest.mark.parametrize("column", ["at", "count", "previous_hash", "hash"])
def test_a_changed_batch_is_found(kept: Store, column: str) -> None:
    other: object = {"at": AT.replace(hour=1), "count": 2}.get(column, "0" * 64)
    _change(kept, lambda c: c.execute(sa.update(batches).where(batches.c.id == 2), {column: other}))
    assert any(word in verify_store(kept).problems[0] for word in ("batch 2", "event"))


def test_a_removed_event_is_named(kept: Store) -> None:
    _change(kept, lambda c: c.execute(sa.delete(events).where(events.c.id == 5)))
    assert verify_store(kept).problems == ("journal event 5 of batch 2 is missing",)


def test_a_removed_batch_is_named(kept: Store) -> None:
    def remove(connection: Connection) -> None:
        connection.execute(sa.delete(events).where(events.c.batch_id == 2))
        connection.execute(sa.delete(batches).where(batches.c.id == 2))

    _change(kept, remove)
    assert verify_store(kept).problems == ("journal batch 2 is missing",)


def test_an_added_event_is_found(kept: Store) -> None:
    row = {"id": 13, "batch_id": 4, "at": AT, "on_date": AT.date(), "kind": "x"}
    _change(kept, lambda c: c.execute(sa.insert(events), row))
    assert "event 13 belongs to no batch" in verify_store(kept).problems[0]


def _cut_off(connection: Connection) -> None:
    connection.execute(sa.delete(events).where(events.c.batch_id == 4))
    connection.execute(sa.delete(batches).where(batches.c.id == 4))


def test_a_journal_cut_at_its_end_is_found(kept: Store) -> None:
    _change(kept, _cut_off)
    assert "head says event 12" in verify_store(kept).problems[0]


def test_a_cut_that_also_sets_the_head_back_is_found(kept: Store) -> None:
    assert verify_store(kept).good  # which remembers where the journal ended
    _change(kept, _cut_off)

    def set_back(connection: Connection) -> None:
        last = connection.scalar(sa.select(batches.c.hash).where(batches.c.id == 3))
        connection.execute(sa.update(head).values(last_batch=3, last_event=9, hash=last))

    _change(kept, set_back)
    assert "was cut" in verify_store(kept).problems[0]


def test_a_journal_written_anew_from_some_batch_on_is_found(kept: Store) -> None:
    assert verify_store(kept).good
    _change(kept, _cut_off)

    def forge(connection: Connection) -> None:
        last = connection.scalar(sa.select(batches.c.hash).where(batches.c.id == 3))
        connection.execute(sa.update(head).values(last_batch=3, last_event=9, hash=last))
        event = Event("step.planned", "plan", date(2026, 11, 23), "acme", "C9")
        journal.record(connection, [event] * 3, at=AT)

    _change(kept, forge)
    assert "batch 4 was rewritten" in verify_store(kept).problems[0]


def test_a_broken_anchor_is_said_to_be_broken(kept: Store) -> None:
    assert verify_store(kept).good
    anchor.of(kept).path.write_bytes(b"{")
    assert "was not written by this hub" in verify_store(kept).problems[0]


def test_every_changed_byte_of_a_file_is_found(kept: Store) -> None:
    sha256 = archive.put(kept, b"letter", "text/plain", "a.txt")
    path = archive.path_of(kept, sha256)
    for place in range(6):
        changed = bytearray(b"letter")
        changed[place] ^= 1
        path.write_bytes(bytes(changed))
        (problem,) = verify_store(kept).problems
        assert sha256 in problem
    path.write_bytes(b"lette")
    assert "5 bytes instead of 6" in verify_store(kept).problems[0]
    path.unlink()
    assert "missing" in verify_store(kept).problems[0]


def _change(store: Store, change: Change) -> None:
    """Somebody with the database's password."""
    with store.write() as connection:
        if store.is_sqlite:
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        else:
            for table in ("journal", "journal_batches"):
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        change(connection)
