"""Everything or only what changed: when a cursor is used, and that both ways end alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from incasso.contract.capabilities import ConnectorCapability
from incasso.contract.connector import Known
from incasso.contract.ledger import InstallmentRecord
from incasso.contract.values import Cursor, Page
from incasso.domain.office.actor import CLOCK
from incasso.services.ledger.sync import SyncReport, sync
from incasso.store.engine import Store
from incasso.testing.fakes.connector import FakeConnector
from tests.databases import migrated_store
from tests.ledger.office import ON, Books, client, item, items
from tests.profiles import tries

TOMORROW = ON + timedelta(days=1)
WITHOUT_DELETIONS = tuple(
    one for one in ConnectorCapability if one is not ConnectorCapability.DELETIONS
)


class Erp(FakeConnector):
    """An ERP without reported deletions: an answer to a cursor may name all that is still open."""

    def __init__(self, *, names_the_rest: bool = False) -> None:
        super().__init__([client()], items(12), capabilities=WITHOUT_DELETIONS)
        self.names_the_rest = names_the_rest
        self.asked: list[Cursor | None] = []

    def pay(self, key: str) -> None:
        """It is paid and leaves the list of open items without a word."""
        self._version += 1
        del self._installments[key]

    def _pages(
        self, table: Mapping[str, tuple[int, Any]], since: Cursor | None, known: Known | None
    ) -> Iterator[Page[Any]]:
        pages = list(super()._pages(table, since, known))
        if table is self._installments:
            self.asked.append(since)
        if since is not None and self.names_the_rest:
            told = {one for page in pages for one in self._named(page)}
            rest = tuple(key for key in table if key not in told)
            pages[-1] = msgspec.structs.replace(
                pages[-1], complete=True, unchanged=(*pages[-1].unchanged, *rest)
            )
        yield from pages

    def _named(self, page: Page[Any]) -> Iterator[str]:
        yield from page.unchanged
        for one in page.items:
            yield one.key if isinstance(one, InstallmentRecord) else one.code


def full(books: Books) -> SyncReport:
    """Everything, whatever the hour."""
    return sync(books.hub, CLOCK, "acme", ON, full=True)


def test_the_first_sync_of_a_day_reads_everything_and_later_ones_what_changed(
    store: Store, tmp_path: Path
) -> None:
    erp = Erp()
    books = Books(store, tmp_path, erp)
    assert books.sync().counts.full
    erp.put(item("A-0001", "40.00"))
    again = books.sync()
    assert (again.counts.read, again.counts.changed, again.counts.complete) == (1, 1, False)
    assert full(books).counts.full
    assert books.sync(on=TOMORROW).counts.full
    assert [cursor is None for cursor in erp.asked] == [True, False, True, True]
    books.hub.registry.close()


def test_an_answer_to_a_cursor_closes_nothing_unless_it_is_complete(
    store: Store, tmp_path: Path
) -> None:
    erp = Erp()
    books = Books(store, tmp_path, erp, absences=1)
    books.sync()
    erp.pay("A-0003")
    assert books.sync().counts.vanished == 0
    erp.names_the_rest = True
    assert books.sync().counts.vanished == 1
    assert books.statuses()["A-0003"] == "vanished"
    books.hub.registry.close()


def test_the_guard_stands_before_a_complete_answer_too(store: Store, tmp_path: Path) -> None:
    erp = Erp(names_the_rest=True)
    books = Books(store, tmp_path, erp)
    books.sync()
    for number in range(5):
        erp.pay(f"A-{number:04d}")
    report = books.sync()
    assert report.status == "stopped" and "5 of 12" in report.reasons[0]
    assert set(books.statuses().values()) == {"open"}
    books.hub.registry.close()


def test_a_refused_row_stays_in_quarantine_while_only_changes_are_read(
    store: Store, tmp_path: Path
) -> None:
    erp = Erp(names_the_rest=True)
    books = Books(store, tmp_path, erp)
    books.sync()
    erp.put(item("A-0001", "1.005"))
    assert books.sync().counts.quarantined == 1
    assert [books.sync().counts.resolved, len(books.waiting())] == [0, 1]
    erp.put(item("A-0001", "1.00"))
    assert [books.sync().counts.resolved, len(books.waiting())] == [1, 0]
    books.hub.registry.close()


changes = st.lists(
    st.tuples(st.sampled_from("put pay new".split()), st.integers(0, 11), st.integers(1, 99)),
    max_size=3,
)


@tries(12)
@given(st.lists(changes, min_size=1, max_size=4))
def test_full_read_and_changes_give_the_same_ledger(days: list[list[tuple[str, int, int]]]) -> None:
    with TemporaryDirectory() as one, TemporaryDirectory() as two:
        whole, parts = _office(Path(one)), _office(Path(two))
        for changed in [[], *days]:
            for books, wholly in ((whole, True), (parts, False)):
                _change(books.export, changed)
                assert sync(books.hub, CLOCK, "acme", ON, True, full=wholly).good
        assert _ledger(whole) == _ledger(parts)
        for books in (whole, parts):
            books.hub.registry.close()
            books.store.close()


def _office(folder: Path) -> Books:
    store = migrated_store(folder / "incasso.db", folder)
    return Books(store, folder, Erp(names_the_rest=True))


def _change(erp: Any, changed: list[tuple[str, int, int]]) -> None:
    for what, number, amount in changed:
        key = f"A-{number:04d}"
        if what == "new":
            erp.put(item(f"B-{number:04d}", str(Decimal(amount))))
        elif key in erp._installments:
            erp.pay(key) if what == "pay" else erp.put(item(key, str(Decimal(amount))))


def _ledger(books: Books) -> dict[str, Any]:
    contents = books.contents()
    del contents["sources"]  # its cursors may differ
    return contents
