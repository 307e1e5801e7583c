"""What publishing an iter file would bring: hand-made ledgers whose outcome is known."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.contract.ledger import PaymentMethod
from incasso.domain.office.actor import CLOCK
from incasso.domain.recovery.entering import ColdStart, Place
from incasso.domain.recovery.exclusions import Exclusions
from incasso.domain.recovery.iter_file import IterFile
from incasso.domain.recovery.iters import CatchUp, Iter
from incasso.domain.recovery.matching import Match
from incasso.services.recovery.iters import publish, would_publish
from incasso.services.recovery.preview import Preview, preview
from incasso.store.engine import Store
from incasso.store.tables.ledger import installments
from incasso.store.tables.recovery import cases, iter_versions, steps
from tests.recovery.office import TODAY, Office, letters, stage
from tests.recovery.test_services import hold


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store)


def procedure(**more: Any) -> Iter:
    """A reminder five days before, letters 5 and 15 days after the due date."""
    return letters(
        stage("promemoria", -5, label="Promemoria"),
        stage("primo", 5, label="Primo sollecito"),
        stage("secondo", 15, label="Secondo sollecito"),
        **more,
    )


def brings(office: Office, *iters: Iter, exclusions: Exclusions | None = None) -> Preview:
    return preview(office.hub, IterFile(iters=iters, exclusions=exclusions), TODAY)


def late(days: int) -> dict[str, Any]:
    return {"due": TODAY - timedelta(days=days)}


def test_where_each_enters_and_why_some_do_not(office: Office) -> None:
    one, two = office.client("C1"), office.client("C2")
    office.owes(one, **late(20))  # both letters have passed: the first of them, today
    office.owes(one, **late(6))
    office.owes(one, **late(-30))  # not due for a month
    office.owes(one, -500, **late(6), document_kind="credit_note")
    office.owes(two, **late(8))
    hold(office, two)
    office.owes(two, **late(8), payment_method="riba")
    office.owes(two, **late(8), payment_method="cod")
    found = brings(
        office,
        procedure(match=Match(payment_methods=(PaymentMethod.TRANSFER, PaymentMethod.COD))),
        exclusions=Exclusions(payment_methods=(PaymentMethod.COD,)),
    )
    assert (found.installments, found.running) == (6, 0)
    assert dict(found.places) == {
        Place("bonifico", "primo", "Primo sollecito", today=True): 2,
        Place("bonifico", "primo", "Primo sollecito", today=True, blocked_by="hold"): 1,
        Place("bonifico", "promemoria", "Promemoria"): 1,
        Place(blocked_by="iter"): 1,
        Place(blocked_by="excluded", excluded="payment_method"): 1,
    }
    assert [group.installments for group in found.groups()] == [0, 0, 0]


def test_a_first_message_that_is_a_later_one_is_named(office: Office) -> None:
    for number in range(7):
        client = office.client(f"C{number}")
        office.owes(client, **late(20))
        office.owes(client, **late(40 if number else 6))
    found = brings(office, procedure(catch_up=CatchUp.LATEST))
    ((cold, group),) = found.cold_starts.items()
    assert cold == ColdStart("bonifico", "Secondo sollecito", "Primo sollecito")
    assert (group.clients, group.installments) == (7, 13)
    assert group.names == ("acme/C0", "acme/C1", "acme/C2", "acme/C3", "acme/C4")
    assert brings(office, procedure()).cold_starts == {}


def test_what_falls_between_the_old_rules_and_the_new_is_named(office: Office) -> None:
    """C1 runs by the old version, C2 would have entered next week, C3 is stopped."""
    office.publish(procedure())
    one, two, three = (office.client(f"C{number}") for number in (1, 2, 3))
    office.owes(one, **late(6))
    office.owes(three, **late(6), payment_method="card")
    office.plan()
    office.owes(two, **late(2))
    small = procedure(match=Match(min_amount=Decimal(500)))
    found = brings(office, small, exclusions=Exclusions(payment_methods=(PaymentMethod.CARD,)))
    assert found.running == 2
    assert (found.lost.installments, found.lost.names) == (1, ("acme/C2",))
    assert (found.unwanted.installments, found.unwanted.names) == (1, ("acme/C1",))
    assert (found.stopped.installments, found.stopped.names) == (1, ("acme/C3",))
    assert dict(found.places) == {Place(blocked_by="iter"): 1}


def test_a_preview_writes_nothing_and_comes_true(office: Office) -> None:
    office.owes(office.client(), **late(20))
    read = IterFile(iters=(procedure(),))
    before = office.rows(sa.select(installments))
    found = preview(office.hub, read, TODAY)
    report = would_publish(office.hub, CLOCK, read)
    assert office.rows(sa.select(installments)) == before
    assert office.rows(sa.select(iter_versions)) == []
    assert report.published == publish(office.hub, CLOCK, read, on=TODAY).published
    office.plan()
    assert dict(found.places) == {
        Place("bonifico", "primo", "Primo sollecito", today=True): len(
            office.rows(sa.select(cases.c.id).join(steps, steps.c.id == cases.c.step_id))
        )
    }
    assert would_publish(office.hub, CLOCK, read).unchanged == ("bonifico",)
