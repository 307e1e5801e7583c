"""What the lists of agreements and promises hold, and what narrows them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.domain.acts.agreements import Dispute, Hold, Payment, PaymentPlan, Promise
from incasso.domain.office.actor import Scope
from incasso.domain.recovery.states import PromisedMethod
from incasso.services.hub.hub import Hub
from incasso.store.lists.agreements import AGREEMENTS, PROMISES
from incasso.store.lists.listing import Listing
from incasso.store.lists.reading import read_list
from incasso.store.tables.ledger import installments
from tests.acts.conftest import hub, small  # noqa: F401
from tests.acts.office import MONDAY, Small
from tests.acts.test_agreements import FRIDAY
from tests.doing import do

DECEMBER = date(2026, 12, 31)


def read(hub: Hub, listing: Listing, on: date = MONDAY, **wanted: Any) -> list[dict[str, Any]]:  # noqa: F811
    with hub.store.read() as connection:
        return list(read_list(connection, listing, Scope.everything(), on=on, **wanted))


@pytest.fixture
def agreed(hub: Hub, small: Small) -> Hub:  # noqa: F811
    do(hub, Hold(subject="C1", why="verifica"))
    do(hub, Dispute(subject="F1/1", why="prezzo", code="price", amount=Decimal("20")))
    do(hub, Promise(subject="F1/1", until=FRIDAY, method=PromisedMethod.CASH))
    pay = (Payment(on=FRIDAY, amount=Decimal("50.50")), Payment(on=DECEMBER, amount=Decimal(200)))
    do(hub, PaymentPlan(subject="F2/1", pay=pay))
    return hub


def test_agreements_tell_what_they_are_about(agreed: Hub) -> None:
    hold, dispute, promise, plan = read(agreed, AGREEMENTS)
    assert (hold["kind"], hold["installments"], hold["residual"]) == ("hold", [], None)
    assert (dispute["amount"], dispute["code"]) == (Decimal("20.00"), "price")
    assert (promise["method"], promise["installments"]) == ("cash", ["F1/1"])
    assert (promise["residual"], promise["came_in"]) == (Decimal("100.00"), Decimal("0.00"))
    assert plan["payments"] == [
        {"on": "2026-11-27", "amount": "50.50"},
        {"on": "2026-12-31", "amount": "200.00"},
    ]


def test_agreements_are_narrowed(agreed: Hub) -> None:
    def kinds(**wanted: Any) -> list[str]:
        return [row["kind"] for row in read(agreed, AGREEMENTS, **wanted)]

    assert kinds(kind=("promise", "plan")) == ["promise", "plan"]
    assert kinds(until_to=FRIDAY) == ["promise"]
    assert kinds(status=("broken",)) == []
    assert kinds(client="acme/C1", kind=("hold",)) == ["hold"]


def test_promises_wait_for_the_next_payment(agreed: Hub) -> None:
    promise, plan = read(agreed, PROMISES)
    # The bank has Monday 30 November to Wednesday 2 December.
    assert (promise["until"], promise["payment_on"]) == (FRIDAY, FRIDAY)
    assert promise["waits_until"] == date(2026, 12, 2)
    assert (plan["until"], plan["payment_on"]) == (DECEMBER, FRIDAY)


def test_due_is_what_should_be_in_and_is_not(agreed: Hub) -> None:
    assert read(agreed, PROMISES, on=date(2026, 11, 26), due=True) == []
    assert [row["kind"] for row in read(agreed, PROMISES, on=FRIDAY, due=True)] == [
        "promise",
        "plan",
    ]
    with agreed.store.write() as connection:
        paid = sa.update(installments).where(installments.c.key == "F2/1")
        connection.execute(paid.values(residual=20000))
    assert [row["kind"] for row in read(agreed, PROMISES, on=FRIDAY, due=True)] == ["promise"]
    (plan,) = read(agreed, PROMISES, on=FRIDAY, kind=("plan",))
    assert (plan["came_in"], plan["payment_on"]) == (Decimal("50.50"), DECEMBER)
