"""Planning while others work: what they change in the middle of a page is looked at next time."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.services.recovery import plan as planning_service
from incasso.services.recovery.planned_page import PagePlan
from incasso.store.engine import Store
from incasso.store.tables.ledger import installments
from tests.agenda import first_look
from tests.recovery.office import Office, letters, stage


def test_a_payment_in_the_middle_of_a_page_is_looked_at_next_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(store)
    office.publish(letters(stage("one", 5)))
    debt = office.owes(office.client())
    payments: list[threading.Thread] = []

    class Interrupted(PagePlan):
        def take(self, situation: Any) -> None:
            payments.append(threading.Thread(target=office.pay, args=(debt,)))
            payments[0].start()
            payments[0].join(0.5)  # it may have to wait for the page
            super().take(situation)

    monkeypatch.setattr(planning_service, "PagePlan", Interrupted)
    office.plan()
    payments[0].join()
    monkeypatch.undo()
    looks = office.rows(sa.select(installments.c.status, first_look()))
    assert [tuple(row) for row in looks] == [("paid", office.on)]
    office.plan()
    assert [case.close_reason for case in office.cases()] == ["paid"]
