"""Explain and the list of steps say why a message that is ready has not left, and until when."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from incasso.domain.calendar import Calendar
from incasso.domain.office.actor import CLOCK, Scope
from incasso.domain.recovery.contact_policy import ContactPolicy, Window
from incasso.locale import localize
from incasso.services.recovery.explain import explain
from incasso.services.sending.dispatch import dispatch
from incasso.store.lists.reading import read_list
from incasso.store.lists.recovery import STEPS
from incasso.testing.fakes.channel import FakeChannel
from tests.sending.conftest import MakeOffice
from tests.sending.office import NOW, ON, Office
from tests.sending.test_budgets import at_price
from tests.sending.test_side_by_side import limited


def told(office: Office, step: int) -> tuple[str, str]:
    """What explain says of the step's installment, and the list of the step, in Italian."""
    (found,) = explain(office.hub, Scope.everything(), f"step:{step}", ON)
    with office.store.read() as connection:
        rows = list(read_list(connection, STEPS, Scope.everything()))
    (reason,) = [row["reason"] for row in rows if row["id"] == step]
    return localize(found.text, "it"), localize(reason, "it")


def test_for_the_budget_of_the_month(make_office: MakeOffice) -> None:
    office = make_office(mail=FakeChannel(("email",), capabilities=()))
    at_price(office, "0.50", "0.80")
    _, second = office.many_steps(2)
    dispatch(office.hub, CLOCK, ON)
    why = (
        "mail: il budget di 11/2026 è esaurito (0,50 su 0,80 EUR): i suoi messaggi attendono fino "
        "al 01/12/2026, o finché qualcuno non aumenta `budget` in plugins.toml"
    )
    said, listed = told(office, second)
    assert listed == why
    assert said.endswith(f"azione pronta, in attesa: {why}.")


def test_for_the_rest_of_its_channel(make_office: MakeOffice) -> None:
    office = make_office(mail=FakeChannel(("email",), capabilities=()))
    limited(office, "mail", 1)
    steps = office.many_steps(3)
    dispatch(office.hub, CLOCK, ON)
    for step in steps[1:]:
        said, listed = told(office, step)
        assert "23/11/2026 10:01" in listed  # nine o'clock in Greenwich, and a minute
        assert f"in attesa: {listed}." in said


def test_for_the_hours_of_the_contact_policy(make_office: MakeOffice) -> None:
    office = make_office(sms=FakeChannel(("sms",), capabilities=()))
    step = office.step(office.client(mobile="+39 333 1234567"), medium="sms")
    office.clock.at = NOW + timedelta(hours=13)  # 23:00 in Rome
    dispatch(office.hub, CLOCK, ON)
    said, listed = told(office, step)
    assert listed.endswith("contatto fino al 24/11/2026 08:30")
    assert f"in attesa: {listed}." in said


def test_nothing_is_said_of_what_leaves_with_the_next_dispatch(make_office: MakeOffice) -> None:
    office = make_office(mail=FakeChannel(("email",), capabilities=()))
    said, listed = told(office, office.step())
    assert (listed, "attesa" in said) == ("", False)


@pytest.mark.parametrize(
    ("at", "again"),
    [
        ("2026-11-23 07:00", "2026-11-23 08:30"),  # a Monday
        ("2026-11-23 12:45", "2026-11-23 14:00"),
        ("2026-11-23 19:00", "2026-11-24 08:30"),
        ("2026-11-28 09:00", "2026-11-30 08:30"),  # over Sunday
        ("2026-12-07 19:00", "2026-12-09 08:30"),  # over a public holiday
    ],
)
def test_when_the_hours_open_again(at: str, again: str) -> None:
    day = (Window(time(14), time(18)), Window(time(8, 30), time(12, 30)))
    policy = ContactPolicy(hours={"sms": (*(day,) * 5, (), ())})
    now = datetime.fromisoformat(at)
    found = policy.opens_again("sms", now.date(), now.time(), Calendar("IT", ""))
    assert found is not None
    assert datetime.combine(*found) == datetime.fromisoformat(again)


def test_hours_that_never_open() -> None:
    policy = ContactPolicy(hours={"sms": ((),) * 7})
    assert policy.opens_again("sms", date(2026, 11, 23), time(9), Calendar("IT", "")) is None
