"""What the ledger already holds of a source: fingerprints by page, and who was seen in a read."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from functools import partial
from operator import itemgetter
from threading import Lock

from sqlalchemy import Table

from incasso.domain.ledger.states import RecordKind
from incasso.store.engine import Store
from incasso.store.ledger.known_rows import KnownRow, RowLookUp, open_look_up
from incasso.store.ledger.remembered import Remembered, RowsRead
from incasso.store.ledger.remembering import forgotten, part_of

__all__ = ["KnownRow", "KnownRows", "Seen"]

_key_of = itemgetter(0)


class Seen:
    """A mark per row id: one byte each, so ten million rows cost ten megabytes.

    Rows younger than the read count as seen: nobody can miss what was not there.
    """

    def __init__(self, highest: int) -> None:
        self._marks = bytearray(highest + 1)

    @property
    def highest(self) -> int:
        """The highest id that can be missing."""
        return len(self._marks) - 1

    def __contains__(self, row_id: int) -> bool:
        return row_id >= len(self._marks) or self._marks[row_id] != 0

    def missing(self, ids: Sequence[int]) -> list[int]:
        """Those of the ids that were not marked."""
        marks, known = self._marks, len(self._marks)
        if ids and max(ids) < known:
            return [row_id for row_id in ids if not marks[row_id]]
        return [row_id for row_id in ids if row_id < known and not marks[row_id]]

    def mark(self, row_id: int) -> bool:
        """Mark one row; false if it was marked already."""
        fresh = not self._marks[row_id]
        self._marks[row_id] = 1
        return fresh

    def mark_fresh(self, ids: Sequence[int]) -> list[bool]:
        """Mark many rows, 0 being none; true for each that was not marked before."""
        marks = self._marks
        fresh = [row_id > 0 and not marks[row_id] for row_id in ids]
        for row_id in ids:
            marks[row_id] = 1
        return fresh

    def mark_new(self, ids: Sequence[int]) -> bool:
        """Mark many rows; false, and nothing marked, if one was marked already or comes twice."""
        marks = self._marks
        if any(map(marks.__getitem__, ids)) or len(set(ids)) != len(ids):
            return False
        for row_id in ids:
            marks[row_id] = 1
        return True


class KnownRows:
    """The contract's `Known`: stored fingerprints, looked up a page at a time.

    It remembers the last pages asked for, so that `Page.unchanged` costs no second look-up. A
    plugin may ask from a thread of its own, hence the lock and a connection that nobody else uses.
    """

    def __init__(
        self,
        store: Store,
        table: Table,
        key: str,
        record: RecordKind,
        source_id: int,
        doubted: frozenset[int] = frozenset(),
        *,
        by_digest: bool = True,
    ) -> None:
        """`doubted`: rows to read again. `by_digest`: what did not change may be recognised so."""
        self._doubted = doubted
        self._look = open_look_up(store, table.name, key, source_id)
        self._ahead = _ReadAhead(self._look)
        self._lock = Lock()
        self._recent: deque[Mapping[str, KnownRow]] = deque(maxlen=4)
        self._first_read = not self._look.anything()
        self.seen = Seen(self._look.highest())
        self.read = RowsRead()
        self._recognised = 0
        self._remembered: Remembered | None = None
        if by_digest and not self._first_read:
            pieces = partial(part_of, self._look.connection, source_id, record)
            skipped = forgotten(self._look.connection, record) | doubted
            self._remembered = Remembered(pieces, skipped)

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            self._look.close()

    def fingerprints(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        """The stored fingerprint of each known key; a row gone absent has none any more."""
        return {key: row[2] for key, row in self._look_up(keys).items() if row[2]}

    def recognise(self, fingerprints: Sequence[bytes]) -> Sequence[bool]:
        """Which of these the last read left behind; their rows count as read and unchanged.

        One that comes a second time is not recognised: its key shows that it is there twice.
        """
        if self._remembered is None:
            return [False] * len(fingerprints)
        with self._lock:
            ids = self._remembered.take(fingerprints)
            fresh = self.seen.mark_fresh(ids)
            self.read.add_some(fingerprints, ids, fresh)
            self._recognised += sum(fresh)
            return fresh

    def take_recognised(self) -> int:
        """How many rows were recognised since this was last asked."""
        number, self._recognised = self._recognised, 0
        return number

    def rows(self, keys: Sequence[str]) -> Mapping[str, KnownRow]:
        """The rows of the known ones of these keys, and perhaps of others."""
        for page in reversed(self._recent):
            if all(map(page.__contains__, keys)):
                return page
        return self._look_up(keys)

    def _look_up(self, keys: Sequence[str]) -> Mapping[str, KnownRow]:
        if self._first_read:
            return {}
        with self._lock:
            found = self._ahead.find(keys)
            if self._doubted:
                found = {key: self._without_print(row) for key, row in found.items()}
            self._recent.append(found)
            return found

    def _without_print(self, row: KnownRow) -> KnownRow:
        """A row that somebody else changed is read again, whatever its fingerprint says."""
        return (row[0], row[1], b"") if row[1] in self._doubted else row


class _ReadAhead:
    """Guesses the next keys: an export keeps its order, and ids follow the order of the first one.

    Reading the ledger by ranges of ids costs a quarter of looking up keys in no order. Where the
    guess keeps failing it is given up for the rest of the read.
    """

    PATIENCE = 3  # bad guesses in a row

    def __init__(self, look: RowLookUp) -> None:
        self._look = look
        self._rows: dict[str, KnownRow] = {}
        self._next = 0
        self._failures = 0

    def find(self, keys: Sequence[str]) -> dict[str, KnownRow]:
        """The rows of the known ones of these keys."""
        if self._next:
            self._extend(keys)
        found = {key: row for key in keys if (row := self._rows.pop(key, None)) is not None}
        missing = [key for key in keys if key not in found]
        if missing:
            asked = self._look.by_key(missing)
            found.update((row[0], row) for row in asked)
            self._learn(asked, len(keys))
        return found

    def _extend(self, keys: Sequence[str]) -> None:
        """Read on, unless what is there will do; what nobody asked for is forgotten in time."""
        width = max(len(keys), 100)
        if len(self._rows) > 8 * width:
            kept = list(self._rows.items())[-4 * width :]
            self._rows = dict(kept)
        if all(map(self._rows.__contains__, keys)):
            return
        for _ in range(3):  # closed rows and those of other sources leave holes
            rows = self._look.by_range(self._next, self._next + width)
            self._next += width
            self._rows.update(zip(map(_key_of, rows), rows, strict=True))
            if 2 * len(rows) > width or keys[-1] in self._rows:
                return

    def _learn(self, asked: Sequence[KnownRow], page: int) -> None:
        """Where to read on: behind three quarters of the page, for new rows have high ids."""
        if 2 * len(asked) < page:
            self._failures = 0
            return
        self._failures += 1
        ids = sorted(row[1] for row in asked)
        self._rows.clear()
        self._next = 0 if self._failures > self.PATIENCE else ids[len(ids) * 3 // 4] + 1
