"""A message goes to the client's contact of the stage's role, else to the office for reminders."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from msgspec.structs import replace

from incasso.contract.capabilities import ChannelCapability
from incasso.contract.channel import DeliveryState
from incasso.contract.errors import RejectedError
from incasso.contract.media import Medium
from incasso.domain.office.actor import CLOCK
from incasso.domain.recovery.iters import CatchUp
from incasso.domain.recovery.matching import ANYONE
from incasso.services.recovery.plan import plan
from incasso.services.sending.collect import collect
from incasso.services.sending.dispatch import dispatch
from incasso.store.recovery import agenda, iters
from incasso.store.tables import ledger, reaching, recovery
from incasso.testing.fakes.channel import FakeChannel
from tests.sending.conftest import MakeOffice
from tests.sending.office import ITER, NOTICE, NOW, ON, Office
from tests.summing import sum_up

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


def bounce(office: Office, mail: FakeChannel) -> None:
    """The last message came back because of its address; the hub plans anew and sends."""
    mail.report(mail.sent[-1].delivery, DeliveryState.BOUNCED, office.at, bad_address=True)
    office.clock.forward(hours=1)
    collect(office.hub, CLOCK, ON)
    plan(office.hub, CLOCK, ON)
    dispatch(office.hub, CLOCK, ON)


def test_after_a_bounce_the_next_holder_goes_before_the_next_medium(
    make_office: MakeOffice,
) -> None:
    """The owner's mailbox, the office for reminders, the ERP's; then certified mail."""
    mail = FakeChannel(("email",), capabilities=(ChannelCapability.COLLECT,))
    pec = FakeChannel(("pec",), capabilities=())
    office = make_office(mail=mail, pec=pec)
    ask_for_owners(office)
    client = office.client()
    keeps(office, client, "titolare", email="anna@rossi.it")
    keeps(office, client, "solleciti", email="crediti@rossi.it")
    office.step(client, OWNERS)
    dispatch(office.hub, CLOCK, ON)
    for _ in range(3):
        bounce(office, mail)
    tried = [each.message.to.address for each in mail.sent]
    assert tried == ["anna@rossi.it", "crediti@rossi.it", "c1@example.it"]
    assert [each.message.to.address for each in pec.sent] == ["c1@pec.example.it"]


def test_a_full_mailbox_is_not_another_address(make_office: MakeOffice) -> None:
    """What came back for another reason leaves the address as it is: the next medium serves."""
    mail = FakeChannel(("email",), [RejectedError("552 mailbox full")], capabilities=())
    pec = FakeChannel(("pec",), capabilities=())
    office = make_office(mail=mail, pec=pec)
    client = office.client()
    keeps(office, client, "solleciti", email="crediti@rossi.it")
    office.step(client)
    dispatch(office.hub, CLOCK, ON)
    plan(office.hub, CLOCK, ON)
    dispatch(office.hub, CLOCK, ON)
    assert (len(mail.sent), len(pec.sent)) == (0, 1)


def test_a_letter_that_came_back_closes_the_address_to_every_letter(
    make_office: MakeOffice,
) -> None:
    post = FakeChannel(("letter", "registered"), capabilities=(ChannelCapability.COLLECT,))
    mail = FakeChannel(("email",), capabilities=())
    office = make_office(post=post, mail=mail)
    by_post = (Medium.LETTER, Medium.REGISTERED, Medium.EMAIL)
    letter = replace(NOTICE, key="posta", channels=by_post)
    with office.store.write() as connection:
        iters.publish(connection, replace(ITER, stages=(letter,)), at=NOW, by="test")
        newest = sa.select(sa.func.max(recovery.iter_versions.c.id))
        office.version = int(connection.scalar(newest) or 0)
    office.step(None, letter)
    dispatch(office.hub, CLOCK, ON)
    bounce(office, post)
    assert [each.message.medium for each in post.sent] == ["letter"]
    assert [each.message.to.address for each in mail.sent] == ["c1@example.it"]


def test_a_contact_is_written_to_in_its_own_language(
    make_office: MakeOffice,
) -> None:
    """Planned and written: the German office for reminders, the Italian client by another way."""
    mail, pec = FakeChannel(("email",)), FakeChannel(("pec",))
    office = make_office(mail=mail, pec=pec)
    certified = replace(NOTICE, key="pec", channels=(Medium.PEC,), days=60)
    with office.store.write() as connection:
        both = replace(ITER, match=ANYONE, stages=(NOTICE, certified), catch_up=CatchUp.FIRST)
        iters.publish(connection, both, at=NOW, by="test")
    client, other = office.client(), office.client()
    keeps(office, client, "solleciti", email="mahnung@rossi.it", language="de")
    for one in (client, other):
        installment(office, one)
    plan(office.hub, CLOCK, ON)
    with office.store.read() as connection:
        planned = connection.execute(
            sa.select(recovery.steps.c.client_id, recovery.steps.c.language)
        ).all()
    assert sorted(map(tuple, planned)) == [(client, "de"), (other, "it")]
    dispatch(office.hub, CLOCK, ON)
    said = {each.message.to.address: each.message for each in mail.sent}
    assert said["mahnung@rossi.it"].language == "de"
    assert "Sehr geehrte" in said["mahnung@rossi.it"].text
    assert said["c2@example.it"].language == "it"


def installment(office: Office, client: int) -> None:
    with office.store.write() as connection:
        made = sa.insert(ledger.installments).values(
            source_id=office.source,
            client_id=client,
            key=f"i{client}",
            document_number=f"FT {client}",
            due_date=ON - timedelta(days=30),
            amount=10_000,
            residual=10_000,
            payment_method="transfer",
        )
        number = connection.execute(made.returning(ledger.installments.c.id)).scalar_one()
        agenda.review_on(connection, [number], ON)
        sum_up(connection, ON)
