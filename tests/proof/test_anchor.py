"""The anchor follows the journal, never goes back, and nobody but the hub can write it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from incasso.domain.proof.standing import Mark, Standing, standing
from incasso.services.proof.standing import judge
from incasso.services.proof.verify import verify_store
from incasso.store.engine import Store, open_store
from incasso.store.proof import journal, known_key
from incasso.store.proof.anchor import Anchor, Anchorage
from incasso.store.proof.hub_key import HubKey, HubKeyError
from incasso.store.proof.journal import Event
from incasso.store.sending.dispatcher_lock import take_turn
from incasso.store.tables.proof import journal as events
from incasso.store.tables.proof import journal_batches as batches
from incasso.store.tables.proof import journal_head as head

AT = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


@pytest.fixture
def key(tmp_path: Path) -> HubKey:
    before = os.umask(0o077)  # as every command sets it
    made = HubKey(tmp_path / "incasso.key")
    assert made.create()
    os.umask(before)
    return made


@pytest.fixture
def kept(hub_url: str, tmp_path: Path, key: HubKey) -> Iterator[Store]:
    """A store whose journal is followed by a signed anchor."""
    archive = tmp_path / "archive"
    store = open_store(hub_url, archive, Anchorage(archive, key))
    with store.write() as connection:
        known_key.remember(connection, key.public())
    yield store
    store.close()


def test_the_anchor_follows_every_commit(kept: Store) -> None:
    for number in range(1, 4):
        _record(kept)
        assert _anchor(kept).last_batch == number
    with take_turn(kept) as turn, turn.write() as connection:
        _event(connection)
    assert _anchor(kept).last_batch == 4
    assert verify_store(kept).good


def test_what_is_rolled_back_moves_nothing(kept: Store) -> None:
    _record(kept)
    with pytest.raises(ZeroDivisionError), kept.write() as connection:
        _event(connection)
        raise ZeroDivisionError
    with kept.write() as connection:  # the next transaction on the same connection
        connection.execute(sa.select(batches.c.id))
    assert _anchor(kept).last_batch == 1


def test_a_late_writer_does_not_set_it_back(kept: Store) -> None:
    """Two processes commit in one order and come to the anchor in the other."""
    _record(kept)
    with kept.read() as connection:
        first = journal.head(connection)
    _record(kept)
    anchorage = _anchorage(kept)
    assert anchorage.advance(first, AT, lambda known: True) == _anchor(kept)
    assert _anchor(kept).last_batch == 2


def test_the_last_batch_cut_off_is_not_hidden_by_the_next_command(kept: Store) -> None:
    _record(kept)
    _record(kept)
    before = _anchor(kept)
    _cut_last(kept)
    assert judge(kept).standing is Standing.BEHIND
    _record(kept, "C2")  # the next command
    assert _anchor(kept) == before
    assert judge(kept).standing is Standing.DIFFERENT
    assert "batch 2 was rewritten" in verify_store(kept).problems[0]
    _record(kept)  # and grows beyond the anchor
    assert _anchor(kept) == before
    assert judge(kept).standing is Standing.DIFFERENT


def test_a_commit_whose_process_died_before_the_anchor_moved_is_no_alarm(kept: Store) -> None:
    _record(kept)
    lost = open_store(kept.engine.url.render_as_string(False), kept.archive)
    _record(lost)  # nobody follows
    lost.close()
    assert judge(kept).standing is Standing.GOOD
    _record(kept)
    assert _anchor(kept).last_batch == 3


@pytest.mark.parametrize("field", ["last_batch", "last_event", "hash", "epoch", "at", "signature"])
def test_a_forged_anchor_is_refused(kept: Store, field: str) -> None:
    _record(kept)
    fields = msgspec.json.decode(_anchorage(kept).path.read_bytes())
    other = {"hash": "0" * 64, "at": "2026-11-24T08:30:00Z", "signature": ""}.get(field, 7)
    _anchorage(kept).path.write_bytes(msgspec.json.encode({**fields, field: other}))
    assert judge(kept).standing is Standing.NOT_OURS
    assert any("not written by this hub" in each for each in verify_store(kept).problems)


def test_an_anchor_of_another_key_is_refused(kept: Store, tmp_path: Path) -> None:
    _record(kept)
    other = HubKey(tmp_path / "other.key")
    other.create()
    forger = Anchorage(kept.archive, other)
    now = _anchor(kept)
    forger.renew(now.head, AT, now.epoch)
    assert judge(kept).standing is Standing.NOT_OURS


def test_a_missing_anchor_is_said(kept: Store) -> None:
    _record(kept)
    _anchorage(kept).path.unlink()
    assert judge(kept).standing is Standing.NO_ANCHOR
    assert any("is missing" in each for each in verify_store(kept).problems)


def test_a_hub_of_the_first_release_has_an_unsigned_anchor(store: Store) -> None:
    _record(store)
    assert verify_store(store).good
    assert _anchorage(store).read() == Anchor(1, 1, _hash(store, 1), at=AT, log="")
    assert judge(store).standing is Standing.GOOD


def test_the_key_is_its_owners_alone_and_never_made_anew(key: HubKey) -> None:
    assert stat.S_IMODE(key.path.stat().st_mode) == 0o600
    before = key.path.read_bytes()
    assert not key.create()
    assert key.path.read_bytes() == before
    by_reference = HubKey(Path("nowhere"), before.decode())
    assert by_reference.public() == key.public()
    assert key.signed(b"words", by_reference.sign(b"words"))
    assert not key.signed(b"other words", by_reference.sign(b"words"))


def test_a_key_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.key").write_text("no key")
    with pytest.raises(HubKeyError, match=r"bad\.key"):
        HubKey(tmp_path / "bad.key").public()


@pytest.mark.parametrize(
    ("last", "there", "expected"),
    [
        (5, "a", Standing.GOOD),
        (9, "a", Standing.GOOD),
        (4, None, Standing.BEHIND),
        (0, None, Standing.BEHIND),
        (5, "b", Standing.DIFFERENT),
        (9, "b", Standing.DIFFERENT),
    ],
)
def test_how_a_journal_stands_to_batch_five(
    last: int, there: str | None, expected: Standing
) -> None:
    assert standing(Mark(0, 5, "a"), last_batch=last, hash_there=there) is expected


def _record(store: Store, client: str = "C1") -> None:
    with store.write() as connection:
        _event(connection, client)


def _event(connection: sa.Connection, client: str = "C1") -> None:
    event = Event("step.planned", "plan", date(2026, 11, 23), "acme", client, "", {})
    journal.record(connection, [event], at=AT)


def _anchorage(store: Store) -> Anchorage:
    return store.follower if isinstance(store.follower, Anchorage) else Anchorage(store.archive)


def _anchor(store: Store) -> Anchor:
    found = _anchorage(store).read()
    assert found is not None
    return found


def _hash(store: Store, batch: int) -> str:
    with store.read() as connection:
        return str(connection.scalar(sa.select(batches.c.hash).where(batches.c.id == batch)))


def _cut_last(store: Store) -> None:
    """Somebody with the database's password, who knows the tables."""
    with store.write() as connection:
        last = connection.scalar(sa.select(sa.func.max(batches.c.id)))
        connection.execute(sa.delete(events).where(events.c.batch_id == last))
        connection.execute(sa.delete(batches).where(batches.c.id == last))
        row = connection.execute(sa.select(batches).where(batches.c.id == last - 1)).one()
        connection.execute(
            sa.update(head).values(last_batch=row.id, last_event=row.id, hash=row.hash)
        )
