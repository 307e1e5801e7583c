"""Bills at the bank that come back, read from ERPs that do not say so (erp.md traps 4 to 7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from incasso.contract.capabilities import ConnectorCapability
from incasso.contract.ledger import InstallmentRecord, PaymentMethod
from incasso.store.engine import Store
from incasso.store.tables.ledger import installments
from incasso.store.tables.proof import journal
from tests.ledger.office import ON, Books, Export, item

DUE = date(2026, 11, 10)
PRESENTED = date(2026, 11, 2)
LATER, LATEST = ON + timedelta(days=1), ON + timedelta(days=2)


@pytest.fixture
def telling(store: Store, tmp_path: Path) -> Iterator[Books]:
    """A source that tells itself which bills came back."""
    books = Books(store, tmp_path, Export([ConnectorCapability.RETURNED_BILLS]))
    yield books
    books.hub.registry.close()


def riba(key: str = "R-1", residual: str = "100.00", **fields: Any) -> InstallmentRecord:
    """A bill, as it is before anybody presented it."""
    usual = {"due_date": DUE, "payment_method": PaymentMethod.RIBA, "amount": Decimal(100)}
    record: InstallmentRecord = item(key, residual, **{**usual, **fields})
    return record


def at_the_bank(key: str = "R-1", **fields: Any) -> InstallmentRecord:
    """The same bill, presented."""
    return riba(key, presented_on=PRESENTED, **fields)


def test_a_bill_that_is_open_again_without_a_bank_is_unpaid_as_of_that_day(books: Books) -> None:
    books.read(at_the_bank())
    books.forget_looks()
    report = books.read(riba(), on=LATER)
    assert report.counts.unpaid == 1
    row = books.installment("R-1")
    assert (row.status, row.unpaid_on, row.presented_on, books.look("R-1")) == (
        "open",
        LATER,
        None,
        LATER,
    )
    assert "installment.unpaid" in [entry.kind for entry in books.all(journal)]


def test_it_stays_unpaid_whatever_else_changes_until_it_is_paid(books: Books) -> None:
    books.read(at_the_bank())
    books.read(riba(), on=LATER)
    for again in (riba(), riba(notes="telefonato"), riba(residual="60.00")):
        assert books.read(again, on=LATEST).counts.unpaid == 0
        assert books.installment("R-1").unpaid_on == LATER
    books.read(riba(residual="0"), on=LATEST)
    assert books.installment("R-1").status == "paid"


def test_a_bill_counted_as_paid_and_then_open_again_came_back(books: Books) -> None:
    """Mexal sets `P` before the money arrives: the bill was never paid."""
    books.read(at_the_bank())
    books.read(riba(residual="0"), on=LATER)
    assert books.installment("R-1").status == "paid"
    report = books.read(riba(), on=LATEST)
    assert (report.counts.reopened, report.counts.unpaid) == (1, 1)
    row = books.installment("R-1")
    assert (row.status, row.unpaid_on) == ("open", LATEST)


def test_a_bill_presented_anew_is_at_the_bank_and_may_come_back_again(books: Books) -> None:
    books.read(at_the_bank())
    books.read(riba(), on=LATER)
    books.read(riba(presented_on=LATER), on=LATER)
    row = books.installment("R-1")
    assert (row.unpaid_on, row.presented_on) == (None, LATER)
    assert books.read(riba(), on=LATEST).counts.unpaid == 1
    assert books.installment("R-1").unpaid_on == LATEST


def test_a_bill_withdrawn_before_its_due_date_did_not_come_back(books: Books) -> None:
    later = ON + timedelta(days=30)
    books.read(at_the_bank(due_date=later))
    assert books.read(riba(due_date=later), on=LATER).counts.unpaid == 0
    assert books.installment("R-1").unpaid_on is None


def test_of_a_grouped_bill_those_are_unpaid_that_the_erp_opens_again(books: Books) -> None:
    books.read(*(at_the_bank(f"R-{number}", bill_number="B-7") for number in range(3)))
    books.read(
        riba("R-0", bill_number="B-7"),
        riba("R-1", bill_number="B-7"),
        at_the_bank("R-2", bill_number="B-7"),
        item("CHARGES", "4.50", bill_number="B-7"),
        on=LATER,
    )
    days = {row.key: row.unpaid_on for row in map(books.installment, ("R-0", "R-1", "R-2"))}
    assert days == {"R-0": LATER, "R-1": LATER, "R-2": None}
    assert books.installment("CHARGES").unpaid_on is None


def test_a_bill_that_vanished_and_is_open_again_came_back(store: Store, tmp_path: Path) -> None:
    books = Books(store, tmp_path, absences=1)
    others = [item(f"A-{number}") for number in range(9)]
    books.read(at_the_bank(), *others)
    books.read(*others, on=LATER)
    assert books.installment("R-1").status == "vanished"
    books.read(riba(), *others, on=LATEST)
    assert books.installment("R-1").unpaid_on == LATEST
    books.hub.registry.close()


def test_a_bill_that_comes_back_as_a_new_posting_is_unpaid(books: Books) -> None:
    books.read(at_the_bank(bill_number="B-7"), at_the_bank("R-2", bill_number="B-7"))
    report = books.read(
        riba(residual="0", bill_number="B-7"),
        at_the_bank("R-2", bill_number="B-7"),
        riba("IN-1", bill_number="B-7"),
        item("CHARGES", "4.50", bill_number="B-7"),
        riba("NEW", bill_number="B-8"),
        on=LATER,
    )
    assert report.good
    days = {row.key: row.unpaid_on for row in books.all(installments)}
    assert {key for key, day in days.items() if day is not None} == {"IN-1"}
    assert days["IN-1"] == LATER


def test_an_erp_that_tells_returns_is_believed(telling: Books) -> None:
    telling.read(at_the_bank())
    assert telling.read(riba(), on=LATER).counts.unpaid == 0
    assert telling.installment("R-1").unpaid_on is None
    telling.read(riba(unpaid_on=LATER), on=LATEST)
    assert telling.installment("R-1").unpaid_on == LATER
    telling.read(riba(), on=LATEST)
    assert telling.installment("R-1").unpaid_on is None


def test_a_day_that_the_erp_tells_is_believed_in_any_case(books: Books) -> None:
    books.read(at_the_bank())
    books.read(riba(unpaid_on=ON), on=LATER)
    assert books.installment("R-1").unpaid_on == ON
