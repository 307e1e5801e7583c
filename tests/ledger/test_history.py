"""Documents and payments: read beside the open items, idempotent, quarantined, never in the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from incasso.contract.errors import TemporaryError
from incasso.contract.hooks import hookimpl
from incasso.contract.ledger import (
    DocumentKind,
    DocumentRecord,
    Gone,
    PaymentKind,
    PaymentRecord,
    Unreadable,
)
from incasso.contract.values import Cursor, Page, Problem
from incasso.domain.office.actor import CLOCK, Scope
from incasso.services.ledger.sync import sync
from incasso.store.engine import Store
from incasso.store.lists.history import DOCUMENTS, PAYMENTS
from incasso.store.lists.reading import read_list
from incasso.store.tables.history import documents, payments
from incasso.testing.fakes.connector import FakeConnector
from tests.ledger.office import ON, Books, client, item

DAY = date(2026, 10, 1)
WEEK = timedelta(days=7)


class Erp(FakeConnector):
    """An ERP whose history is what the test says; it remembers the cursors it was given."""

    def __init__(self) -> None:
        super().__init__([client(), client("C2", "Bianchi spa")], [item("A-1"), item("B-1")])
        self.history: list[Any] = []
        self.money: list[Any] = []
        self.asked: list[Cursor | None] = []
        self.breaks = False

    @hookimpl
    def erp_pull_documents(self, since: Cursor | None) -> Iterator[Page[Any]]:
        """Two a page."""
        self.asked.append(since)
        start = int(since or 0)
        for at in range(start, max(len(self.history), start + 1), 2):
            part = tuple(self.history[at : at + 2])
            last = at + 2 >= len(self.history)
            yield Page(items=part, cursor=str(at + len(part)), complete=last and since is None)
            if self.breaks:
                raise TemporaryError("the server is restarting")

    @hookimpl
    def erp_pull_payments(self, since: Cursor | None) -> Iterator[Page[Any]]:
        """All of them."""
        yield Page(items=tuple(self.money), complete=True)


@pytest.fixture
def erp() -> Erp:
    return Erp()


@pytest.fixture
def books(store: Store, tmp_path: Path, erp: Erp) -> Iterator[Books]:
    books = Books(store, tmp_path, erp)
    yield books
    books.hub.registry.close()


def invoice(key: str, total: str | None = "122.00", **fields: Any) -> DocumentRecord:
    usual: dict[str, Any] = {"client": "C1", "number": f"{key}/A", "date": DAY}
    amount = None if total is None else Decimal(total)
    return DocumentRecord(key=key, total=amount, **{**usual, **fields})


def payment(key: str, amount: str = "50.00", **fields: Any) -> PaymentRecord:
    usual: dict[str, Any] = {"client": "C1", "paid_on": DAY}
    return PaymentRecord(key=key, amount=Decimal(amount), **{**usual, **fields})


def test_documents_and_payments_arrive_with_their_values(books: Books, erp: Erp) -> None:
    erp.history = [invoice("D1", reason="FT", cig="Z123"), invoice("D2", None)]
    erp.money = [payment("P1", "-50.00", kind=PaymentKind.REVERSAL, installment="A-1")]
    counts = books.sync().counts
    assert (counts.documents_new, counts.payments_new, counts.history_refused) == (2, 1, 0)
    with books.store.read() as connection:
        told = list(read_list(connection, DOCUMENTS, Scope.everything(), client="C1"))
        paid = list(read_list(connection, PAYMENTS, Scope.everything()))
    assert [(one["key"], one["total"], one["cig"]) for one in told] == [
        ("D1", Decimal("122.00"), "Z123"),
        ("D2", None, ""),
    ]
    assert [(one["amount"], one["kind"], one["installment"]) for one in paid] == [
        (Decimal("-50.00"), "reversal", "A-1")
    ]


def test_the_same_history_twice_changes_no_row(books: Books, erp: Erp) -> None:
    erp.history, erp.money = [invoice("D1")], [payment("P1")]
    books.sync()
    before = [books.all(documents), books.all(payments)]
    counts = sync(books.hub, CLOCK, "acme", ON, full=True).counts
    assert (counts.documents_new, counts.documents_changed, counts.payments_changed) == (0, 0, 0)
    assert [books.all(documents), books.all(payments)] == before
    erp.history = [invoice("D1", "100.00")]
    assert sync(books.hub, CLOCK, "acme", ON, full=True).counts.documents_changed == 1
    assert [row.total for row in books.all(documents)] == [10000]


def test_it_goes_on_from_the_cursor_and_reads_everything_once_a_week(
    books: Books, erp: Erp
) -> None:
    erp.history = [invoice("D1"), invoice("D2"), invoice("D3")]
    books.sync()
    erp.history.append(invoice("D4"))
    assert books.sync(on=ON + timedelta(days=1)).counts.documents_new == 1
    books.sync(on=ON + WEEK)
    sync(books.hub, CLOCK, "acme", ON + WEEK, full=True)
    assert erp.asked == [None, "3", None, None]


def test_a_failure_leaves_the_ledger_good_and_is_told(books: Books, erp: Erp) -> None:
    erp.history, erp.breaks = [invoice("D1"), invoice("D2"), invoice("D3")], True
    erp.money = [payment("P1")]
    report = books.sync()
    assert report.good and report.counts.new == 2
    assert report.warnings == ["the documents could not be read: the server is restarting"]
    assert [row.key for row in books.all(documents)] == ["D1", "D2"]
    assert len(books.all(payments)) == 1
    erp.breaks = False
    assert not books.sync().warnings
    assert [row.key for row in books.all(documents)] == ["D1", "D2", "D3"]


def test_bad_rows_wait_in_quarantine_until_they_arrive_well(books: Books, erp: Erp) -> None:
    broken = Unreadable(
        external_id="D3", problems=(Problem(code="date", field="date", message="is no date"),)
    )
    erp.history = [invoice("D1", "1.005"), invoice("D2", client="C9"), broken]
    erp.money = [payment("P1", currency="XXX")]
    report = books.sync()
    assert report.counts.history_refused == 4
    assert {(row.record, row.key, row.code) for row in books.waiting()} == {
        ("document", "D1", "fraction"),
        ("document", "D2", "unknown_client"),
        ("document", "D3", "date"),
        ("payment", "P1", "unknown_currency"),
    }
    erp.money = [payment("P1")]
    books.sync()
    assert [row.key for row in books.waiting()] == ["D1", "D2", "D3"]
    erp.history.append(invoice("D1", "1.00"))
    books.sync()
    assert "D1" not in {row.key for row in books.waiting()}


def test_what_the_erp_deleted_is_kept_and_marked_and_may_come_back(books: Books, erp: Erp) -> None:
    erp.history = [invoice("D1")]
    books.sync()
    erp.history = [invoice("D1"), Gone(external_id="D1")]
    books.sync()
    assert [row.gone_on for row in books.all(documents)] == [ON]
    erp.history.append(invoice("D1"))
    books.sync()
    assert [row.gone_on for row in books.all(documents)] == [None]


def test_a_credit_note_is_negative(books: Books, erp: Erp) -> None:
    erp.history = [invoice("D1", kind=DocumentKind.CREDIT_NOTE)]
    books.sync()
    assert [row.code for row in books.waiting()] == ["sign"]


def test_the_lists_are_narrowed(books: Books, erp: Erp) -> None:
    erp.history = [
        invoice("D1"),
        invoice("D2", date=DAY + WEEK),
        invoice("D3", client="C2"),
    ]
    books.sync()
    with books.store.read() as connection:

        def keys(**wanted: Any) -> list[str]:
            found = read_list(connection, DOCUMENTS, Scope.everything(), **wanted)
            return [one["key"] for one in found]

        assert keys() == ["D1", "D3", "D2"]
        assert keys(client="acme/C2") == ["D3"]
        assert keys(first_on=DAY + WEEK) == ["D2"]
        assert keys(last_on=DAY, number="D1/A") == ["D1"]
        assert keys(source="beta") == []
