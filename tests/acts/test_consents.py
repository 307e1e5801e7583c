"""What a client refused and agreed to: other media go on, formal notices leave all the same."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.domain.acts.consents import Agree, Refuse
from incasso.domain.acts.undoing import Undo
from incasso.domain.office.actor import Role
from incasso.locale import localize
from incasso.services.acts import ActError
from incasso.services.hub.hub import Hub
from incasso.services.office.actors import ActorError
from incasso.store.lists.reaching import CONSENTS
from incasso.store.recovery.reaching import closed, read_reaches
from incasso.store.tables import ledger, recovery
from tests.acts.office import MONDAY, Small
from tests.acts.test_contacts import TUESDAY, listed
from tests.doing import do, people

FORM = "modulo"


def waiting(hub: Hub, small: Small) -> list[str]:
    with hub.store.read() as connection:
        step = sa.select(recovery.steps.c.status).where(recovery.steps.c.id == small.step)
        return list(connection.scalars(step))


def test_a_refusal_closes_its_medium_and_takes_back_what_waits(hub: Hub, small: Small) -> None:
    said = do(hub, Refuse(subject="C1", medium=("email",), from_=FORM, why="solo lettere"))
    assert localize(said, "en") == (
        "Not contacted by e-mail any more, and what waited takes another way: client acme/C1."
    )
    assert waiting(hub, small) == ["cancelled"]
    with hub.store.read() as connection:
        found = read_reaches(connection, {small.client}, MONDAY)[small.client].whole
    assert not found.media and found.formal == {"email"} and found.refused == {"email"}
    (row,) = listed(hub, CONSENTS)
    assert {name: row[name] for name in ("client", "kind", "medium", "since", "until_on")} == {
        "client": "C1",
        "kind": "refused",
        "medium": "email",
        "since": MONDAY,
        "until_on": None,
    }
    assert (row["origin"], row["reason"], row["made_by"]) == (FORM, "solo lettere", "anna")


def test_another_medium_leaves_what_waits_alone(hub: Hub, small: Small) -> None:
    do(hub, Refuse(subject="C1", medium=("sms", "call"), from_=FORM))
    assert waiting(hub, small) == ["ready"]


def test_one_address_is_closed_and_the_other_serves(hub: Hub, small: Small) -> None:
    with hub.store.write() as connection:
        two = sa.update(ledger.clients).values(email="c1@example.it altra@example.it")
        connection.execute(two)
    do(hub, Refuse(subject="C1", medium=("email",), address="C1@Example.it", from_=FORM))
    assert waiting(hub, small) == ["ready"]
    with hub.store.read() as connection:
        assert not closed(connection, [small.client], MONDAY)[small.client].is_open(
            "email", "c1@example.it", formal=False
        )


def test_a_consent_ends_the_refusal_and_is_kept(hub: Hub, small: Small) -> None:
    do(hub, Refuse(subject="C1", medium=("email", "sms"), from_=FORM))
    do(hub, Agree(subject="C1", medium=("email",), from_="telefonata"), on=TUESDAY)
    with hub.store.read() as connection:
        found = read_reaches(connection, {small.client}, TUESDAY)[small.client].whole
    assert found.media == {"email"} and not found.refused
    told = [(row["kind"], row["medium"]) for row in listed(hub, CONSENTS)]
    assert told == [("refused", "sms"), ("given", "email")]
    whole = listed(hub, CONSENTS, everything=True)
    assert [(row["medium"], row["ended_by"]) for row in whole] == [
        ("email", "consent"),
        ("sms", ""),
        ("email", ""),
    ]


def test_a_refusal_until_a_day_is_over_afterwards(hub: Hub, small: Small) -> None:
    do(hub, Refuse(subject="C1", medium=("email",), from_=FORM, until=TUESDAY))
    with hub.store.read() as connection:
        assert small.client in closed(connection, [small.client], TUESDAY)
        assert small.client not in closed(connection, [small.client], date(2026, 11, 25))


def test_undone_it_is_as_before(hub: Hub, small: Small) -> None:
    do(hub, Refuse(subject="C1", medium=("email",), from_=FORM))
    do(hub, Refuse(subject="C1", medium=("email",), from_="lettera", formal=True))
    assert [row["origin"] for row in listed(hub, CONSENTS)] == ["lettera"]
    do(hub, Undo(subject="last"))
    assert [row["origin"] for row in listed(hub, CONSENTS)] == [FORM]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"from_": FORM}, "Say which medium is meant: `--medium sms`, once for each."),
        ({"medium": ("sms",), "from_": " "}, "Say where it comes from, for the record: `--from`."),
        (
            {"medium": ("whatsapp",), "from_": FORM},
            "whatsapp is no way to contact a client: choose from email, pec, sms, fax, letter, "
            "registered, telegram, call, visit.",
        ),
        (
            {"medium": ("sms",), "from_": FORM, "since": TUESDAY},
            "24 Nov 2026 is after 23 Nov 2026: give the day on which it was said.",
        ),
    ],
)
def test_what_is_missing_is_said(hub: Hub, small: Small, given: dict[str, Any], words: str) -> None:
    with pytest.raises(ActError) as raised:
        do(hub, Refuse(subject="C1", **given))
    assert localize(raised.value.args[0], "en") == words
    assert listed(hub, CONSENTS) == []


def test_formal_notices_are_given_up_by_managers_only(hub: Hub, small: Small) -> None:
    people(hub.store, Role.OPERATOR, "luca")
    with pytest.raises(ActorError):
        do(hub, Refuse(subject="C1", medium=("pec",), from_=FORM, formal=True), by="luca")
    do(hub, Refuse(subject="C1", medium=("pec",), from_=FORM), by="luca")


@pytest.mark.parametrize(
    ("medium", "address", "why"),
    [
        ("email", "0115550100", "“0115550100” is no address for e-mail: write it as name@example"),
        ("sms", "rossi@example.it", "is no address for SMS: write it as +39 011 5550100."),
        ("call", "in ufficio", "write it as +39 011 5550100."),
        ("registered", "Via Po 2", "is no address for registered letter"),
    ],
)
def test_what_is_no_address_of_the_medium_is_refused(
    hub: Hub, small: Small, medium: str, address: str, why: str
) -> None:
    for act in (Refuse, Agree):
        with pytest.raises(ActError) as raised:
            do(hub, act(subject="C1", medium=(medium,), address=address, from_=FORM))
        assert why in localize(raised.value.args[0], "en")
    assert listed(hub, CONSENTS) == []


def test_a_postal_address_is_taken_as_it_is_kept(hub: Hub, small: Small) -> None:
    with hub.store.write() as connection:
        street = {"address": "Via Po 2", "zip": "10121", "city": "Torino", "province": "TO"}
        connection.execute(sa.update(ledger.clients).values(street))
        name = connection.scalar(sa.select(ledger.clients.c.name))
    whole = f"{name}, Via Po 2, 10121 Torino (TO)"
    do(hub, Refuse(subject="C1", medium=("letter",), address=whole.upper(), from_=FORM))
    (row,) = listed(hub, CONSENTS)
    assert row["address"] == whole.casefold()
    with pytest.raises(ActError) as raised:
        do(hub, Refuse(subject="C1", medium=("letter",), address="Via Po 3", from_=FORM))
    assert whole in localize(raised.value.args[0], "en")
