"""Recognise the rows that the hub holds already, by their digest, before anything is parsed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from operator import eq
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

    def sift(self, block: Block, known: Known | None) -> tuple[list[ChangedRow], list[str]]:
        """The rows to be read, and the keys of those that did not change."""
        keys = self.keys(block.rows)
        digest, seed = xxhash.xxh3_128_digest, self.seed
        prints = [digest(line, seed) for line in block.rows]
        stored: Mapping[str, bytes] = {} if known is None else known.fingerprints(keys)
        if not stored:
            numbers = range(block.first_row, block.first_row + len(prints))
            return list(map(ChangedRow, numbers, block.rows, prints)), []
        known_as = list(map(stored.get, keys))
        fresh = [
            ChangedRow(block.first_row + at, line, print_)
            for at, (line, print_, was) in enumerate(zip(block.rows, prints, known_as, strict=True))
            if was != print_
        ]
        if not fresh:
            return [], keys
        same = map(eq, prints, known_as)
        return fresh, list(compress(keys, same))

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
