"""The journal is one chain: batches follow each other and cover every byte of their events."""

from __future__ import annotations

import hashlib
import json
import threading
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from incasso.services.proof.verify import verify_store
from incasso.store.engine import Store
from incasso.store.proof import journal
from incasso.store.proof.journal import Event
from incasso.store.proof.told_events import ToldEvents
from incasso.store.tables import proof

AT = datetime(2026, 11, 23, 8, 30, 0, 123456, tzinfo=UTC)
ON = date(2026, 11, 23)


def event(number: int) -> Event:
    facts = {"n": number, "totale": "10.00", "città": "Forlì"}
    return Event("step.planned", "plan", ON, "acme", f"C{number}", f"step {number}", facts)


def test_each_batch_continues_the_one_before(store: Store) -> None:
    for size in (1, 3, 2):
        with store.write() as connection:
            journal.record(connection, [event(n) for n in range(size)], at=AT)
    with store.read() as connection:
        batches = list(journal.batches(connection))
        head = journal.head(connection)
        assert len(list(journal.events(connection))) == 6
    assert [b.size for b in batches] == [1, 3, 2]
    assert batches[0].previous_hash == journal.BEGINNING
    assert [b.previous_hash for b in batches[1:]] == [b.hash for b in batches[:-1]]
    assert head == journal.Head(3, 6, batches[-1].hash)


def test_the_bytes_that_are_hashed_never_change(store: Store) -> None:
    """Whoever kept the hash of a batch elsewhere can prove it after any upgrade."""
    with store.write() as connection:
        journal.record(connection, [event(1)], at=AT)
    with store.read() as connection:
        (batch,) = journal.batches(connection)
    facts = '{"città":"Forlì","n":1,"totale":"10.00"}'
    told = [1, 1, "2026-11-23T08:30:00.123456Z", "2026-11-23", "plan", "step.planned"]
    told += ["acme", "C1", "step 1", facts]
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    hashed = f'{journal.BEGINNING}[1,"2026-11-23T08:30:00.123456Z"]{text}'
    assert batch.hash == hashlib.sha256(hashed.encode()).hexdigest()


def test_nothing_to_record_adds_no_batch(store: Store) -> None:
    with store.write() as connection:
        journal.record(connection, [], at=AT)
        assert journal.head(connection).last_batch == 0


def test_a_long_batch_is_loaded_and_is_one_link(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "_MANY", 2)
    with store.write() as connection:
        journal.record(connection, [event(n) for n in range(5)], at=AT)
    with store.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(proof.journal)) == 5
        assert journal.head(connection).last_batch == 1
    assert verify_store(store).good


@pytest.mark.parametrize("microsecond", [0, 123456])
def test_events_are_stored_the_same_however_many_come(
    store: Store, monkeypatch: pytest.MonkeyPatch, microsecond: int
) -> None:
    at = AT.replace(microsecond=microsecond)
    for many in (1, 100):
        monkeypatch.setattr(journal, "_MANY", many)
        with store.write() as connection:
            journal.record(connection, [event(7)], at=at)
    with store.read() as connection:
        loaded, inserted = connection.exec_driver_sql("SELECT * FROM journal ORDER BY id")
    assert loaded[2:] == inserted[2:]


def test_events_that_are_made_while_they_are_written_are_the_same(store: Store) -> None:
    told = ToldEvents()
    told.add(event(1))
    told.tell([2, 3], event)
    assert len(told) == 3
    for events in (told, [event(1), event(2), event(3)]):
        with store.write() as connection:
            journal.record(connection, events, at=AT)
    with store.read() as connection:
        kept = [(each.subject, each.facts) for each in journal.events(connection)]
    assert kept[:3] == kept[3:]


def test_a_rolled_back_transaction_leaves_no_gap(store: Store) -> None:
    try:
        with store.write() as connection:
            journal.record(connection, [event(1)], at=AT)
            raise ZeroDivisionError
    except ZeroDivisionError:
        pass
    with store.write() as connection:
        journal.record(connection, [event(2)], at=AT)
    with store.read() as connection:
        assert journal.head(connection).last_event == 1


def test_the_facts_are_ordinary_json_for_readers(store: Store) -> None:
    with store.write() as connection:
        journal.record(connection, [event(1)], at=AT)
    with store.read() as connection:
        row = connection.execute(sa.select(proof.journal)).one()
    assert row.facts == {"n": 1, "totale": "10.00", "città": "Forlì"}
    assert (row.at, row.on_date, row.subject) == (AT, ON, "step 1")


def test_writers_at_the_same_time_make_one_chain(store: Store) -> None:
    def write() -> None:
        for number in range(10):
            with store.write() as connection:
                journal.record(connection, [event(number)], at=AT)

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with store.read() as connection:
        batches = list(journal.batches(connection))
    assert len(batches) == 40
    assert [b.previous_hash for b in batches[1:]] == [b.hash for b in batches[:-1]]
