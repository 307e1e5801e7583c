"""Filters and scopes that find their clients first give the rows that comparing would give."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.domain.office.actor import Scope
from incasso.store.engine import Store
from incasso.store.lists import index as lists
from incasso.store.lists import narrowing
from incasso.store.lists.listing import Belongs
from incasso.store.lists.reading import read_list
from incasso.store.tables.ledger import clients
from tests.acts.office import MONDAY
from tests.lists.twins import two_companies

WHOSE: list[dict[str, str]] = [
    {"client": "C1"},
    {"client": "acme/C1"},
    {"client": "beta/C1"},
    {"client": "nobody"},
    {"agent": "A1"},
    {"agent": "A1", "client": "C2"},
    {"depot": "D2"},
    {"operator": "anna"},
    {"operator": "nobody"},
    {"operator": ""},
    {"source": "beta"},
    {"source": "acme", "agent": "A2"},
]
SCOPES = [
    Scope.everything(),
    Scope(agents=frozenset({"A1"})),
    Scope(depots=frozenset({"D2"}), sources=frozenset({"beta"})),
    Scope(operator="luca"),
    Scope(sources=frozenset({"acme"})),
    Scope(sources=frozenset()),
]


@pytest.fixture
def twins(store: Store) -> Iterator[Store]:
    with store.write() as connection:
        two_companies(connection)
    yield store


def everything(store: Store) -> dict[str, list[Any]]:
    """Every list of clients' rows by every filter; each pair of filter and scope in some lists,
    which are read by the same code."""
    found: dict[str, list[Any]] = {}
    with store.read() as connection:
        for turn, listing in enumerate(lists.LISTS):
            known = {each.name for each in listing.filters}
            for place, wanted in enumerate(WHOSE):
                if listing.belongs is not Belongs.CLIENT or not wanted.keys() <= known:
                    continue
                for number in {0, 1 + (place + turn) % (len(SCOPES) - 1)}:
                    rows = read_list(connection, listing, SCOPES[number], on=MONDAY, **wanted)
                    found[f"{listing.name} {number} {wanted}"] = list(rows)
    return found


def test_few_clients_and_many_give_the_same_rows(
    twins: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_id = everything(twins)
    monkeypatch.setattr(narrowing, "FEW", 0)
    assert by_id == everything(twins)
    assert sum(map(len, by_id.values())) > 100


def test_whose_rows_they_are(twins: Store) -> None:
    """Two companies with one row of each list: what each filter leaves, by hand."""
    expected = {
        "client=C1": ["acme"],
        "client=nobody": [],
        "agent=A2": ["beta"],
        "depot=D1": ["acme"],
        "operator=luca": ["beta"],
    }
    with twins.read() as connection:
        for asked, sources in expected.items():
            name, _, value = asked.partition("=")
            for listing in (lists.INSTALLMENTS, lists.CASES, lists.STEPS, lists.AGREEMENTS):
                rows = read_list(
                    connection, listing, Scope.everything(), on=MONDAY, **{name: value}
                )
                assert [row["source"] for row in rows] == sources, (listing.name, asked)


def test_a_client_brings_the_rows_of_the_codes_it_had_before(twins: Store) -> None:
    """The ERP made C1 into N1, and N1 into N2: messages still stand under the code they went to."""
    with twins.write() as connection:
        first = connection.execute(sa.select(clients).where(clients.c.code == "C1")).one()
        values = {**first._mapping}
        del values["id"]
        before = first.id
        for code in ("N1", "N2"):
            made = connection.execute(
                sa.insert(clients).values({**values, "code": code}).returning(clients.c.id)
            ).scalar_one()
            followed = sa.update(clients).where(clients.c.id == before)
            connection.execute(followed.values(successor_id=made))
            before = made
    with twins.read() as connection:
        for code, count in (("C1", 1), ("N1", 1), ("acme/N2", 1), ("C2", 1), ("beta/N2", 0)):
            for listing in (lists.DELIVERIES, lists.STEPS, lists.INSTALLMENTS):
                rows = read_list(connection, listing, Scope.everything(), on=MONDAY, client=code)
                assert len(list(rows)) == count, (listing.name, code)
        (row,) = read_list(connection, lists.CLIENTS, Scope.everything(), on=MONDAY, client="N2")
        assert row["code"] == "N2"
