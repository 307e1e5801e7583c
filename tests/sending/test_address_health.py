"""What came back about messages is kept by address: 1,000 left, 100 came back, which?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from incasso.contract.channel import DeliveryState
from incasso.domain.office.actor import CLOCK, Scope
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.iters import Stage
from incasso.services.sending.collect import collect
from incasso.services.sending.dispatch import dispatch
from incasso.store.lists.contacts import BAD_ADDRESSES
from incasso.store.lists.reaching import ADDRESSES
from incasso.store.lists.reading import read_list
from incasso.store.sending.wrong_addresses import unmark
from incasso.testing.fakes.channel import FakeChannel
from tests.sending.office import NOW, ON, Office

LATER = NOW + timedelta(hours=2)
TO_CHIEF = Stage(key="avviso", action=Action.NOTIFY, template="primo_sollecito", to=("direzione",))


def listed(office: Office, **wanted: Any) -> list[tuple[Any, ...]]:
    with office.store.read() as connection:
        rows = read_list(connection, ADDRESSES, Scope.everything(), on=ON, **wanted)
        return [(row["client"], row["address"], str(row["state"]), row["reason"]) for row in rows]


def test_each_address_tells_what_became_of_messages(office: Office, pec: FakeChannel) -> None:
    well, wrong, full = (office.step(medium="pec") for _ in range(3))
    dispatch(office.hub, CLOCK, ON)
    pec.report(office.delivery(well).id, DeliveryState.DELIVERED, LATER)
    pec.report(office.delivery(wrong).id, DeliveryState.BOUNCED, LATER, bad_address=True)
    pec.report(office.delivery(full).id, DeliveryState.BOUNCED, LATER)
    pec.updates[1:] = [
        replace(each, note=note)
        for each, note in zip(pec.updates[1:], ("no such box", "box full"), strict=True)
    ]
    collect(office.hub, CLOCK, ON)
    bad = [
        ("C2", "c2@pec.example.it", "wrong", "no such box"),
        ("C3", "c3@pec.example.it", "bounced", "box full"),
    ]
    assert sorted(listed(office, bad=True)) == bad
    assert sorted(listed(office)) == [("C1", "c1@pec.example.it", "good", ""), *bad]
    with office.store.write() as connection:
        unmark(connection, 2, "c2@pec.example.it", "pec")
    assert ("C2", "c2@pec.example.it", "bounced", "no such box") in listed(office, bad=True)


def test_a_notice_that_came_back_says_nothing_of_the_client(
    office: Office, mail: FakeChannel
) -> None:
    step = office.step(stage=TO_CHIEF, action="notify", medium="email")
    dispatch(office.hub, CLOCK, ON)
    mail.report(office.delivery(step).id, DeliveryState.BOUNCED, LATER, bad_address=True)
    collect(office.hub, CLOCK, ON)
    assert listed(office) == []
    with office.store.read() as connection:
        assert not list(read_list(connection, BAD_ADDRESSES, Scope.everything(), on=ON))
