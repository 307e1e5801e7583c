"""Whether ledger and ERP agree: balances per client, and years that were read twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from incasso.contract.capabilities import ConnectorCapability, Family
from incasso.contract.errors import TemporaryError
from incasso.contract.hooks import hookimpl
from incasso.domain.office.actor import CLOCK, Scope
from incasso.services.ledger import balances as comparing
from incasso.services.ledger.sync import sync
from incasso.store.engine import Store
from incasso.store.lists.history import BALANCES
from incasso.store.lists.reading import read_list
from incasso.store.tables.history import balance_differences
from incasso.store.tables.proof import journal
from tests.ledger.office import NOW, ON, Books, Export, client, credit, item

DOCUMENT: dict[str, Any] = {"document_number": "118/A", "document_date": date(2026, 9, 30)}


class Telling(Export):
    """An ERP that tells balances, and whom it was asked about."""

    def __init__(self) -> None:
        super().__init__([ConnectorCapability.BALANCES])
        self.balances: dict[str, Decimal] = {}
        self.asked: list[tuple[str, ...]] = []
        self.breaks_at: int | None = None

    @hookimpl
    def erp_balances(self, clients: tuple[str, ...]) -> Mapping[str, Decimal]:
        """What the test says; others are unknown."""
        if self.breaks_at == len(self.asked):
            raise TemporaryError("the server is restarting")
        self.asked.append(clients)
        return {code: self.balances[code] for code in clients if code in self.balances}


@pytest.fixture
def books(store: Store, tmp_path: Path) -> Iterator[Books]:
    """A source whose table asks for the comparison."""
    books = Books(store, tmp_path, Telling())
    table = books.hub.config.tables[Family.CONNECTOR]["acme"]
    assert isinstance(table, dict)
    table["check_balances"] = True
    yield books
    books.hub.registry.close()


def erp(books: Books) -> Telling:
    assert isinstance(books.export, Telling)
    return books.export


def differing(books: Books) -> dict[str, tuple[Decimal, Decimal]]:
    with books.store.read() as connection:
        return {
            row["client"]: (row["balance"], row["open_items"])
            for row in read_list(connection, BALANCES, Scope.everything())
        }


def test_clients_that_differ_are_counted_and_listed(books: Books) -> None:
    erp(books).clients = [client(), client("C2"), client("C3"), client("C4")]
    erp(books).balances = {"C1": Decimal(100), "C2": Decimal(90), "C3": Decimal(0)}
    report = books.read(item("A"), credit("B", "-20.00"), item("C", client="C2"))
    assert report.good
    assert (report.counts.balances_compared, report.counts.balances_differ) == (2, 2)
    assert "differs: 2" in report.warnings[0] and "incasso balances" in report.warnings[0]
    assert differing(books) == {
        "C1": (Decimal("100.00"), Decimal("80.00")),
        "C2": (Decimal("90.00"), Decimal("100.00")),
    }
    erp(books).balances["C2"] = Decimal(100)
    sync(books.hub, CLOCK, "acme", ON, full=True)
    assert set(differing(books)) == {"C1"}
    books.read(item("A", "0"), credit("B", "0"), item("C", client="C2"), on=ON, confirm=True)
    assert not differing(books)


def test_nothing_is_asked_unless_the_table_says_so(store: Store, tmp_path: Path) -> None:
    books = Books(store, tmp_path, Telling())
    assert books.read(item("A")).counts.balances_compared == 0
    assert not erp(books).asked
    books.hub.registry.close()


def test_other_currencies_are_compared_only_as_the_erp_converts_them(books: Books) -> None:
    erp(books).clients = [client(), client("C2")]
    erp(books).balances = {"C1": Decimal("192.00"), "C2": Decimal(1)}
    books.read(
        item("A"),
        item("B", currency="USD", base_residual=Decimal("92.00")),
        item("C", client="C2", currency="USD"),
    )
    assert erp(books).asked == [("C1",)]
    assert not differing(books)


def test_a_balance_that_is_no_amount_is_told_and_the_others_are_compared(books: Books) -> None:
    erp(books).clients = [client(), client("C2")]
    erp(books).balances = {"C1": Decimal("100.005"), "C2": Decimal(7)}
    report = books.read(item("A"), item("C", client="C2"))
    assert report.good and set(differing(books)) == {"C2"}
    assert "the balance of client C1 cannot be used" in report.warnings[1]
    (entry,) = [row for row in books.all(journal) if row.kind == "sync.beside"]
    assert entry.facts["warnings"] == report.warnings
    assert books.runs()[-1].counts["balances_differ"] == 1


def test_fifty_are_asked_at_once_and_a_failure_goes_on_next_time(books: Books) -> None:
    codes = [f"C{number:03d}" for number in range(120)]
    erp(books).clients = [client(code) for code in codes]
    erp(books).balances = dict.fromkeys(codes, Decimal(99))
    erp(books).breaks_at = 1
    rows = [item(f"A-{code}", client=code) for code in codes]
    report = books.read(*rows)
    assert report.good and "could not be compared" in report.warnings[1]
    assert [len(some) for some in erp(books).asked] == [50]
    erp(books).breaks_at = None
    assert sync(books.hub, CLOCK, "acme", ON, full=True).counts.balances_differ == 120
    assert [len(some) for some in erp(books).asked] == [50, 50, 20]
    sync(books.hub, CLOCK, "acme", ON, full=True)
    assert erp(books).asked[3][0] == "C000"


def test_a_slow_erp_is_left_in_time(books: Books) -> None:
    codes = [f"C{number:03d}" for number in range(120)]
    erp(books).clients = [client(code) for code in codes]
    erp(books).balances = dict.fromkeys(codes, Decimal(100))
    ticks = iter(range(10_000))

    def slowly() -> datetime:
        return NOW + comparing.TIME * 0.6 * next(ticks)

    erp(books).rows = [item(f"A-{code}", client=code) for code in codes]
    report = sync(replace(books.hub, now=slowly), CLOCK, "acme", ON)
    assert report.good and [some[0] for some in erp(books).asked] == ["C000"]
    sync(books.hub, CLOCK, "acme", ON, full=True)
    assert [some[0] for some in erp(books).asked] == ["C000", "C050", "C100"]
    assert not books.all(balance_differences)


def test_a_year_read_twice_is_told_and_not_judged(books: Books) -> None:
    books.read(item("2026|1", **DOCUMENT))
    report = books.read(item("2026|1", **DOCUMENT), item("2027|1", **DOCUMENT))
    assert report.good and report.counts.new == 1
    assert "such as 2027|1 and 2026|1" in report.warnings[0]
    assert set(books.statuses().values()) == {"open"}


def test_equal_amounts_of_other_documents_or_installments_are_no_doubles(books: Books) -> None:
    report = books.read(
        item("A", **DOCUMENT),
        item("B", **DOCUMENT, installment_number=2),
        item("C", **{**DOCUMENT, "document_number": "119/A"}),
        item("D"),
        item("E"),
        item("F", **{**DOCUMENT, "due_date": ON + timedelta(days=1)}),
    )
    assert not report.warnings
