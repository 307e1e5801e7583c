"""Recognise the rows that the hub holds already, by their digest, before anything is parsed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress
from operator import not_
from typing import Final, NamedTuple

import xxhash

from incasso.api import Known
from incasso_csv.cells.values import CellError, clean
from incasso_csv.files.lines import Block, blocks, split, text_row
from incasso_csv.files.tables import TextTable
from incasso_csv.layouts.flat import Flat

_UNTIDY: Final = re.compile(r"[\s'\"]")


class ChangedRow(NamedTuple):
    """A row that is new or changed."""

    number: int
    line: bytes
    fingerprint: bytes


class Sifted(NamedTuple):
    """The rows of a block."""

    fresh: list[ChangedRow]
    unchanged: Sequence[str] = ()
    """Keys of those that did not change."""
    recognised: int = 0
    """How many others did not: the hub knows them without their keys."""


@dataclass(frozen=True)
class NamedRows:
    """The rows of a text file with a key column.

    Per row it costs a search for the separator and a digest, about a microsecond.
    """

    table: TextTable
    layout: Flat
    column: str
    seed: int

    def blocks(self, size: int) -> Iterator[Block]:
        """The rows below the heading, at most `size` at a time."""
        skip = self.table.shape.first_row + self.layout.first_data
        for first_row, rows in blocks(self.table.path, self.table.shape, self.layout.width):
            start = max(0, skip - first_row)
            for begin in range(start, len(rows), size):
                yield Block(first_row + begin, rows[begin : begin + size])

    def sift(self, block: Block, known: Known | None) -> Sifted:
        """Which rows of a block are to be read, and which did not change."""
        digest, seed = xxhash.xxh3_128_digest, self.seed
        prints = [digest(line, seed) for line in block.rows]
        places: Sequence[int] = range(len(prints))
        if known is None:
            return Sifted(self._rows(block, prints, places))
        met = known.recognise(prints)
        places = list(compress(places, map(not_, met)))
        keys = self.keys([block.rows[at] for at in places])
        stored = known.fingerprints(keys) if keys else {}
        same = [stored.get(key) == prints[at] for key, at in zip(keys, places, strict=True)]
        fresh = self._rows(block, prints, compress(places, map(not_, same)))
        return Sifted(fresh, list(compress(keys, same)), len(prints) - len(places))

    def _rows(
        self, block: Block, prints: Sequence[bytes], places: Iterable[int]
    ) -> list[ChangedRow]:
        first, rows = block.first_row, block.rows
        return [ChangedRow(first + at, rows[at], prints[at]) for at in places]

    def keys(self, rows: Sequence[bytes]) -> list[str]:
        """The key cell of each row; empty where there is none."""
        separator, at = self.table.shape.separator.encode(), self._at
        try:
            if at == 0:
                keys = [row.partition(separator)[0].decode() for row in rows]
            else:
                keys = [row.split(separator, at + 1)[at].decode() for row in rows]
        except (UnicodeDecodeError, IndexError):
            return [self._key(row) for row in rows]
        together = "".join(keys)
        tidy = together.isprintable() and not _UNTIDY.search(together)
        # A quote anywhere before the key would shift the cells.
        if tidy and (at == 0 or b'"' not in b"".join(rows)):
            return keys
        return [self._key(row) for row in rows]

    def _key(self, row: bytes) -> str:
        cells = split(text_row(row, self.table.shape), self.table.shape.separator)
        try:
            return clean(cells[self._at])
        except (CellError, IndexError):
            return ""

    @property
    def _at(self) -> int:
        return self.layout.heading.columns[self.column]
