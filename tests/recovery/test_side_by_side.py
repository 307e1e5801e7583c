"""Planning while others work: what they change in the middle of a page is looked at next time."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.services.recovery.ordinary_page import OrdinaryPage
from incasso.services.recovery.planned_page import PagePlan
from incasso.store.engine import Store
from incasso.store.tables.ledger import installments
from tests.agenda import first_look
from tests.recovery.office import Office, letters, stage


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
