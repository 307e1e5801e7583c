"""Open items as they stream in: rows gathered into items, one item at a time in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

import msgspec

from incasso.api import InstallmentRecord, Unreadable
from incasso_mago4.banking import concerns_bank
from incasso_mago4.fingerprints import print_of, print_with
from incasso_mago4.installment import Installments, Reading, key_of
from incasso_mago4.item_rows import ItemRow, Rows
from incasso_mago4.takeover import ByNumber

_item = attrgetter("item")
_number = attrgetter("number")


def items(rows: Iterable[Sequence[Any]]) -> Iterator[dict[int, Rows]]:
    """Each item's rows by installment. The query orders them by item and number."""
    for _, of_item in groupby(map(ItemRow._make, rows), _item):
        yield {number: list(each) for number, each in groupby(of_item, _number)}


class Candidate:
    """One installment that came in; its record is built only if the hub does not know it yet."""

    __slots__ = ("_builder", "_concerned", "_item", "_reading", "key", "number", "print")

    def __init__(self, number: int, item: ByNumber, more: bool, builder: Installments, seed: int):
        self.number = number
        self.key = key_of(item[number][0])
        self._item = item
        self._builder = builder
        self._concerned = more
        self._reading: Reading | Unreadable | None = None
        self.print = b""
        rows = item[number]
        if not more:
            self.print = print_of(rows, seed)
            return
        reading = self.reading
        self.print = print_with(rows, seed, reading.record) if isinstance(reading, Reading) else b""

    @property
    def rows(self) -> Rows:
        """The rows of this installment."""
        return self._item[self.number]

    @property
    def reading(self) -> Reading | Unreadable:
        """The record, or why there is none."""
        if self._reading is None:
            self._reading = self._builder.read(
                self.number, self._item, self.print, concerned=self._concerned
            )
        return self._reading

    @property
    def item(self) -> InstallmentRecord | Unreadable:
        """What the hub gets."""
        reading = self.reading
        if isinstance(reading, Unreadable):
            return reading
        if reading.record.fingerprint == self.print:
            return reading.record
        return msgspec.structs.replace(reading.record, fingerprint=self.print)


def candidates(
    rows: Iterable[Sequence[Any]], builder: Installments, seed: int
) -> Iterator[list[Candidate]]:
    """The installments of each item."""
    for item in items(rows):
        yield [
            Candidate(number, item, concerns_bank(number, item), builder, seed) for number in item
        ]
