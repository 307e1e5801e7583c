"""The agenda: a review brings a look forward and never puts it off; only planning may."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.domain.office.actor import CLOCK
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.contact_policy import ContactPolicy
from incasso.domain.recovery.exclusions import NOTHING_EXCLUDED, Exclusions
from incasso.domain.recovery.iter_file import IterFile
from incasso.services.recovery.iters import publish
from incasso.services.recovery.simulate import carry_out
from incasso.store.engine import Store
from incasso.store.recovery import agenda
from incasso.store.tables.ledger import installments
from tests.agenda import first_looks
from tests.recovery.office import TODAY, Office, after, call, letters, stage

EARLIER, LATER = TODAY - timedelta(days=3), TODAY + timedelta(days=3)


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store)


def looks(office: Office) -> list[date | None]:
    with office.store.read() as connection:
        return list(first_looks(connection).values())


@pytest.mark.parametrize(
    ("stands", "then"), [(EARLIER, EARLIER), (TODAY, TODAY), (LATER, TODAY), (None, TODAY)]
)
def test_a_review_is_never_later_than_what_stands(
    office: Office, stands: date | None, then: date
) -> None:
    client = office.client()
    debt = office.owes(client, look_on=stands)
    ways: dict[str, Any] = {
        "by number": lambda connection: agenda.review_on(connection, [debt], TODAY),
        "by query": lambda connection: agenda.review_on(
            connection, sa.select(installments.c.id), TODAY
        ),
        "of a client": lambda connection: agenda.review_client(connection, client, TODAY),
        "without a case": lambda connection: agenda.review_uncased(connection, TODAY),
        "everything": lambda connection: agenda.review_all(connection, TODAY),
        "new": lambda connection: agenda.review_new(connection, office.source, 0, TODAY),
    }
    for way, review in ways.items():
        office.change(debt, look_on=stands)
        with office.store.write() as connection:
            review(connection)
        assert looks(office) == [then], way


def test_only_what_is_named_is_reviewed(office: Office) -> None:
    one, other = office.client("C1"), office.client("C2")
    debts = [office.owes(client, look_on=LATER) for client in (one, other)]
    paid = office.owes(one, look_on=None, status="paid", residual=0)
    with office.store.write() as connection:
        agenda.review_on(connection, [], TODAY)
        agenda.review_client(connection, one, TODAY)
    assert looks(office) == [TODAY, LATER, None]
    with office.store.write() as connection:
        agenda.review_on(connection, [debts[1], paid], TODAY)
    assert looks(office) == [TODAY, TODAY, TODAY]


def test_planning_that_has_looked_may_look_later_or_never_again(office: Office) -> None:
    client = office.client()
    one, other = (office.owes(client, look_on=EARLIER) for _ in range(2))
    with office.store.write() as connection:
        with agenda.taking(connection, TODAY, (client, client)) as due:
            found = connection.scalars(sa.select(due.c.installment_id)).all()
        assert sorted(found) == [one, other]
        agenda.look_again(connection, [(LATER, client, one)])
    assert looks(office) == [LATER, None]


def test_a_look_said_for_tomorrow_may_happen_today(office: Office) -> None:
    client = office.client()
    for days in (0, 1, 2):
        office.owes(client, look_on=office.days(days))
    with office.store.write() as connection:
        agenda.review_postponed(connection, office.source, TODAY)
    assert looks(office) == [TODAY, TODAY, office.days(2)]


def test_who_is_no_longer_excluded_goes_on_where_the_case_was(office: Office) -> None:
    """A running case that an exclusion had stopped waits for no day at all."""
    office.publish(letters(stage("one", 5), after("two", 10)))
    office.owes(office.client())
    office.plan()
    office.count()
    publish(office.hub, CLOCK, IterFile(exclusions=Exclusions(clients=("C1",))), on=office.on)
    office.plan(office.days(12))
    (case,) = office.cases()
    assert (case.blocked_by, looks(office)) == ("excluded", [None])
    report = publish(office.hub, CLOCK, IterFile(exclusions=NOTHING_EXCLUDED), on=office.on)
    assert report.looking_again == 1
    office.plan(office.days(12))
    assert [(step.stage, step.due_on) for step in office.steps("ready")] == [
        ("two", office.days(12))
    ]


def test_a_contact_policy_that_forbids_less_is_felt_at_once(office: Office) -> None:
    """The case is open already and waits for Monday, when the phone may be used again."""
    office.publish(letters(stage("one", 5), call("call", 6)))
    office.owes(office.client())
    office.plan()
    office.count()
    sunday = office.days(6)
    office.plan(sunday)
    assert (office.steps("ready"), looks(office)) == ([], [office.days(7)])
    free = IterFile(policy=ContactPolicy(enabled=False))
    assert publish(office.hub, CLOCK, free, on=sunday).looking_again == 1
    office.plan(sunday)
    assert [(step.stage, step.due_on) for step in office.steps("ready")] == [("call", sunday)]


def test_a_case_that_its_iter_parks_keeps_the_look_that_a_change_asked_for(office: Office) -> None:
    office.publish(letters(stage("legal", 5, action=Action.PARK, channels=(), container="legal")))
    debt = office.owes(office.client())
    office.plan()
    office.change(debt, residual=4_000)
    with office.store.write() as connection:
        carry_out(connection, office.on, "nothing")
    (case,) = office.cases()
    assert (case.state, case.container, case.next_due_on) == ("parked", "legal", None)
    assert looks(office) == [TODAY]
