"""What is asked beside a returned bill, as the database works it out, and who may set it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa

from incasso.domain.acts.charges import Charges
from incasso.domain.office.actor import Role
from incasso.services.acts import ActError
from incasso.services.hub.hub import Hub
from incasso.services.office.actors import ActorError
from incasso.store.ledger.charges import returned_bills
from incasso.store.tables import ledger
from tests.acts.office import Small
from tests.doing import do, people

RETURNED = date(2026, 11, 12)


def asked(hub: Hub, installment: int, **values: object) -> int:
    """The charges of an installment with these values, where the company asks 5.00 euro."""
    with hub.store.write() as connection:
        connection.execute(sa.update(ledger.sources).values(returned_bill_charges=500))
        table = ledger.installments
        if values:
            connection.execute(sa.update(table).where(table.c.id == installment).values(**values))
        return returned_bills(connection, [installment])[installment].charges


def test_only_what_came_back_bears_charges(hub: Hub, small: Small) -> None:
    late = small.late
    assert asked(hub, late) == 0
    assert asked(hub, late, unpaid_on=RETURNED) == 500
    assert asked(hub, late, charges=750) == 750
    assert asked(hub, late, charges=0) == 0
    assert asked(hub, late, charges=None, currency="USD") == 0
    assert asked(hub, late, charges=750) == 750
    assert asked(hub, late, residual=0) == 0
    assert asked(hub, late, residual=10000, unpaid_on=None) == 0


def test_the_act_sets_those_of_one_installment_also_by_its_case(hub: Hub, small: Small) -> None:
    asked(hub, small.late, unpaid_on=RETURNED)
    asked(hub, small.later, unpaid_on=RETURNED)
    do(hub, Charges(subject=f"case:{small.cases[0]}", amount=Decimal("7.50")))
    assert (asked(hub, small.late), asked(hub, small.later)) == (750, 500)
    do(hub, Charges(subject="F1/1", amount=Decimal(0)))
    assert (asked(hub, small.late), asked(hub, small.later)) == (0, 500)


@pytest.mark.parametrize("subject", ["C1", "step"])
def test_a_client_or_a_step_is_no_bill(hub: Hub, small: Small, subject: str) -> None:
    named = f"step:{small.step}" if subject == "step" else subject
    with pytest.raises(ActError, match="name its installment"):
        do(hub, Charges(subject=named, amount=Decimal(5)))


@pytest.mark.parametrize("amount", ["-0.01", "1000.01", "NaN", "Infinity", "0.001"])
def test_what_no_bank_takes_is_refused(hub: Hub, small: Small, amount: str) -> None:
    asked(hub, small.late, unpaid_on=RETURNED)
    with pytest.raises(ActError):
        do(hub, Charges(subject="F1/1", amount=Decimal(amount)))
    assert asked(hub, small.late) == 500


def test_an_agent_may_not(hub: Hub, small: Small) -> None:
    asked(hub, small.late, unpaid_on=RETURNED)
    people(hub.store, Role.AGENT, "gino")
    with pytest.raises(ActorError):
        do(hub, Charges(subject="F1/1", amount=Decimal(0)), by="gino")
    assert asked(hub, small.late) == 500
