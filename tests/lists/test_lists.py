"""The lists that outside programs read: field names, order, filters, types; on both databases."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from incasso.domain.office.actor import Scope
from incasso.store.engine import Store
from incasso.store.lists import index as lists
from incasso.store.lists.credits import DUE, OVERDUE_BY
from incasso.store.lists.reading import read_list
from incasso.store.tables import ledger, recovery
from tests.acts import office
from tests.acts.office import MONDAY

PROMISED = {
    "steps": "id source client iter stage action medium mode status due_on done_on installments "
    "total currency language operator reason",
    "cases": "id source client installment iter iter_version stage state next_due_on blocked_by",
    "deliveries": "id step source client medium channel to status attempts accepted_at final_at "
    "cost sha256",
    "installments": "key client document_kind document_number document_date installment_number "
    "due_date amount residual currency payment_method unpaid_on presented_on agent depot area "
    "notes source status overdue_days case",
    "clients": "code name vat tax_code is_person address zip city province country language email "
    "pec phone mobile fax contact_person contact_role call_hours agent depot area category "
    "payment_terms credit_limit blocked excluded seasonal rating notes source operator",
    "quarantine": "id source run file row field problem hint",
}


def read(store: Store, name: str, **filters: Any) -> list[lists.Fields]:
    """A list as a program gets it."""
    listing = next(one for one in lists.LISTS if one.name == name)
    with store.read() as connection:
        return list(read_list(connection, listing, Scope.everything(), on=MONDAY, **filters))


def reported(store: Store, report: lists.Listing, **filters: Any) -> list[lists.Fields]:
    """A report as a program gets it."""
    with store.read() as connection:
        return list(read_list(connection, report, Scope.everything(), on=MONDAY, **filters))


def test_promised_fields_are_there(full: Store) -> None:
    for name, fields in PROMISED.items():
        rows = read(full, name)
        assert rows, name
        for row in rows:
            assert set(fields.split()) <= set(row), name


def test_lists_are_sorted(full: Store) -> None:
    assert [(r["source"], r["code"]) for r in read(full, "clients")] == [
        ("acme", "C1"),
        ("acme", "C2"),
        ("beta", "C1"),
    ]
    assert [r["key"] for r in read(full, "installments")] == [
        "B1/1",
        "F1/1",
        "F2/1",
        "N1/1",
        "f9/1",
    ]
    assert read(full, "steps")[0]["installments"] == ["F1/1", "F2/1"]


def test_money_is_decimal_with_the_currency_s_own_decimals(full: Store) -> None:
    amounts = {r["key"]: r["residual"] for r in read(full, "installments")}
    assert amounts["F1/1"] == Decimal("250.50")
    assert str(amounts["f9/1"]) == "777"
    assert read(full, "steps")[0]["total"] == Decimal("350.50")
    assert [r["credit_limit"] for r in read(full, "clients")] == [None, Decimal("5000.00"), None]


def test_overdue_days_follow_the_effective_due_date(full: Store) -> None:
    days = {r["key"]: r["overdue_days"] for r in read(full, "installments")}
    # A bill at the bank is not late for ten days, a credit note never, the future not yet.
    assert days == {"F2/1": 20, "F1/1": 54, "B1/1": 0, "N1/1": 0, "f9/1": 0}
    with full.write() as connection:
        late = connection.execute(
            sa.select(ledger.installments).where(ledger.installments.c.key == "F2/1")
        ).one()
        office.insert(
            connection,
            recovery.agreements,
            kind="extension",
            source_id=late.source_id,
            client_id=late.client_id,
            installment_id=late.id,
            from_on=MONDAY,
            until_on=date(2026, 11, 20),
            made_on=MONDAY,
        )
    assert {r["key"]: r["overdue_days"] for r in read(full, "installments")}["F2/1"] == 3


CLIENTS_NARROWED: list[tuple[str, dict[str, object], list[str]]] = [
    ("clients", {"source": "beta"}, ["Verdi Snc"]),
    ("clients", {"client": "C1"}, ["Bianchi Spa", "Verdi Snc"]),
    ("clients", {"client": "acme/C1"}, ["Bianchi Spa"]),
    ("clients", {"operator": "anna"}, ["Rossi Srl"]),
    ("clients", {"seasonal": True}, ["Bianchi Spa"]),
    ("clients", {"overdue": True}, ["Rossi Srl"]),
    ("clients", {"agent": "A1"}, ["Bianchi Spa"]),
    ("clients", {"source": "nobody"}, []),
]


def test_clients_narrowed(full: Store) -> None:
    for name, filters, expected in CLIENTS_NARROWED:
        assert [row["name"] for row in read(full, name, **filters)] == expected, filters


INSTALLMENTS_NARROWED: list[tuple[dict[str, object], list[str]]] = [
    ({"area": "nord"}, ["F1/1", "F2/1"]),
    ({"operator": "anna"}, ["F1/1", "F2/1"]),
    ({"payment_method": "riba"}, ["B1/1"]),
    ({"due_from": date(2026, 11, 3), "due_to": date(2026, 11, 20)}, ["B1/1", "F2/1"]),
    ({"band": (1, 30)}, ["F2/1"]),
    ({"band": (31, None)}, ["F1/1"]),
    ({"status": ("paid", "gone")}, []),
    ({"unpaid": True}, []),
]


def test_installments_narrowed(full: Store) -> None:
    for filters, expected in INSTALLMENTS_NARROWED:
        assert [row["key"] for row in read(full, "installments", **filters)] == expected, filters


REST_NARROWED: list[tuple[str, dict[str, object], int]] = [
    ("steps", {"status": ("ready", "proposed")}, 1),
    ("steps", {"status": ("done",)}, 0),
    ("steps", {"client": "acme/C2", "iter": "bonifico", "medium": "email"}, 1),
    ("steps", {"due_to": date(2026, 11, 22)}, 0),
    ("steps", {"operator": "anna", "area": "nord"}, 1),
    ("cases", {"state": ("open",)}, 2),
    ("cases", {"blocked": True}, 0),
    ("cases", {"iter": "riba"}, 0),
    ("deliveries", {"status": ("accepted",), "channel": "mail"}, 1),
    ("deliveries", {"operator": "anna"}, 1),
    ("deliveries", {"sent_from": date(2026, 11, 24)}, 0),
    ("quarantine", {}, 1),
    ("quarantine", {"resolved": True}, 2),
    ("quarantine", {"file": "other.csv"}, 0),
]


def test_the_rest_narrowed(full: Store) -> None:
    for name, filters, count in REST_NARROWED:
        assert len(read(full, name, **filters)) == count, (name, filters)


def test_credits_add_up_however_they_are_summed(full: Store) -> None:
    """Every sum of every report tells the same open credits."""
    open_items: Counter[str] = Counter()
    for row in read(full, "installments"):
        open_items[row["currency"]] += row["residual"]
    for group in OVERDUE_BY:
        sums: Counter[str] = Counter()
        for row in reported(full, OVERDUE_BY[group]):
            sums[row["currency"]] += row["total"]
        assert sums == open_items, group
    dated = reported(full, DUE)
    by_agent = reported(full, OVERDUE_BY["agent"])
    late = reported(full, OVERDUE_BY["client"], late_only=True)
    assert [row["client"] for row in late] == ["C2"]
    assert sum(row["total"] for row in dated) == sum(open_items.values())
    assert [(row["client"], row["overdue_days"]) for row in dated][-2:] == [("C2", 54), ("C2", 20)]
    assert by_agent[0] == {
        "agent": "",
        "currency": "EUR",
        "count": 2,
        "total": Decimal("350.50"),
        "overdue": Decimal("350.50"),
        "not_due": Decimal("0.00"),
        "1-30": Decimal("100.00"),
        "31-60": Decimal("250.50"),
        "61-90": Decimal("0.00"),
        "91-180": Decimal("0.00"),
        "181+": Decimal("0.00"),
        "credits": Decimal("0.00"),
    }


def test_a_long_list_never_sits_in_memory(store: Store) -> None:
    """Thirty thousand rows pass through a few pages' worth of memory."""
    with store.write() as connection:
        acme = office.source(connection)
        rossi = office.client(connection, acme, "C1", "Rossi Srl")
        row = {
            "source_id": acme,
            "client_id": rossi,
            "due_date": MONDAY,
            "amount": 1,
            "residual": 1,
        }
        rows = [{**row, "key": f"K{number:06}"} for number in range(30_000)]
        connection.execute(sa.insert(ledger.installments), rows)
    del rows
    with store.read() as connection:
        tracemalloc.start()
        everything = read_list(connection, lists.INSTALLMENTS, Scope.everything(), on=MONDAY)
        count = sum(1 for _ in everything)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert count == 30_000
    assert peak < 12_000_000
