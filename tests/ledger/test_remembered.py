"""Rows recognised by their digests: the same ledger as by their keys, whatever the reads bring."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from incasso.contract.connector import Known
from incasso.contract.hooks import hookimpl
from incasso.contract.ledger import InstallmentItem, InstallmentRecord
from incasso.contract.values import Cursor, Page
from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.office.actor import CLOCK
from incasso.services.ledger.sync import SyncReport, sync
from incasso.store.ledger import remembered
from incasso.store.ledger.known import KnownRows
from incasso.store.sending import refresh
from incasso.store.tables.ledger import installments
from incasso.store.tables.remembered import remembered_rows
from tests.databases import migrated_store
from tests.ledger.office import ON, Books, Export, bad_row, client, item, items
from tests.profiles import tries

ROWS = 40


class Recognising(Export):
    """An export that asks about digests first, then about the keys of the rest, as CSV does."""

    page = 7

    @hookimpl
    def erp_pull_installments(
        self, since: Cursor | None, known: Known
    ) -> Iterator[Page[InstallmentItem]]:
        """Rows with digests of its own; bad rows have none."""
        for start in range(0, len(self.rows), self.page):
            part = [_printed(row) for row in self.rows[start : start + self.page]]
            met = known.recognise([getattr(row, "fingerprint", b"") for row in part])
            rest = [row for row, is_met in zip(part, met, strict=True) if not is_met]
            stored = known.fingerprints([row.key for row in rest if hasattr(row, "key")])
            same = [row.key for row in rest if _is_same(row, stored)]
            fresh = [row for row in rest if not _is_same(row, stored)]
            yield Page(items=tuple(fresh), unchanged=tuple(same))
        yield Page(complete=self.complete)


def _printed(row: Any) -> Any:
    if not isinstance(row, InstallmentRecord):
        return row
    digest = blake2b(msgspec.json.encode(row), digest_size=16).digest()
    return msgspec.structs.replace(row, fingerprint=digest)


def _is_same(row: Any, stored: Any) -> bool:
    return isinstance(row, InstallmentRecord) and stored.get(row.key) == row.fingerprint


def test_what_did_not_change_is_looked_up_by_no_key(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = books.read(*items(30))
    books.read(*items(30))
    asked: list[Sequence[str]] = []
    way_by_key = KnownRows._look_up

    def look_up(self: KnownRows, keys: Sequence[str]) -> Any:
        asked.append(keys)
        return way_by_key(self, keys)

    monkeypatch.setattr(KnownRows, "_look_up", look_up)
    again = books.read(*items(20), item("A-0020", "1.00"), *items(30)[21:], item("B-1"))
    assert [key for keys in asked for key in keys] == ["A-0020", "B-1"]
    counts = again.counts
    assert (counts.read, counts.unchanged, counts.changed, counts.new) == (31, 29, 1, 1)
    assert first.counts.read == 30
    asked.clear()
    assert sync(books.hub, CLOCK, "acme", ON, full=True).counts.unchanged == 31
    assert asked, "a read that was asked to be full believes no digest"


def test_a_row_that_is_there_twice_is_still_quarantined(books: Books) -> None:
    books.read(*items(5))
    report = books.read(*items(5), item("A-0002"))
    assert report.counts.quarantined == 1
    assert [row.code for row in books.waiting()] == ["doubled"]


def test_what_the_hub_changed_meanwhile_is_read_again(books: Books) -> None:
    """A payment seen just before sending and taken back in the ERP: the row is as it always was."""
    books.read(*items(5))
    paid = books.installment("A-0003").id
    with books.store.write() as connection:
        refresh.close(connection, paid, InstallmentStatus.PAID, ON)
    assert books.statuses()["A-0003"] == "paid"
    assert books.read(*items(5)).counts.changed == 1
    assert books.statuses()["A-0003"] == "open"
    assert books.read(*items(5)).counts.unchanged == 5


def test_what_the_hub_changes_while_a_source_is_read_is_read_again_next_time(
    books: Books,
) -> None:
    books.read(*items(5))
    paid = books.installment("A-0000").id
    way = KnownRows.take_recognised

    def meanwhile(self: KnownRows) -> int:
        with books.store.write() as connection:
            if books.installment("A-0000").status == "open":
                refresh.close(connection, paid, InstallmentStatus.PAID, ON)
        return way(self)

    with patch.object(KnownRows, "take_recognised", meanwhile):
        books.read(*items(5))
    assert books.statuses()["A-0000"] == "paid"
    books.read(*items(5))
    assert books.statuses()["A-0000"] == "open"


def test_what_a_read_of_only_a_part_changed_is_looked_up_again(books: Books) -> None:
    """A part payment that is taken back: the row is again as the last complete read brought it."""
    assert isinstance(books.export, Export)
    books.read(*items(5))
    books.export.complete = False
    assert books.read(item("A-0002", "40.00")).counts.changed == 1
    books.export.complete = True
    assert books.read(*items(5)).counts.changed == 1
    assert books.installment("A-0002").residual == 100_00


def test_a_read_that_changes_nothing_leaves_the_same_behind(books: Books) -> None:
    books.read(*items(9))
    before = books.all(remembered_rows)
    books.read(*items(9))
    assert books.all(remembered_rows) == before
    ids = [row for part in before if part.record == "installment" for row in _ids(part)]
    assert ids == [row.id for row in books.all(installments)]


def _ids(part: Any) -> list[int]:
    return list(remembered.ids_of(part.ids))


moves = st.tuples(
    st.sampled_from("change change back pay gone new double contradict bad hub".split()),
    st.integers(0, ROWS - 1),
)
reads = st.tuples(
    st.lists(moves, max_size=5),
    st.sampled_from("same same same shuffled newest_first".split()),
    st.sampled_from((True, True, True, False)),
)


@pytest.mark.parametrize("kind", [Export, Recognising])
@tries(14)
@given(days=st.lists(reads, min_size=2, max_size=4))
def test_by_digest_and_by_key_the_ledger_is_the_same(
    kind: type[Export], days: list[tuple[list[tuple[str, int]], str, bool]]
) -> None:
    small = patch.multiple(remembered, PART=5, AHEAD=8, BEHIND=8)
    with TemporaryDirectory() as one, TemporaryDirectory() as two, small:
        by_digest, by_key = _office(Path(one), kind), _office(Path(two), kind)
        for number, (changes, order, complete) in enumerate([([], "same", True), *days]):
            reports = []
            for books in (by_digest, by_key):
                _turn(books, changes, order, number)
                assert isinstance(books.export, Export)
                books.export.complete = complete
                reports.append(_sync(books, by_key=books is by_key))
            assert reports[0].counts == reports[1].counts
            assert by_digest.contents() == by_key.contents()
        for books in (by_digest, by_key):
            books.hub.registry.close()
            books.store.close()


def _sync(books: Books, *, by_key: bool) -> SyncReport:
    if not by_key:
        return books.sync(confirm=True)
    with patch.object(KnownRows, "recognise", lambda _, prints: [False] * len(prints)):
        return books.sync(confirm=True)


def _office(folder: Path, kind: type[Export]) -> Books:
    books = Books(migrated_store(folder / "incasso.db", folder), folder, kind())
    assert isinstance(books.export, Export)
    books.export.clients = [client(f"C{number}") for number in range(6)]
    books.export.rows = [_row(number) for number in range(ROWS)]
    return books


def _row(number: int, residual: str = "100.00") -> Any:
    return item(f"A-{number:04d}", residual, f"C{number % 6}")


def _turn(books: Books, changes: list[tuple[str, int]], order: str, day: int) -> None:
    """The export of another day: what happened to its rows since, and in which order they come."""
    export = books.export
    assert isinstance(export, Export)
    rows = {row.key: row for row in export.rows if isinstance(row, InstallmentRecord)}
    extra = []
    for what, number in changes:
        mine = _row(number)
        if what == "change":
            rows[mine.key] = _row(number, f"{90 - day}.00")
        elif what == "back":
            rows[mine.key] = mine
        elif what == "pay":
            rows[mine.key] = _row(number, "0.00")
        elif what == "gone":
            rows.pop(mine.key, None)
        elif what == "new":
            rows[f"B-{number}"] = item(f"B-{number}", client=f"C{number % 6}")
        elif what == "double":
            extra.append(rows.get(mine.key, mine))
        elif what == "contradict":
            extra.append(_row(number, "7.77"))
        elif what == "bad":
            extra.append(bad_row(number, mine.key))
        else:
            _close_in_hub(books, mine.key)
    export.rows = [*rows.values(), *extra]
    if order == "shuffled":
        Random(day).shuffle(export.rows)
    elif order == "newest_first":
        export.rows.reverse()


def _close_in_hub(books: Books, key: str) -> None:
    """As a last look before sending does."""
    with books.store.write() as connection:
        query = sa.select(installments.c.id).where(installments.c.key == key)
        if (found := connection.scalar(query)) is not None:
            refresh.close(connection, found, InstallmentStatus.PAID, ON)
