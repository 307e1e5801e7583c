"""The anchor: where the journal ended, kept outside the database and signed by the hub.

Whoever can cut the end off the journal's tables can also set its head row back; this small file
beside the archive (and every copy of it elsewhere) still shows that more was there. It follows
every commit that makes the journal longer and never moves backwards: only `incasso recover` may
set it on a database that does not contain it, and counts up its epoch with that.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection

from incasso.contract.errors import IncassoError
from incasso.domain.proof.standing import Mark, Standing, standing
from incasso.store.engine import Store
from incasso.store.proof import journal, left_log
from incasso.store.proof.hub_key import HubKey
from incasso.store.proof.journal import Head, Journaled

if TYPE_CHECKING:
    from incasso.store.proof.elsewhere import Place

_log = logging.getLogger(__name__)

FILE: Final = "journal-head.json"


class UnreadableAnchorError(ValueError):
    """The file is not an anchor."""


class Gap(msgspec.Struct, frozen=True):
    """The batch that says that what left before is not known.

    The log of what left has a hole before it, however far it goes on: a database without this
    batch would send what is missing there.
    """

    batch: int
    hash: str


class Anchor(msgspec.Struct, frozen=True, omit_defaults=True):
    """The end of the journal at some instant; the first release wrote the first three fields."""

    last_batch: int
    last_event: int
    hash: str
    epoch: int = 0
    """How often the hub was recovered before."""
    at: datetime | None = None
    log: str | None = None
    """How far the log of what left reached, see `left_log.reached`; None: nobody knows."""
    gap: Gap | None = None
    """The last time that nobody knew what had left, which somebody accepted."""
    signature: str = ""
    """Ed25519 over `statement`, hexadecimal; empty: the hub had no key yet."""

    @property
    def head(self) -> Head:
        """Where the journal ended."""
        return Head(self.last_batch, self.last_event, self.hash)

    @property
    def mark(self) -> Mark:
        """The same, as far as comparing asks."""
        return Mark(self.epoch, self.last_batch, self.hash)

    @property
    def order(self) -> tuple[int, int]:
        """The later of two anchors has the greater one."""
        return (self.epoch, self.last_batch)

    def statement(self) -> bytes:
        """The bytes that are signed."""
        return b"incasso anchor\n" + _encode(replace(self, signature=""))


class Anchorage:
    """The anchor of one hub beside its archive, and the key that signs it."""

    def __init__(
        self, archive: Path, key: HubKey | None = None, places: Sequence[Place] = ()
    ) -> None:
        """`places` are where copies are kept, of which none is ever written again."""
        self.path = archive / FILE
        self.key = key
        self.places = tuple(places)

    def read(self) -> Anchor | None:
        """The anchor; None if there is none. Raises UnreadableAnchorError."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return None
        return decode(content)

    def is_ours(self, anchor: Anchor, expected: str) -> bool:
        """Whether the hub signed it; `expected` is the public key that the database knows.

        A hub that never had a key signs nothing and believes what it finds. Raises HubKeyError
        where the key is gone.
        """
        if self.key is None or (not expected and not self.key.exists):
            return not expected
        if expected and self.key.public() != expected:
            return False
        if not anchor.signature:
            return not expected
        return self.key.signed(anchor.statement(), anchor.signature)

    def made(
        self,
        head: Head,
        at: datetime | None,
        epoch: int,
        *,
        gap: Gap | None = None,
        knows_log: bool = True,
    ) -> Anchor:
        """A new anchor, signed if there is a key."""
        log = left_log.reached(self.path.parent) if knows_log else None
        anchor = Anchor(head.last_batch, head.last_event, head.hash, epoch, at, log, gap)
        if self.key is None or not self._signs():
            return anchor
        return replace(anchor, signature=self.key.sign(anchor.statement()))

    def follow(self, store: Store, journaled: object) -> None:
        """Move with a commit. A disk that refuses is logged: the next commit moves it."""
        assert isinstance(journaled, Journaled)

        def continues(anchor: Anchor) -> bool:
            if anchor.head == journaled.before:
                return True
            with store.read() as connection:
                return journal.hash_of(connection, anchor.last_batch) == anchor.hash

        try:
            begins = journaled.before.last_batch == 0
            self.advance(journaled.head, journaled.at, continues, begins=begins)
        except (OSError, sqlite3.Error, IncassoError, UnreadableAnchorError) as error:
            _log.warning("the journal's anchor could not be moved: %s", error)

    def advance(
        self,
        head: Head,
        at: datetime | None,
        continues: Callable[[Anchor], bool],
        *,
        begins: bool = False,
    ) -> Anchor | None:
        """Move forward, never back; `continues` says whether the journal contains an anchor.

        One that a hub with a key has lost is not made again, unless the journal `begins` now, and
        a signed one waits while the key is away: unsigned it would be nobody's.
        Returns the anchor as it is afterwards, None if the journal does not contain it; then it
        stays. Raises OSError, UnreadableAnchorError.
        """
        with self._alone():
            known = self.read()
            if known is None and not begins and self.key is not None and self.key.exists:
                return None
            if known is not None and not continues(known):
                return None
            if known is not None and known.signature and not self._signs():
                return None
            if known is not None and known.last_batch >= head.last_batch:
                return known
            epoch, gap = (known.epoch, known.gap) if known else (0, None)
            moved = self.made(head, at, epoch, gap=gap)
            self._write(moved)
            return moved

    def renew(
        self,
        head: Head,
        at: datetime,
        epoch: int,
        *,
        gap: Gap | None = None,
        knows_log: bool = True,
    ) -> Anchor:
        """Set it on a journal that does not contain the present one: after recovering only.

        `knows_log` False: the log of what left may lack what left before.
        """
        with self._alone():
            renewed = self.made(head, at, epoch, gap=gap, knows_log=knows_log)
            self._write(renewed)
            return renewed

    def _signs(self) -> bool:
        return self.key is not None and self.key.exists

    def _write(self, anchor: Anchor) -> None:
        """Atomic, and durable once this returns."""
        temporary = self.path.with_name(f".{uuid4().hex}")
        try:
            with temporary.open("xb") as file:
                file.write(_encode(anchor))
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One writer at a time; an SQLite file is a lock on every system, and ends with us."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lock = self.path.with_name(f".{FILE}.lock")
        lock.touch(0o660)  # SQLite alone would let the group of a shared folder only read it
        with closing(sqlite3.connect(lock, timeout=30, isolation_level=None)) as file:
            file.execute("BEGIN EXCLUSIVE")
            yield


def of(store: Store) -> Anchorage:
    """The anchorage of a store; one opened without a hub has no key."""
    return store.follower if isinstance(store.follower, Anchorage) else Anchorage(store.archive)


def decode(content: bytes) -> Anchor:
    """An anchor from its file. Raises UnreadableAnchorError."""
    try:
        return msgspec.json.decode(content, type=Anchor)
    except (ValueError, msgspec.DecodeError):
        raise UnreadableAnchorError from None


def encode(anchor: Anchor) -> bytes:
    """The file of an anchor."""
    return _encode(anchor)


def contains(connection: Connection, anchor: Anchor) -> bool:
    """Whether the journal contains the batch that the anchor remembers."""
    return journal.hash_of(connection, anchor.last_batch) == anchor.hash


def fills_gap(connection: Connection, anchor: Anchor) -> bool:
    """Whether the journal has the batch before which the log of what left is not whole."""
    gap = anchor.gap
    return gap is None or journal.hash_of(connection, gap.batch) == gap.hash


def compare(connection: Connection, anchor: Anchor | None) -> Standing:
    """How the database stands to an anchor."""
    if anchor is None:
        return Standing.GOOD
    there = journal.hash_of(connection, anchor.last_batch)
    last = journal.head(connection).last_batch
    return standing(anchor.mark, last_batch=last, hash_there=there)


_encode: Final = msgspec.json.Encoder(order="deterministic").encode
