"""The archive keeps exact bytes under their digest, once, complete or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from incasso.store.engine import Store
from incasso.store.proof import archive
from incasso.store.tables import proof


def test_what_goes_in_comes_out(store: Store) -> None:
    content = b"Gentile cliente,\r\n" * 100
    sha256 = archive.put(store, content, "message/rfc822", "a.eml")
    assert sha256 == hashlib.sha256(content).hexdigest()
    assert archive.get(store, sha256) == content
    assert archive.path_of(store, sha256).relative_to(store.archive).parts == (
        sha256[:2],
        sha256[2:],
    )


def test_the_same_bytes_are_kept_once(store: Store) -> None:
    first = archive.put(store, b"x", "text/plain", "a.txt")
    assert archive.put(store, b"x", "text/plain", "b.txt") == first
    with store.read() as connection:
        rows = connection.execute(sa.select(proof.archive)).all()
    assert [(r.sha256, r.size, r.filename) for r in rows] == [(first, 1, "a.txt")]


def test_a_file_cut_short_by_a_crash_is_written_again(store: Store) -> None:
    sha256 = hashlib.sha256(b"whole").hexdigest()
    path = archive.path_of(store, sha256)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"who")
    archive.put(store, b"whole", "text/plain", "a.txt")
    assert archive.get(store, sha256) == b"whole"


def test_no_half_file_stays_behind_when_the_disk_refuses(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("incasso.store.proof.archive.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        archive.put(store, b"x", "text/plain", "a.txt")
    assert not [path for path in store.archive.rglob("*") if path.is_file()]


def test_a_page_is_kept_whole_in_its_order_and_each_file_once(store: Store) -> None:
    def files() -> Iterator[tuple[bytes, str, str]]:
        for number in (1, 2, 1, 3):
            yield b"%d" % number, "text/plain", f"{number}.txt"

    archive.put(store, b"3", "text/plain", "earlier.txt")
    entries = archive.keep_all(store, files())
    assert [archive.get(store, each.sha256) for each in entries] == [b"1", b"2", b"1", b"3"]
    assert len([path for path in store.archive.rglob("*") if path.is_file()]) == 3


def test_nothing_stays_behind_of_a_page_that_breaks_off(store: Store) -> None:
    def files() -> Iterator[tuple[bytes, str, str]]:
        yield b"1", "text/plain", "1.txt"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        archive.keep_all(store, files())
    assert not [path for path in store.archive.rglob("*") if path.is_file()]


def test_lost_bytes_are_said_to_be_lost(store: Store) -> None:
    with pytest.raises(FileNotFoundError):
        archive.get(store, "0" * 64)
