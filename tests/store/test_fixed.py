"""Statements that are texts find the same on both databases."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from incasso.store import fixed
from incasso.store.engine import Store
from incasso.store.recovery.agenda import due_days
from incasso.store.tables.recovery import agenda

DAY = date(2026, 3, 2)


def test_values_are_given_by_name_and_as_often_as_they_are_named(store: Store) -> None:
    text = "SELECT :b - :a, :a + :a, CAST(:day AS text)"
    with store.read() as connection:
        [found] = fixed.rows(connection, text, a=2, b=7, day=DAY)
    assert tuple(found) == (5, 4, "2026-03-02")


def test_the_days_on_which_something_is_due(store: Store) -> None:
    """Each once, in their order, none after the day; none at all for an empty agenda."""
    looks = [(9, 1, 4), (2, 1, 1), (2, 1, 2), (5, 3, 3), (2, 2, 5)]
    with store.write() as connection:
        assert due_days(connection, DAY) == []
        connection.execute(
            sa.insert(agenda),
            [
                {"look_on": DAY.replace(day=day), "client_id": client, "installment_id": number}
                for day, client, number in looks
            ],
        )
        found = [due_days(connection, DAY.replace(day=day)) for day in (1, 2, 8, 9)]
    assert [[day.day for day in each] for each in found] == [[], [2], [2, 5], [2, 5, 9]]
