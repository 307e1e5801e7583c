"""Find a few open items again, just before a message leaves, without reading the whole file."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from typing import Final, Protocol

from incasso.api import InstallmentRecord, TemporaryError, Unreadable, text
from incasso_csv.files.lines import blocks
from incasso_csv.files.shape import FileStamp
from incasso_csv.reading.keyed import KeyedLedger
from incasso_csv.reading.ledger import Ledger

_OFFSET_BITS: Final = 40  # files up to a terabyte
_OFFSET: Final = (1 << _OFFSET_BITS) - 1
_HASH: Final = (1 << 24) - 1


class Finder(Protocol):
    """Today's rows of one file, by key."""

    stamp: FileStamp

    def find(self, key: str) -> InstallmentRecord | None:
        """The open item, None if the file has none of that key.

        Raises TemporaryError if its row cannot be read today.
        """
        ...


class IndexedFinder:
    """Eight bytes a row: where each key stands in a file with a key column."""

    def __init__(self, ledger: KeyedLedger) -> None:
        self.stamp = ledger.table.stamp
        self._ledger = ledger
        self._index = array(
            "Q",
            sorted(
                (hash(key) & _HASH) << _OFFSET_BITS | offset
                for key, offset in ledger.offsets()
                if key
            ),
        )

    def find(self, key: str) -> InstallmentRecord | None:
        """The first row with that key."""
        slot = (hash(key) & _HASH) << _OFFSET_BITS
        at = bisect_left(self._index, slot)
        while at < len(self._index) and self._index[at] >> _OFFSET_BITS == slot >> _OFFSET_BITS:
            line = self._line(self._index[at] & _OFFSET)
            if self._ledger.keys([line]) == [key]:
                return readable(self._ledger.item(0, line, self._ledger.fingerprint(line)))
            at += 1
        return None

    def _line(self, offset: int) -> bytes:
        table = self._ledger.table
        with table.path.open("rb") as stream:
            stream.seek(offset)
            line = stream.readline().removesuffix(b"\n")
        if line.count(b'"') & 1:  # perhaps the cell goes on in the next line
            there = table.shape._replace(start=offset)
            line = next(blocks(table.path, there, self._ledger.layout.width)).rows[0]
        return line


class RememberedFinder:
    """Every record of a layout that can only be read from its beginning."""

    def __init__(self, ledger: Ledger) -> None:
        self.stamp = ledger.table.stamp
        self._records: dict[str, InstallmentRecord] = _by_key(item for _, item in ledger.items())

    def find(self, key: str) -> InstallmentRecord | None:
        """The record with that key."""
        return self._records.get(key)


def _by_key(items: Iterable[InstallmentRecord | Unreadable]) -> dict[str, InstallmentRecord]:
    return {item.key: item for item in items if isinstance(item, InstallmentRecord)}


def readable(item: InstallmentRecord | Unreadable | None) -> InstallmentRecord | None:
    """The record. A row that became unreadable since the last sync proves neither paid nor open."""
    if isinstance(item, Unreadable):
        raise TemporaryError(
            text(
                "{file}: {message}; correct it in the ERP",
                file=item.file,
                message=item.problems[0].message,
            )
        )
    return item
