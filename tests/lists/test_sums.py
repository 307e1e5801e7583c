"""Exposure, containers and punctuality: sums that were added up by hand, on both databases."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from incasso.domain.ledger.punctuality import average_days, months_before, trend
from incasso.domain.office.actor import Scope
from incasso.store.engine import Store
from incasso.store.lists.containers import CONTAINERS
from incasso.store.lists.credits import EXPOSURE, OVERDUE_BY
from incasso.store.lists.ledger import CLIENTS
from incasso.store.lists.listing import Listing
from incasso.store.lists.punctuality import PUNCTUALITY
from incasso.store.lists.reading import read_list
from incasso.store.tables import history, recovery
from tests.acts import office
from tests.acts.office import MONDAY


def rows(store: Store, listing: Listing, *columns: str, **wanted: Any) -> list[tuple[Any, ...]]:
    with store.read() as connection:
        found = list(read_list(connection, listing, Scope.everything(), on=MONDAY, **wanted))
    return [tuple(str(row[name]) for name in columns) for row in found]


def test_exposure_of_each_client_by_currency(full: Store) -> None:
    """C2 owes 100.00 and 250.50, both late. C1 has a RiBa of 99.00 at the bank, a credit of 5.00,
    and 777 yen that are not due."""
    with full.write() as connection:
        office.installment(
            connection, 1, "R/1", 40000, date(2026, 11, 1), unpaid_on=date(2026, 11, 9)
        )
    names = "client currency owed overdue returned at_bank credits total".split()
    assert rows(full, EXPOSURE, *names) == [
        ("C1", "EUR", "99.00", "0.00", "0.00", "99.00", "-5.00", "94.00"),
        ("C1", "JPY", "777", "0", "0", "0", "0", "777"),
        ("C2", "EUR", "750.50", "750.50", "400.00", "0.00", "0.00", "750.50"),
    ]
    assert rows(full, EXPOSURE, "client", late_only=True) == [("C2",)]
    assert rows(full, EXPOSURE, "client", "currency", agent="A1") == [("C1", "EUR"), ("C1", "JPY")]


def test_money_of_each_container_and_what_runs(full: Store) -> None:
    """Two cases of C2 run with 100.00 and 250.50; two of C1 are parked, one is closed."""
    with full.write() as connection:
        for key, cents, values in (
            ("L1", 30000, {"state": "parked", "container": "legal"}),
            ("L2", 1, {"state": "parked", "container": "legal"}),
            ("P1", 500, {"state": "placed"}),
            ("X1", 900, {"state": "closed"}),
        ):
            item = office.installment(connection, 2, key, cents, date(2026, 9, 1))
            office.case(connection, item, 1, **values)
    names = "source container currency cases clients amount".split()
    assert rows(full, CONTAINERS, *names) == [
        ("acme", "legal", "EUR", "2", "1", "300.01"),
        ("acme", "placed", "EUR", "1", "1", "5.00"),
        ("acme", "running", "EUR", "2", "1", "350.50"),
    ]
    assert rows(full, CONTAINERS, "container", client="C2") == [("running",)]


def test_days_late_by_amount_and_how_they_change(store: Store) -> None:
    """The half years end on 23 November and 23 May 2026.

    | due | amount | paid | days | as the half year before saw it |
    |---|---|---|---|---|
    | 1 Oct 2026 | 100 | 11 Oct | 10 | |
    | 3 Nov 2026 | 300 of 500 open | | 20 | |
    | 1 Mar 2026 | 200 | 31 Mar | 30 | 30 |
    | 13 May 2026 | 200 | 2 Jul, seen on the 10th | 50 | 10 |

    All: (10x100 + 20x300 + 30x200 + 50x200) / 800 = 28.75. Last half year: (10x100 + 20x300) / 400
    = 17.5. Half year before: (30x200 + 10x200) / 400 = 20. So it pays 2.5 days sooner.
    """
    seen = {"first_seen_on": date(2026, 1, 1)}
    with store.write() as connection:
        acme = office.source(connection)
        rossi = office.client(connection, acme, "C1", "Rossi Srl")

        def paid(key: str, cents: int, due: date, closed: date, **values: Any) -> int:
            values = {**seen, "status": "paid", "amount": cents, "closed_on": closed, **values}
            return office.installment(connection, rossi, key, 0, due, **values)

        paid("a", 10000, date(2026, 10, 1), date(2026, 10, 11))
        office.installment(connection, rossi, "b", 30000, date(2026, 11, 3), amount=50000)
        paid("c", 20000, date(2026, 3, 1), date(2026, 3, 31))
        paid("d", 20000, date(2026, 5, 13), date(2026, 7, 10))
        office.insert(
            connection,
            history.payments,
            source_id=acme,
            client_id=rossi,
            key="p",
            installment="d",
            paid_on=date(2026, 7, 2),
            amount=20000,
        )
    names = "count amount days_late days_late_recent days_late_before trend".split()
    assert rows(store, PUNCTUALITY, *names) == [("4", "800.00", "28.8", "17.5", "20.0", "-2.5")]


def test_what_is_not_late_does_not_count(store: Store) -> None:
    """Paid early is 0 days; the rest is not due, at the bank, put off, a credit, or unknown."""
    late = date(2026, 11, 1)
    with store.write() as connection:
        acme = office.source(connection)
        rossi = office.client(connection, acme, "C1", "Rossi Srl")
        early: dict[str, Any] = {"status": "paid", "amount": 10000}
        closed = {"first_seen_on": date(2026, 9, 1), "closed_on": date(2026, 10, 20)}
        office.installment(connection, rossi, "early", 0, late, **early, **closed)
        at_once = {"first_seen_on": late, "closed_on": late}
        office.installment(connection, rossi, "unknown", 0, date(2026, 9, 1), **early, **at_once)
        office.installment(connection, rossi, "future", 9900, date(2026, 12, 1))
        office.installment(connection, rossi, "credit", -500, late)
        bank = {"payment_method": "riba", "presented_on": late}
        office.installment(connection, rossi, "riba", 9900, date(2026, 11, 20), **bank)
        extended = office.installment(connection, rossi, "put off", 9900, late)
        office.insert(
            connection,
            recovery.agreements,
            kind="extension",
            source_id=acme,
            client_id=rossi,
            installment_id=extended,
            from_on=late,
            until_on=date(2026, 11, 30),
            made_on=late,
        )
    names = "count amount days_late trend".split()
    assert rows(store, PUNCTUALITY, *names) == [("1", "100.00", "0.0", "None")]


def test_months_and_averages() -> None:
    assert months_before(date(2026, 8, 31), 6) == date(2026, 2, 28)
    assert months_before(date(2026, 1, 15), 12) == date(2025, 1, 15)
    assert (average_days(7000, 400), average_days(0, 5), average_days(0, 0)) == (17.5, 0.0, None)
    assert (trend(17.5, 20.0), trend(None, 1.0), trend(1.0, None)) == (-2.5, None, None)


@given(st.dates(date(1999, 1, 1), date(2199, 1, 1)), st.integers(0, 240))
def test_a_month_before_is_never_later_in_its_month(day: date, months: int) -> None:
    before = months_before(day, months)
    assert (day.year - before.year) * 12 + day.month - before.month == months
    assert before.day <= day.day


def test_clients_show_what_they_owe_in_their_company_s_currency(full: Store) -> None:
    names = "code owed overdue oldest_overdue_on running_cases".split()
    assert rows(full, CLIENTS, *names) == [
        ("C1", "99.00", "0.00", "None", "0"),
        ("C2", "350.50", "350.50", "2026-09-30", "2"),
        ("C1", "0.00", "0.00", "None", "0"),
    ]


def test_sums_that_do_not_hold_on_a_day_are_added_up(full: Store) -> None:
    """On 4 December the bill of C1 is not at the bank any more, and F2/1 is 31 days late."""
    with full.read() as connection:
        found = {
            (row["client"], row["currency"]): (str(row["1-30"]), str(row["31-60"]))
            for row in read_list(
                connection, OVERDUE_BY["client"], Scope.everything(), on=date(2026, 12, 4)
            )
        }
    assert found["C1", "EUR"] == ("99.00", "0.00")
    assert found["C2", "EUR"] == ("0.00", "100.00")
    assert found["C1", "JPY"] == ("0", "0")


def test_bands_of_a_scope(full: Store) -> None:
    scope = Scope(agents=frozenset({"A1"}))
    with full.read() as connection:
        found = list(read_list(connection, OVERDUE_BY["band"], scope, on=MONDAY))
    assert [(row["band"], row["currency"], row["count"], str(row["total"])) for row in found] == [
        ("not_due", "EUR", 1, "99.00"),
        ("not_due", "JPY", 1, "777"),
        ("credits", "EUR", 1, "-5.00"),
    ]
