"""What is agreed with a client who goes on buying (rule 6)."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from incasso.store.tables.recovery import agreements
from tests.agreeing import agreed
from tests.recovery.ledgers import small_office
from tests.recovery.office import TODAY, Office, letters, stage


@pytest.mark.parametrize(("paid", "verdict"), [(True, "kept"), (False, "broken")])
def test_a_new_invoice_breaks_no_promise_of_the_client(paid: bool, verdict: str) -> None:
    with small_office() as office:
        office.publish(letters(stage("one", 5)))
        client = office.client()
        old = office.owes(client, 100, first_seen_on=TODAY)
        _promised(office, client, 100)
        office.plan()
        office.on = office.days(2)
        office.owes(client, 500, due=office.days(60), first_seen_on=office.on)
        office.plan()
        office.on = office.days(3)
        if paid:
            office.pay(old)
        office.plan()
        office.plan(office.days(10))
        assert [row.status for row in office.rows(sa.select(agreements.c.status))] == [verdict]


def _promised(office: Office, client: int, amount: int) -> None:
    values = {"kind": "promise", "source_id": office.source, "client_id": client}
    values |= {"from_on": TODAY, "made_on": TODAY, "until_on": office.days(5)}
    with office.store.write() as connection:
        agreed(connection, **values, amount=amount)
    office.look()
