"""Feed trust: the guard, control totals, empty and cut files, runs that overtake each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incasso.contract.capabilities import ConnectorCapability, Family
from incasso.contract.connector import ControlTotals
from incasso.domain.ledger.trust import ReadEffect, Totals, disagreements, objections, stale
from incasso.domain.office.actor import CLOCK
from incasso.locale.problems import sentence
from incasso.store.engine import Store
from incasso.store.tables.proof import journal
from tests.agenda import set_look
from tests.ledger.office import NOW, ON, Books, Export, credit, item, items

LOOK_IN_THE_ERP = "look at the open items in the ERP; if it is right, sync again with --confirm"


def test_a_read_that_would_close_a_third_stops_and_a_person_lets_it_pass(books: Books) -> None:
    books.read(*items(10))
    before = books.contents()
    report = books.read(*items(7))
    assert (report.status, report.hint) == ("stopped", LOOK_IN_THE_ERP)
    assert "3 of 10 open items would be closed (30%, at most 20%)" in report.reasons
    assert books.contents() == before
    assert books.runs()[-1].status == "stopped"
    confirmed = books.read(*items(7), confirm=True)
    assert confirmed.good and confirmed.confirmed and confirmed.counts.vanished == 3
    assert books.runs()[-1].confirmed


def test_a_stopped_read_is_no_good_sync(books: Books) -> None:
    books.read(*items(10))
    books.read(*items(2), on=ON + timedelta(days=1))
    assert books.contents()["sources"][0].count("2026, 11, 24") == 0


def test_what_an_untrusted_ledger_put_off_is_looked_at_once_it_is_good(books: Books) -> None:
    books.read(item("A-1"), item("A-2"))
    later = ON + timedelta(days=7)
    with books.hub.store.write() as connection:
        set_look(connection, None)
        set_look(connection, later + timedelta(days=1), [books.installment("A-1").id])
    assert books.read(item("A-1"), item("A-2"), on=later).good
    assert books.look("A-1") == later
    assert books.look("A-2") is None


def test_a_confirmation_that_nobody_asked_for_closes_nothing_sooner(books: Books) -> None:
    books.read(*items(10))
    report = books.read(*items(9), confirm=True)
    assert (report.counts.absent, report.counts.vanished, report.confirmed) == (1, 0, False)


@pytest.mark.parametrize("max_drop", [Decimal("0.2"), Decimal(1)])
def test_an_empty_file_closes_nothing(store: Store, tmp_path: Path, max_drop: Decimal) -> None:
    books = Books(store, tmp_path, max_drop=max_drop)
    books.read(item("A-1"))
    for _ in range(3):
        report = books.read()
        assert report.status == "stopped"
        assert "the read is empty" in report.reasons[0]
    assert books.statuses() == {"A-1": "open"}
    books.hub.registry.close()


def test_an_empty_ledger_takes_an_empty_file(books: Books) -> None:
    assert books.read().good


def test_a_file_cut_near_its_end_closes_nothing(books: Books) -> None:
    books.read(*items(20))
    assert books.read(*items(18)).good
    assert set(books.statuses().values()) == {"open"}


def test_a_source_that_reads_in_parts_says_so_in_its_table(store: Store, tmp_path: Path) -> None:
    books = Books(store, tmp_path)
    books.read(*items(10))
    table = books.hub.config.tables[Family.CONNECTOR]["acme"]
    assert isinstance(table, dict)
    table["read"] = "partial"
    for _ in range(3):
        assert books.read(item("A-0000", "1.00")).good
    assert set(books.statuses().values()) == {"open"}
    books.hub.registry.close()


def test_sums_that_collapse_stop_the_read(books: Books) -> None:
    """A lost decimal point leaves every item in its place, worth a hundredth."""
    books.read(*items(30))
    before = books.contents()
    report = books.read(*[item(row.key, "1.00") for row in items(30)])
    assert report.status == "stopped"
    assert "2970.00 of 3000.00 EUR owed would disappear (99%, at most 20%)" in report.reasons
    assert books.contents() == before


def test_a_few_large_payments_are_daily_life(books: Books) -> None:
    books.read(item("A-1", "9000"), item("A-2", "100"), item("A-3", "100"))
    assert books.read(item("A-1", "0"), item("A-2", "100"), item("A-3", "100")).counts.paid == 1


def test_credits_do_not_hide_a_drop(books: Books) -> None:
    books.read(*items(30), credit("NC-1", "-2900"))
    report = books.read(*[item(row.key, "1.00") for row in items(30)], credit("NC-1", "-1"))
    assert report.status == "stopped"


def totals(open_items: int | None, **residual: str) -> ControlTotals:
    """What the ERP says of itself."""
    return ControlTotals(
        open_items=open_items, residual={name: Decimal(text) for name, text in residual.items()}
    )


@pytest.fixture
def counted(store: Store, tmp_path: Path) -> Books:
    """A source that gives control totals."""
    return Books(store, tmp_path, Export([ConnectorCapability.TOTALS]))


def test_totals_that_agree_let_the_read_pass(counted: Books) -> None:
    assert isinstance(counted.export, Export)
    counted.export.told = totals(12, EUR="1100.00", USD="50.00")
    rows = [*items(11), item("U", "50", currency="USD"), item("P", "0", amount=Decimal(10))]
    report = counted.read(*rows)
    assert report.good
    assert report.after["USD"] == Totals(items=1, residual=5000, debit=5000)
    assert counted.runs()[0].totals["EUR"]["items"] == 11
    assert counted.read(*rows).good


def test_totals_that_disagree_stop_the_read(counted: Books) -> None:
    assert isinstance(counted.export, Export)
    counted.export.told = totals(12, EUR="1100.00")
    report = counted.read(*items(11))
    assert report.reasons == ("the ERP counts 12 open items, 11 were read",)
    counted.export.told = totals(11, EUR="1100.01")
    report = counted.read(*items(11))
    assert report.status == "stopped" and "1100.01 EUR" in report.reasons[0]
    assert counted.read(*items(11), confirm=True).good


def test_refused_rows_explain_a_difference(counted: Books) -> None:
    assert isinstance(counted.export, Export)
    counted.export.told = totals(12, EUR="1101.00")
    assert counted.read(*items(11), item("X", "1.005")).good


def test_an_absent_item_is_not_counted_against_the_erp(counted: Books) -> None:
    assert isinstance(counted.export, Export)
    counted.export.told = totals(11)
    assert counted.read(*items(11)).good
    counted.export.told = totals(10)
    assert counted.read(*items(10)).good


def test_a_run_that_died_is_marked_by_the_next(books: Books) -> None:
    books.read(*items(3))
    with books.store.write() as connection:
        connection.exec_driver_sql("UPDATE sync_runs SET status = 'running'")
    books.read(*items(3))
    assert [run.status for run in books.runs()] == ["failed", "good"]
    assert "interrupted" in books.runs()[0].reason


def test_of_two_syncs_at_once_the_later_one_counts(store: Store, tmp_path: Path) -> None:
    books, other = Books(store, tmp_path), Books(store, tmp_path)
    assert isinstance(books.export, Export)
    books.export.rows = items(9)

    def overtaken(_what: str, rows: int) -> None:
        if rows == 6:
            other.read(*items(2))

    from incasso.services.ledger.sync import sync

    report = sync(books.hub, CLOCK, "acme", ON, progress=overtaken)
    assert report.status == "failed" and "another sync" in report.reasons[0]
    assert set(books.statuses()) == {"A-0000", "A-0001"}
    books.hub.registry.close()
    other.hub.registry.close()


def test_every_run_is_in_the_journal_with_its_counts(books: Books) -> None:
    books.read(*items(10))
    books.read(*items(3))
    entries = books.all(journal)
    assert [entry.kind for entry in entries] == ["sync.finished", "sync.stopped"]
    assert entries[0].facts["new"] == 10
    assert entries[1].facts["reasons"]


def reading(before: int, absent: int, **changes: object) -> ReadEffect:
    """A complete read of `before` items of one euro, `absent` of them gone."""
    usual: dict[str, object] = {
        "complete": True,
        "present": before - absent,
        "open_before": before,
        "disappearing": absent,
        "lowered": {"EUR": absent},
        "before": {"EUR": Totals(items=before, residual=before * 100, debit=before * 100)},
        "after": {
            "EUR": Totals(
                items=before - absent, residual=(before - absent) * 100, debit=before * 100
            )
        },
    }
    return ReadEffect(**{**usual, **changes})  # type: ignore[arg-type]


@given(st.integers(1, 2000), st.data())
def test_the_guard_stops_exactly_above_its_share(before: int, data: st.DataObject) -> None:
    absent = data.draw(st.integers(0, before - 1))
    stopped = bool(objections(reading(before, absent), Decimal("0.2")))
    assert stopped == (5 * absent > before)


def test_one_payment_in_a_small_currency_is_daily_life() -> None:
    """A ledger with two items in francs: one of them paid, on a day of many payments in euro."""
    francs = {"CHF": Totals(items=2, residual=300, debit=300)}
    paid = {"CHF": Totals(items=1, residual=100, debit=100)}
    euro = reading(1000, 50)
    seen = replace(
        euro,
        lowered={"EUR": 50, "CHF": 1},
        before={**euro.before, **francs},
        after={**euro.after, **paid},
    )
    assert objections(seen, Decimal("0.2")) == ()


def test_disagreement_in_a_currency_the_ledger_does_not_have() -> None:
    given = ControlTotals(residual={"USD": Decimal("5.00")})
    assert "5.00 USD" in sentence(disagreements(reading(1, 0), given)[0])


def test_a_ledger_grows_stale() -> None:
    never, late = stale(None, NOW, 24), stale(NOW - timedelta(hours=25), NOW, 24)
    assert never is not None and "never" in sentence(never)
    assert stale(NOW - timedelta(hours=24), NOW, 24) is None
    assert late is not None and "older than 24 h" in sentence(late)
