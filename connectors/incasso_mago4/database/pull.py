"""The pull of installments: everything, or what changed with every other key named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import compress
from logging import Logger
from operator import attrgetter, not_

import msgspec

from incasso.api import InstallmentItem, Known, Page, Unreadable
from incasso_mago4.database.cursor import Position
from incasso_mago4.database.keys import Key, keys
from incasso_mago4.database.mago import Mago
from incasso_mago4.database.open_items import all_rows, around, rows_of
from incasso_mago4.fingerprints import COUNTED, seed_of
from incasso_mago4.installment import Installments, Reading
from incasso_mago4.items import Candidate, candidates
from incasso_mago4.raw import day

PAGE = 2_000
"""Installments in a page; an item with more of them makes a longer one."""

_changes = attrgetter("row_changed", "item_changed", "bill_changed", "options_changed")

AT_ONCE = 300
"""Items asked for by their keys in one query."""


class Pull:
    """One pull. `highest` is the last change it saw, `disagreements` the wrong flags."""

    def __init__(self, mago: Mago, known: Known, log: Logger) -> None:
        self.mago = mago
        self.known = known
        self.log = log
        self.seed = seed_of(mago.settings)
        self.builder = Installments(mago.settings, mago.on)
        self.highest: datetime | None = None
        self.disagreements = 0

    def everything(self, clock: datetime | None) -> Iterator[Page[InstallmentItem]]:
        """Every open item, and those lately settled. `clock` is the server's before the first."""
        rows = self.mago.rows(all_rows(self.mago.schema, self.mago.settings, self.mago.on))
        waiting: list[Candidate] = []
        for item in candidates(rows, self.builder, self.seed):
            waiting += item
            if len(waiting) >= PAGE:
                yield self._page(waiting)
                waiting = []
        yield self._last(self._page(waiting), clock)
        self._tell()

    def changes(
        self, position: Position, clock: datetime | None
    ) -> Iterator[Page[InstallmentItem]]:
        """What changed since; every other open key is named, so that absent items are gone."""
        self.highest = position.since
        waiting: list[Key] = []
        for key in keys(self.mago, position.since):
            if len(waiting) >= PAGE and key.item != waiting[-1].item:
                yield self._reconciled(waiting)
                waiting = []
            waiting.append(key)
        yield self._last(self._reconciled(waiting), clock)
        self._tell()

    def _reconciled(self, found: list[Key]) -> Page[InstallmentItem]:
        """Compares one page of keys with what the hub has, and reads the differing items."""
        prints = self.known.fingerprints([key.key for key in found])
        stale = {key.item for key in found if self._differs(key, prints.get(key.key))}
        same = [key.key for key in found if key.item not in stale and key.key in prints]
        self._saw(*(key.changed for key in found))
        built = self._page(list(self._read(sorted(stale))))
        return Page(items=built.items, unchanged=(*same, *built.unchanged))

    def _differs(self, key: Key, print_: bytes | None) -> bool:
        if key.is_new:
            return True
        if print_ is None:
            # What a full read left out, because it was settled long ago, has nothing open.
            return key.cents != 0
        return print_[:COUNTED] != key.counted

    def _read(self, items: list[int]) -> Iterator[Candidate]:
        for start in range(0, len(items), AT_ONCE):
            part = items[start : start + AT_ONCE]
            statement = rows_of(self.mago.schema, self.mago.settings, part)
            for item in candidates(self.mago.rows(statement), self.builder, self.seed):
                yield from item

    def _last(self, page: Page[InstallmentItem], clock: datetime | None) -> Page[InstallmentItem]:
        """The page that ends a pull; only now is the last change known."""
        cursor = self._cursor(clock)
        return msgspec.structs.replace(page, complete=True, cursor=cursor)

    def _page(self, found: list[Candidate]) -> Page[InstallmentItem]:
        self._saw(*{mark for each in found for row in each.rows for mark in _changes(row)})
        met = self.known.recognise([each.print for each in found])
        found = list(compress(found, map(not_, met)))
        prints = self.known.fingerprints([each.key for each in found]) if found else {}
        items: list[InstallmentItem] = []
        unchanged: list[str] = []
        for each in found:
            known = prints.get(each.key)
            if known and known == each.print:
                unchanged.append(each.key)
            elif self._wanted(each, each.key in prints):
                items.append(each.item)
        return Page(items=tuple(items), unchanged=tuple(unchanged))

    def _wanted(self, candidate: Candidate, known: bool) -> bool:
        """Settled items are reported if the hub may have them open; older ones are not."""
        reading = candidate.reading
        if isinstance(reading, Unreadable):
            return True
        self._note(reading)
        if reading.record.residual or known:
            return True
        begin = self.mago.on - timedelta(days=self.mago.settings.lookback_days)
        return any(
            (touched := day(mark)) is not None and touched >= begin
            for row in candidate.rows
            for mark in (row.row_changed, row.day)
        )

    def _note(self, reading: Reading) -> None:
        if reading.disagreement:
            self.disagreements += 1
            if self.disagreements <= 20:
                self.log.warning("%s", reading.disagreement)

    def _saw(self, *marks: datetime | None) -> None:
        for mark in marks:
            if mark is not None and (self.highest is None or mark > self.highest):
                self.highest = mark

    def _cursor(self, clock: datetime | None) -> str | None:
        if not around(self.mago.schema).tells_changes:
            return None
        return Position.after(self.highest, clock, self.mago.settings, self.seed).text

    def _tell(self) -> None:
        if self.disagreements > 20:
            self.log.warning("flag and rows differ for %d installments", self.disagreements)
