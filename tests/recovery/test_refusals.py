"""A client that refuses a medium is contacted by another, or a person looks."""

from __future__ import annotations

import pytest

from incasso.contract.media import Medium
from incasso.domain.office.actor import Scope
from incasso.locale import localize
from incasso.services.recovery.explain import explain
from incasso.store.engine import Store
from tests.recovery.office import Office, after, call, letters, stage


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store)


def planned(office: Office) -> list[tuple[str, str, str]]:
    office.plan()
    return [(step.action, step.medium, step.reason) for step in office.steps("ready")]


def test_a_refused_medium_gives_way_to_the_next_and_explain_says_so(office: Office) -> None:
    office.publish(letters(stage("one", 5, channels=(Medium.EMAIL, Medium.PEC))))
    client = office.client(pec="c1@pec.example.it")
    office.refuses(client, "email", origin="telefonata")
    office.owes(client)
    (told,) = explain(office.hub, Scope.everything(), "C1", office.on)
    sentences = [localize(each.text, "en") for each in told.conditions]
    assert "The client does not want to be contacted by e-mail." in sentences
    remarks = [localize(each, "en") for each in told.remarks]
    assert "Refused on 02 Mar 2026: e-mail (telefonata)." in remarks
    assert planned(office) == [("send", "pec", "")]


def test_where_everything_was_refused_a_person_looks(office: Office) -> None:
    office.publish(letters(stage("one", 5), call("two", 3)))
    client = office.client()
    office.refuses(client, "email")
    office.owes(client)
    why = "il cliente non vuole essere contattato per e-mail"
    assert planned(office) == [("task", "", why)]


def test_a_refused_call_is_a_task(office: Office) -> None:
    office.publish(letters(stage("one", 5), call("two", 3)))
    client = office.client()
    office.refuses(client, "call")
    office.owes(client)
    office.plan()
    office.count()
    office.on = office.days(3)
    why = "il cliente non vuole essere contattato per telefonata"
    assert planned(office) == [("task", "", why)]


def test_a_formal_notice_leaves_all_the_same_unless_it_was_given_up(office: Office) -> None:
    """By its media, or because the stage says so; a plain letter by PEC is none."""
    formal = stage("one", 5, channels=(Medium.PEC,))
    plain = after("two", 1, channels=(Medium.PEC, Medium.EMAIL))
    office.publish(letters(formal, plain))
    for code, given_up in (("A", False), ("B", True)):
        client = office.client(code, pec="c@pec.example.it")
        office.refuses(client, "pec", formal=given_up)
        office.owes(client)
    assert [step[:2] for step in planned(office)] == [("send", "pec"), ("task", "")]


def test_one_refused_address_is_not_the_medium(office: Office) -> None:
    office.publish(letters(stage("one", 5, channels=(Medium.SMS, Medium.EMAIL))))
    for code, mobile in (("A", "333 1234567"), ("B", "333 7654321")):
        client = office.client(code, mobile=mobile)
        office.refuses(client, "sms", address="+393331234567")
        office.owes(client)
    assert [medium for _, medium, _ in planned(office)] == ["email", "sms"]
