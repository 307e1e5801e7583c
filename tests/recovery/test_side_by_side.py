"""Planning while others work: what they change in the middle of a page is looked at next time, and
planners of other clients neither wait nor do anything twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.domain.office.actor import CLOCK
from incasso.services.proof.verify import verify_store
from incasso.services.recovery.ordinary_page import OrdinaryPage
from incasso.services.recovery.plan import plan
from incasso.services.recovery.planned_page import PagePlan
from incasso.store.engine import Store, open_store
from incasso.store.recovery import agenda, planning
from incasso.store.tables.ledger import clients, installments
from tests.agenda import first_look
from tests.databases import migrated_store
from tests.recovery.kill_worker import in_small_pages
from tests.recovery.office import Office, letters, stage
from tests.recovery.test_kill import live, opened, picture


@pytest.mark.parametrize("lane", [OrdinaryPage, PagePlan])
def test_a_payment_in_the_middle_of_a_page_is_looked_at_next_time(
    store: Store, monkeypatch: pytest.MonkeyPatch, lane: type[Any]
) -> None:
    office = Office(store)
    office.publish(letters(stage("one", 5)))
    client = office.client()
    debt = office.owes(client)
    if lane is PagePlan:
        office.owes(client, -100, document_kind="credit_note")
    payments: list[threading.Thread] = []

    def interrupted(self: Any, *given: Any) -> Any:
        if not payments:
            payments.append(threading.Thread(target=office.pay, args=(debt,)))
            payments[0].start()
            payments[0].join(0.5)  # it may have to wait for the page
        return take(self, *given)

    take = lane.take
    monkeypatch.setattr(lane, "take", interrupted)
    office.plan()
    payments[0].join()
    monkeypatch.undo()
    looks = office.rows(
        sa.select(installments.c.status, first_look()).where(installments.c.id == debt)
    )
    assert [tuple(row) for row in looks] == [("paid", office.on)]
    office.plan()
    assert [case.close_reason for case in office.cases()] == ["paid"]


def test_planners_of_other_clients_together_plan_what_one_would(
    store: Store, hub_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two days, each by four planners at once, of which two have the same clients."""
    twin_store = migrated_store(tmp_path / "twin.db", tmp_path)
    office, twin = opened(store), opened(twin_store)
    monkeypatch.setattr(planning, "due_pages", in_small_pages)
    for day in (0, 3):
        for one in (office, twin):
            live(one, day)
        twin.plan()
        with store.read() as connection:
            ids = sorted(connection.scalars(sa.select(clients.c.id)))
        third, end = ids[len(ids) // 3], ids[-1]
        ranges = [(0, third), (third + 1, end), (third + 1, end), (end + 1, agenda.EVERYBODY[1])]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(partial(_plan_range, hub_url, tmp_path, office), ranges))
        assert picture(office) == picture(twin)
        assert office.plan().looked == 0
    assert verify_store(store).problems == ()
    twin_store.close()


def _plan_range(url: str, folder: Path, office: Office, range_: agenda.Page) -> None:
    """As another process would: with connections of its own."""
    store = open_store(url, folder / "archive")
    hub: Any = office.hub
    hub.store = store
    plan(hub, CLOCK, office.on, clients=range_)
    store.close()


WAITS: list[tuple[Callable[[sa.Connection], None], bool]] = [
    (lambda one: agenda.take_turn_at(one, (agenda.BLOCK, 2 * agenda.BLOCK)), False),
    (lambda one: agenda.take_turn_at(one, (5, 2 * agenda.BLOCK)), True),
    (agenda.take_turn, True),
    (lambda one: agenda.take_turn_of_source(one, 1), True),
    (lambda one: agenda.take_turn_of_source(one, 99), False),
]


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("other", "waits"), WAITS, ids=["other clients", "same", "act", "sync", "new source"]
)
def test_who_waits_for_a_page_that_is_planned(
    postgres: Any, tmp_path: Path, other: Callable[[sa.Connection], None], waits: bool
) -> None:
    with postgres.database(migrated=True) as url:
        store = open_store(url, tmp_path)
        Office(store)
        with store.write() as planner, store.write() as second:
            agenda.take_turn_at(planner, (0, agenda.BLOCK - 1))
            second.exec_driver_sql("SET LOCAL lock_timeout = 100")
            if waits:
                with (
                    pytest.raises(sa.exc.OperationalError, match="lock timeout"),
                    second.begin_nested(),
                ):
                    other(second)
            else:
                other(second)
        store.close()
