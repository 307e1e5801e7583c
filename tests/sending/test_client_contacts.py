"""A message goes to the client's contact of the stage's role, else to the office for reminders."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from msgspec.structs import replace

from incasso.contract.media import Medium
from incasso.domain.office.actor import CLOCK
from incasso.services.sending.dispatch import dispatch
from incasso.store.recovery import iters
from incasso.store.tables import reaching, recovery
from incasso.testing.fakes.channel import FakeChannel
from tests.sending.conftest import MakeOffice
from tests.sending.office import ITER, NOTICE, NOW, ON, Office

OWNERS = replace(NOTICE, key="titolare", contact="titolare")


def keeps(office: Office, client: int, role: str, **addresses: Any) -> None:
    values = {"source_id": office.source, "client_id": client, "role": role, **addresses}
    with office.store.write() as connection:
        connection.execute(sa.insert(reaching.client_contacts).values(**values, made_on=ON))


def ask_for_owners(office: Office) -> None:
    with office.store.write() as connection:
        iters.publish(connection, replace(ITER, stages=(NOTICE, OWNERS)), at=NOW, by="test")
        newest = sa.select(sa.func.max(recovery.iter_versions.c.id))
        office.version = int(connection.scalar(newest) or 0)


def test_each_stage_reaches_its_own(office: Office, mail: FakeChannel) -> None:
    ask_for_owners(office)
    client, other = office.client(), office.client()
    keeps(office, client, "solleciti", email="crediti@rossi.it")
    keeps(office, client, "titolare", email="anna@rossi.it", person="Anna Rossi")
    steps = [office.step(client), office.step(client, OWNERS), office.step(other, OWNERS)]
    dispatch(office.hub, CLOCK, ON)
    to = {int(each.message.about.step): each.message.to.address for each in mail.sent}
    assert [to[step] for step in steps] == ["crediti@rossi.it", "anna@rossi.it", "c2@example.it"]


def test_a_letter_goes_to_the_contacts_street_and_person(make_office: MakeOffice) -> None:
    post = FakeChannel(("letter",), capabilities=())
    office = make_office(post=post)
    letter = replace(NOTICE, channels=(Medium.LETTER,))
    client = office.client(name="Rossi Srl")
    street = {"address": "Via Dora 9", "zip": "10148", "city": "Torino", "province": "TO"}
    keeps(office, client, "solleciti", person="Anna Bianchi", **street)
    office.step(client, letter)
    dispatch(office.hub, CLOCK, ON)
    (sent,) = post.sent
    assert sent.message.to.postal == ("Rossi Srl", "Via Dora 9", "10148 Torino (TO)")
