"""Whoever asks sees the rows of their scope and no others, in every list there is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from incasso.domain.office.actor import Scope
from incasso.store.engine import Store
from incasso.store.lists import index as lists
from incasso.store.lists.costs import COSTS_BY
from incasso.store.lists.credits import DUE, OVERDUE_BY
from incasso.store.lists.listing import Belongs, Fields, Listing
from incasso.store.lists.reading import read_list
from tests.acts.office import MONDAY
from tests.lists.twins import two_companies

REPORTS = (*OVERDUE_BY.values(), DUE)
BY_CLIENT = [each for each in lists.LISTS if each.belongs is Belongs.CLIENT]
BY_SOURCE = [each for each in lists.LISTS if each.belongs is Belongs.SOURCE]
OF_CLIENTS = [
    Scope(agents=frozenset({"A1"})),
    Scope(depots=frozenset({"D1", "D9"})),
    Scope(operator="anna"),
    Scope(sources=frozenset({"acme", "beta"}), agents=frozenset({"A1"})),
]
"""What lets the client of acme through, and not the one of beta."""
OF_SOURCES = Scope(sources=frozenset({"acme"}))


@pytest.fixture
def twins(store: Store) -> Iterator[Store]:
    with store.write() as connection:
        two_companies(connection)
    yield store


def rows(store: Store, listing: Listing, scope: Scope, **wanted: Any) -> list[Fields]:
    with store.read() as connection:
        return list(read_list(connection, listing, scope, on=MONDAY, **wanted))


def test_a_scope_narrows_every_list_of_clients_rows(twins: Store) -> None:
    for listing in BY_CLIENT:
        seen = {row["source"] for row in rows(twins, listing, Scope.everything())}
        assert seen == {"acme", "beta"}, listing.name
        for scope in (*OF_CLIENTS, OF_SOURCES):
            mine = rows(twins, listing, scope)
            assert {row["source"] for row in mine} == {"acme"}, (listing.name, scope)
            strangers = rows(twins, listing, scope, source="beta")
            assert strangers == [], (listing.name, scope)


def test_what_belongs_to_no_client_is_not_for_those_who_see_only_some(twins: Store) -> None:
    for listing in BY_SOURCE:
        assert len(rows(twins, listing, Scope.everything())) == 2, listing.name
        assert [row["source"] for row in rows(twins, listing, OF_SOURCES)] == ["acme"]
        for scope in OF_CLIENTS:
            assert rows(twins, listing, scope) == [], (listing.name, scope)


def test_the_journal_tells_of_the_scopes_clients(twins: Store) -> None:
    events = rows(twins, lists.JOURNAL, Scope.everything())
    assert [event["client"] for event in events] == ["C1", "C2", ""]
    for scope in (*OF_CLIENTS, OF_SOURCES):
        assert [event["client"] for event in rows(twins, lists.JOURNAL, scope)] == ["C1"], scope


def test_reports_sum_only_what_the_scope_lets_through(twins: Store) -> None:
    for report in REPORTS:
        both = rows(twins, report, Scope.everything())
        assert sum(row["total"] for row in both) == 200, report.name
        for scope in (*OF_CLIENTS, OF_SOURCES):
            mine = rows(twins, report, scope)
            assert sum(row["total"] for row in mine) == 100, (report.name, scope)


def test_costs_are_of_the_scopes_messages(twins: Store) -> None:
    for report in COSTS_BY.values():
        both = rows(twins, report, Scope.everything())
        assert sum(row["messages"] for row in both) == 2, report.name
        for scope in (*OF_CLIENTS, OF_SOURCES):
            mine = rows(twins, report, scope)
            assert sum(row["messages"] for row in mine) == 1, (report.name, scope)


def test_an_empty_scope_sees_nothing(twins: Store) -> None:
    for listing in (*BY_CLIENT, *BY_SOURCE, lists.JOURNAL, *REPORTS, *COSTS_BY.values()):
        assert rows(twins, listing, Scope(sources=frozenset())) == [], listing.name
