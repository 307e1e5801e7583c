"""Pages of a list put together are the list, however they are cut, sorted and narrowed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incasso.domain.office.actor import Scope
from incasso.store.engine import Store
from incasso.store.lists import index as lists
from incasso.store.lists import narrowing, paging, places
from incasso.store.lists.credits import OVERDUE_BY
from incasso.store.lists.listing import Fields, Listing, Order
from incasso.store.lists.paging import read_page
from incasso.store.lists.reading import read_list
from incasso.store.tables import ledger
from tests.acts import office
from tests.acts.office import MONDAY
from tests.lists.test_declared import sample
from tests.lists.test_narrowing import SCOPES, WHOSE
from tests.lists.twins import two_companies
from tests.plans.filled import filled

PAGED = [each for each in lists.LISTS if each.paged]
EVERYBODY = Scope.everything()


def paged(
    store: Store, listing: Listing, scope: Scope = EVERYBODY, limit: int = 2, **more: Any
) -> list[Fields]:
    """Every page of a list, one after the other."""
    rows: list[Fields] = []
    after: str | None = ""
    order = more.pop("order", "")
    with store.read() as connection:
        while after is not None:
            page = read_page(
                connection, listing, scope, more, on=MONDAY, after=after, limit=limit, order=order
            )
            assert len(page.rows) <= limit
            rows += page.rows
            after = page.next
    return rows


def complete(store: Store, listing: Listing, scope: Scope = EVERYBODY, **wanted: Any) -> list[Any]:
    with store.read() as connection:
        return list(read_list(connection, listing, scope, on=MONDAY, **wanted))


def alike(rows: list[Fields]) -> list[str]:
    return sorted(map(repr, rows))


@pytest.fixture
def many(store: Store) -> Iterator[Store]:
    """A year's worth of a small office: 3,000 installments, planned twice."""
    book = filled(store)
    book.plan(book.days(1))
    yield store


def test_pages_of_every_list_are_the_list(store: Store) -> None:
    with store.write() as connection:
        two_companies(connection)
    for listing in PAGED:
        known = {each.name for each in listing.filters}
        asked: list[tuple[Scope, dict[str, str]]]
        asked = [(scope, {}) for scope in SCOPES] + [(SCOPES[0], wanted) for wanted in WHOSE]
        for scope, wanted in asked:
            if wanted.keys() <= known:
                whole = complete(store, listing, scope, **wanted)
                found = paged(store, listing, scope, 1, **wanted)
                assert alike(found) == alike(whole), (listing.name, scope, wanted)


def test_every_filter_narrows_pages_as_it_narrows_the_list(full: Store) -> None:
    for listing in PAGED:
        for one in listing.filters:
            wanted = {one.name: sample(one)}
            whole = complete(full, listing, **wanted)
            assert alike(paged(full, listing, **wanted)) == alike(whole), (listing.name, one.name)


@pytest.mark.parametrize("few", [0, narrowing.FEW])
def test_long_lists_in_every_order(many: Store, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    """By ids and by walking, in stretches that end in the middle of a page."""
    monkeypatch.setattr(narrowing, "FEW", few)
    monkeypatch.setattr(paging, "STRETCHES", (70, 900))
    for listing, wanted in (
        (lists.INSTALLMENTS, {"client": "C0007"}),
        (lists.INSTALLMENTS, {"status": ("open",), "payment_method": "transfer"}),
        (lists.INSTALLMENTS, {"situation": ("overdue",)}),
        (lists.CASES, {"client": "C0008"}),
        (lists.CASES, {"state": ("open",)}),
        (lists.STEPS, {"status": ("ready", "proposed")}),
        (lists.STEPS, {"medium": "email", "status": ("ready", "counted")}),
        (lists.CLIENTS, {"blocked": False}),
    ):
        for order in listing.paged:
            whole = complete(many, listing, **wanted)
            found = paged(many, listing, limit=200, order=order.name, **wanted)
            back = paged(many, listing, limit=300, order=f"-{order.name}", **wanted)
            assert found == back[::-1], (listing.name, order)
            assert {repr(row) for row in found} <= {repr(row) for row in whole}
            if not order.where:
                assert alike(found) == alike(whole), (listing.name, wanted, order)
            _is_sorted(found, order)


def _is_sorted(rows: list[Fields], order: Order) -> None:
    names = [name for name in order.by if name in (rows[0] if rows else ())]
    shown = [tuple(row[name] for name in names) for row in rows]
    if not order.by_source:
        assert shown == sorted(shown), order


def test_what_is_due_when(many: Store) -> None:
    """The order by the next day has just the cases that wait for one, earliest first."""
    whole = complete(many, lists.CASES)
    waiting = [
        row for row in whole if row["state"] == "open" and not row["step"] and row["next_due_on"]
    ]
    found = paged(many, lists.CASES, limit=100, order="due")
    assert found == sorted(waiting, key=lambda row: (row["next_due_on"], row["id"]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    keys=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1),
                  min_size=1, max_size=12, unique=True),
    limit=st.integers(1, 4),
    backwards=st.booleans(),
)  # fmt: skip
def test_keys_of_any_letters_are_paged_in_the_order_of_the_list(
    sqlite_store: Store, keys: list[str], limit: int, backwards: bool
) -> None:
    with sqlite_store.write() as connection:
        connection.execute(sa.delete(ledger.installments))
        connection.execute(sa.delete(ledger.clients))
        connection.execute(sa.delete(ledger.sources))
        acme = office.source(connection)
        client = office.client(connection, acme, "C1", "Rossi")
        for key in keys:
            office.installment(connection, client, key, 100, MONDAY)
    order = "-key" if backwards else "key"
    found = paged(sqlite_store, lists.INSTALLMENTS, limit=limit, order=order)
    assert [row["key"] for row in found] == sorted(keys, reverse=backwards)


def test_letters_in_the_order_of_their_code_points_on_both_databases(store: Store) -> None:
    keys = ["B", "a", "É", "b", "A/2", "A/10", "Z", "é", "à", " x"]
    with store.write() as connection:
        client = office.client(connection, office.source(connection), "C1", "Rossi")
        for key in keys:
            office.installment(connection, client, key, 100, MONDAY)
    assert [row["key"] for row in paged(store, lists.INSTALLMENTS, limit=3)] == sorted(keys)


def test_rows_that_come_and_go_move_no_page(full: Store) -> None:
    """The second page goes on after the last row of the first, wherever that is by now."""
    with full.read() as connection:
        first = read_page(connection, lists.INSTALLMENTS, EVERYBODY, on=MONDAY, limit=2)
    assert [row["key"] for row in first.rows] == ["B1/1", "F1/1"]
    with full.write() as connection:
        acme, rossi = connection.execute(
            sa.select(ledger.clients.c.source_id, ledger.clients.c.id)
            .where(ledger.clients.c.code == "C2")
        ).one()  # fmt: skip
        office.installment(connection, rossi, "A0/1", 100, MONDAY)
        connection.execute(
            sa.update(ledger.installments)
            .where(ledger.installments.c.key == "F1/1", ledger.installments.c.source_id == acme)
            .values(key="A1/1")
        )
    assert first.next is not None
    with full.read() as connection:
        second = read_page(
            connection, lists.INSTALLMENTS, EVERYBODY, on=MONDAY, limit=2, after=first.next
        )
    assert [row["key"] for row in second.rows] == ["F2/1", "N1/1"]


def test_a_spoilt_place_and_one_of_another_list_are_refused(full: Store) -> None:
    with full.read() as connection:

        def ask(listing: Listing, after: str, order: str = "") -> None:
            read_page(connection, listing, EVERYBODY, on=MONDAY, limit=1, after=after, order=order)

        place = read_page(connection, lists.INSTALLMENTS, EVERYBODY, on=MONDAY, limit=1).next
        assert place is not None
        ask(lists.INSTALLMENTS, place)
        for wrong in (place[:-3], place[3:], place + "AA", "x", "à" * 9, "A" * 5000, "%", "=" * 4):
            with pytest.raises(places.PlaceError, match="begin with the first page"):
                ask(lists.INSTALLMENTS, wrong)
        for listing, order in ((lists.CLIENTS, ""), (lists.CASES, ""), (lists.INSTALLMENTS, "due"),
                               (lists.INSTALLMENTS, "-key")):  # fmt: skip
            with pytest.raises(places.PlaceError):
                ask(listing, place, order)
        with pytest.raises(TypeError, match="no pages by moon"):
            ask(lists.CASES, "", "moon")
        with pytest.raises(TypeError, match="no pages"):
            ask(OVERDUE_BY["client"], "")
        with pytest.raises(TypeError, match="no filter"):
            read_page(connection, lists.CASES, EVERYBODY, {"moon": 1})


def test_a_page_reads_few_rows_of_a_long_list(many: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """However rare what is looked for: a page ends, and says that the list goes on."""
    monkeypatch.setattr(paging, "STRETCHES", (10, 20))
    with many.read() as connection:
        page = read_page(
            connection, lists.INSTALLMENTS, EVERYBODY, {"payment_method": "cheque"}, on=MONDAY
        )
    assert page.rows == [] and page.next is not None
    monkeypatch.setattr(paging, "STRETCHES", (1000, 2000))
    assert paged(many, lists.INSTALLMENTS, payment_method="cheque") == []
