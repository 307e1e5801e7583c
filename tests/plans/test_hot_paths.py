"""No statement of a hot path walks through a table that grows, on either database.

To add a path: a function with `@hot_path("what it is")` below. It gets an office that is filled and
has been planned once; everything that runs on its store meanwhile is asked for its plan.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.domain.office.actor import Scope
from incasso.store.engine import Store
from incasso.store.ledger import totals
from incasso.store.recovery import agenda, case_counts, planning
from incasso.store.sending import post_day, sent_to
from incasso.store.sql_ids import FEW
from tests.plans.filled import filled
from tests.plans.watch import Watch, watching
from tests.recovery.ledgers import small_office
from tests.recovery.office import Office

HOT_PATHS: dict[str, Callable[[Office], None]] = {}


def hot_path(what: str) -> Callable[[Callable[[Office], None]], Callable[[Office], None]]:
    """Enter a path here."""

    def enter(path: Callable[[Office], None]) -> Callable[[Office], None]:
        HOT_PATHS[what] = path
        return path

    return enter


@hot_path("plan a day on which little is due")
def _plan_a_day(office: Office) -> None:
    assert 0 < office.plan(office.days(1)).looked < 200


@hot_path("plan a day on which nothing is due")
def _plan_nothing(office: Office) -> None:
    assert office.plan(office.on).looked == 0


@hot_path("plan a day after a week without")
def _plan_after_a_week(office: Office) -> None:
    office.count(1, 2, 3)
    office.plan(office.days(7))


@hot_path("ask for a look at a client")
def _review(office: Office) -> None:
    with office.store.write() as connection:
        agenda.review_client(connection, 7, office.on)
        agenda.review_on(connection, [1, 2, 3], office.on)
        agenda.review_steps(connection, [1, 2, 3], office.on)


@hot_path("count the sums of two clients again")
def _count_again(office: Office) -> None:
    with office.store.write() as connection:
        totals.changed(connection, [7, 300], office.on)
        case_counts.count_again(connection, [7, 300])


@hot_path("look for sums that the next day moves")
def _roll(office: Office) -> None:
    with office.store.write() as connection:
        assert 0 < totals.roll(connection, office.days(1)) < 200


@hot_path("list the letters of a day, and find one by its number")
def _letters(office: Office) -> None:
    with office.store.read() as connection:
        post_day.letters_of(connection, Scope.everything(), office.on, ["print_room"])
        post_day.numbered(connection, "152345678901")


def test_hot_paths_walk_through_no_table_that_grows(store: Store) -> None:
    office = filled(store)
    seen: dict[str, Watch] = {}
    for what, path in HOT_PATHS.items():
        with watching(store) as seen[what]:
            path(office)
    assert all(watch.statements for watch in seen.values())
    walks = [
        f"{what}: {walk.how} of {walk.table}: {' '.join(walk.statement.split())}"
        for what, watch in seen.items()
        for walk in watch.walks
        # The filled office has no lots: of empty tables PostgreSQL's plan says nothing.
        if "placement_rows" not in walk.statement
    ]
    assert not walks, "\n".join(walks)


def test_who_answers_stop_is_found_by_the_number() -> None:
    """Not by the channel, through which everything went."""
    with small_office() as office, office.store.read() as connection:
        plan = plan_of(connection, lambda: sent_to.newest_to(connection, "sms", "+393331234567"))
    assert any("ix_deliveries_to (to=?)" in each for each in plan)


def plan_of(connection: sa.Connection, query: Callable[[], object]) -> list[str]:
    """How SQLite carries out the one statement of a query."""
    statements: list[tuple[str, Any]] = []

    def heard(_connection: Any, _cursor: Any, sql: str, values: Any, *_more: Any) -> None:
        statements.append((sql, values))

    sa.event.listen(connection, "before_cursor_execute", heard)
    query()
    sa.event.remove(connection, "before_cursor_execute", heard)
    [(sql, values)] = statements
    return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)]


def test_steps_that_wait_are_searched_by_client_among_many_that_are_ready() -> None:
    """A search by status is no walk, but SQLite would find every step that plans made ready; so it
    does where it has no statistics, as on the day of the first plan."""
    with small_office() as office, office.store.read() as connection:
        [how] = plan_of(
            connection,
            lambda: planning.clients_with_waiting_steps(connection, range(1, FEW + 2)),
        )
    assert "ix_steps_waiting (client_id>? AND client_id<?)" in how


@pytest.mark.parametrize(
    ("statement", "walks"),
    [
        ("SELECT * FROM installments WHERE residual > 0", True),
        ("SELECT count(*) FROM agenda", True),
        ("SELECT client_id FROM agenda WHERE look_on = '2026-03-02'", False),
        ("SELECT * FROM installments WHERE id = 7", False),
        ("SELECT * FROM sources", False),
    ],
)
def test_a_walk_is_seen(store: Store, statement: str, walks: bool) -> None:
    Office(store)
    with watching(store) as watch, store.read() as connection:
        connection.exec_driver_sql(statement)
    assert bool(watch.walks) is walks
