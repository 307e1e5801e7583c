"""Our own people: one message for each recipient, one summary a day, copies for information."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from incasso.contract.capabilities import ChannelCapability
from incasso.contract.channel import DeliveryState, OutboundMessage, Prepared
from incasso.contract.context import CallContext
from incasso.contract.errors import RejectedError, TemporaryError
from incasso.contract.hooks import hookimpl
from incasso.contract.values import Receipt
from incasso.domain.office.actor import CLOCK
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.iters import Stage
from incasso.services.sending.collect import collect
from incasso.services.sending.dispatch import dispatch
from incasso.store.recovery import iters
from incasso.store.tables import ledger, recovery
from incasso.testing.fakes.channel import FakeChannel
from tests.sending.office import ITER, NOTICE, NOW, ON, Office

TO_ALL = Stage(
    key="avviso",
    label="Avviso interno",
    action=Action.NOTIFY,
    template="comunicazione_interna",
    to=("agente", "deposito", "direzione"),
)
SUMMARY = replace(
    TO_ALL, key="riepilogo", label="Sollecito", template="riepilogo", to=("agente",), summary=True
)
COPIED = replace(NOTICE, key="copia", cc=("direzione", "agente"))
AGENT, DEPOT, HEAD = "a1@acme.it", "d1@acme.it", "capo@acme.example.it"
TOMORROW = ON + timedelta(days=1)


class Picky(FakeChannel):
    """A mail channel that does as told with the messages to some addresses."""

    def __init__(self) -> None:
        super().__init__(("email",), capabilities=(ChannelCapability.COLLECT,))
        self.answers: dict[str, Exception] = {}

    def answer(self, address: str, error: Exception) -> None:
        self.answers[address] = error

    @hookimpl
    def channel_send(
        self, message: OutboundMessage, prepared: Prepared, ctx: CallContext
    ) -> Receipt:
        if (error := self.answers.get(message.to.address)) is not None:
            raise error
        return super().channel_send(message, prepared, ctx)


@pytest.fixture
def mail() -> Picky:
    return Picky()


@pytest.fixture
def branches(office: Office) -> Office:
    """Two agents and a depot, and stages that tell them."""
    with office.store.write() as connection:
        for table, code in (
            (ledger.depots, "D1"),
            (ledger.agents, "A1"),
            (ledger.agents, "A2"),
        ):
            values = {"code": code, "name": f"Nome {code}", "email": f"{code}@acme.it".lower()}
            connection.execute(sa.insert(table).values(source_id=office.source, **values))
        stages = (NOTICE, TO_ALL, SUMMARY, COPIED)
        iters.publish(connection, replace(ITER, stages=stages), at=NOW, by="test")
        newest = sa.select(sa.func.max(recovery.iter_versions.c.id))
        office.version = int(connection.scalar(newest) or 0)
    return office


def to(mail: FakeChannel) -> list[str]:
    return [each.message.to.address for each in mail.sent]


def of_one(office: Office, **client: Any) -> int:
    """A step that an agent, a depot and the management are told of."""
    return office.step(office.client(agent="A1", depot="D1", **client), TO_ALL, medium="email")


def on(office: Office, day: int = 0) -> None:
    office.clock.forward(days=day)
    office.trust_ledger(ON + timedelta(days=day))
    dispatch(office.hub, CLOCK, ON + timedelta(days=day))


def test_each_recipient_gets_a_message_of_its_own(branches: Office, mail: Picky) -> None:
    step = of_one(branches)
    dispatch(branches.hub, CLOCK, ON)
    assert to(mail) == [AGENT, DEPOT, HEAD]
    assert all(not each.message.cc for each in mail.sent)
    for each in mail.sent:  # nobody reads where else it went
        others = {AGENT, DEPOT, HEAD} - {each.message.to.address}
        assert not any(other in each.message.text + each.message.html for other in others)
    deliveries = branches.deliveries()
    assert len({each.id for each in deliveries}) == len({each.sha256 for each in deliveries}) == 3
    assert {each.status for each in deliveries} == {"accepted"}
    assert branches.step_row(step).status == "counted"
    dispatch(branches.hub, CLOCK, ON)
    assert len(mail.sent) == 3


def test_one_recipient_needs_no_second_step(branches: Office, mail: Picky) -> None:
    step = branches.step(branches.client(), TO_ALL, medium="email")
    dispatch(branches.hub, CLOCK, ON)
    assert to(mail) == [HEAD]
    assert branches.delivery(step).status == "accepted"


def test_a_step_counts_when_each_has_left_or_failed(branches: Office, mail: Picky) -> None:
    """One wrong address holds nothing up, and shows; one that may still leave does."""
    step = of_one(branches)
    mail.answer(AGENT, TemporaryError("busy"))
    mail.answer(DEPOT, RejectedError("no such mailbox", bad_address=True))
    dispatch(branches.hub, CLOCK, ON)
    assert branches.step_row(step).status == "working"
    mail.answers.clear()
    on(branches, 1)
    assert to(mail) == [HEAD, AGENT]
    row = branches.step_row(step)
    assert (row.status, row.counted_on) == ("counted", TOMORROW)
    assert "1" in row.reason and "no such mailbox" in row.reason
    statuses = {each.to: each.status for each in branches.deliveries()}
    assert statuses == {AGENT: "accepted", DEPOT: "failed", HEAD: "accepted"}


def test_where_none_leaves_the_step_fails(branches: Office, mail: Picky) -> None:
    step = of_one(branches)
    for each in (AGENT, DEPOT, HEAD):
        mail.answer(each, RejectedError("no such mailbox", bad_address=True))
    dispatch(branches.hub, CLOCK, ON)
    assert branches.step_row(step).status == "failed"


def test_what_was_paid_meanwhile_is_told_to_nobody_else(branches: Office, mail: Picky) -> None:
    step = of_one(branches)
    mail.answer(AGENT, TemporaryError("busy"))
    dispatch(branches.hub, CLOCK, ON)
    branches.pay(f"{step}/1")
    mail.answers.clear()
    on(branches, 1)
    assert to(mail) == [DEPOT, HEAD]
    assert branches.step_row(step).status == "counted"


def test_a_step_taken_back_before_any_left(branches: Office, mail: Picky) -> None:
    """The channel was down: nothing begun, so the step waits as before and can be blocked."""
    step = of_one(branches)
    for each in (AGENT, DEPOT, HEAD):
        mail.answer(each, TemporaryError("busy"))
    dispatch(branches.hub, CLOCK, ON)
    assert branches.step_row(step).status == "ready"
    branches.pay(f"{step}/1")
    mail.answers.clear()
    on(branches, 1)
    assert to(mail) == []
    assert branches.step_row(step).status == "cancelled"
    assert {each.status for each in branches.deliveries()} == {"cancelled"}


def test_words_and_day_that_a_person_changed_count(branches: Office, mail: Picky) -> None:
    step, later = of_one(branches), of_one(branches)
    for each in (AGENT, DEPOT, HEAD):
        mail.answer(each, TemporaryError("busy"))
    dispatch(branches.hub, CLOCK, ON)
    branches.set_step(step, subject_override="Attenzione")
    branches.set_step(later, due_on=ON + timedelta(days=2))
    mail.answers.clear()
    on(branches, 1)
    assert [each.message.subject for each in mail.sent] == ["Attenzione"] * 3
    on(branches, 2)
    assert to(mail) == [AGENT, DEPOT, HEAD] * 2
    assert branches.step_row(later).status == "counted"


def test_a_summary_is_one_mail_for_each_recipient(branches: Office, mail: Picky) -> None:
    """Twenty clients of two agents, in two currencies: two mails."""
    for number in range(20):
        client = branches.client(agent=f"A{1 + number % 2}")
        branches.step(client, SUMMARY, medium="email", amounts=(10_000 + number, 5_000))
    dispatch(branches.hub, CLOCK, ON)
    assert to(mail) == ["a1@acme.it", "a2@acme.it"]
    first = mail.sent[0].message
    assert "10 clienti" in first.subject
    # 10 x 150.00 and the cents of 0, 2 … 18
    assert "1.500,90" in first.subject and "1.500,90" in first.text
    assert [f"(C{n})" in first.text for n in (1, 2, 3)] == [True, False, True]
    statuses = branches.store
    with statuses.read() as connection:
        rows = connection.execute(
            sa.select(recovery.steps.c.status, sa.func.count()).group_by(recovery.steps.c.status)
        ).all()
    assert dict(map(tuple, rows)) == {"counted": 22}


def test_a_summary_speaks_of_each_currency(branches: Office, mail: Picky) -> None:
    branches.step(branches.client(agent="A1"), SUMMARY, medium="email")
    pounds = branches.step(branches.client(agent="A1"), SUMMARY, medium="email", currency="GBP")
    with branches.store.write() as connection:
        about = ledger.installments.c.key.like(f"{pounds}/%")
        connection.execute(sa.update(ledger.installments).where(about).values(currency="GBP"))
    dispatch(branches.hub, CLOCK, ON)
    (sent,) = mail.sent
    assert "100,00 €, 100,00 £" in sent.message.subject.replace("\xa0", " ")
    assert str(sent.message.about.total) == "100.00"


def test_who_got_todays_summary_gets_the_next_tomorrow(branches: Office, mail: Picky) -> None:
    branches.step(branches.client(agent="A1"), SUMMARY, medium="email")
    dispatch(branches.hub, CLOCK, ON)
    late = branches.step(branches.client(agent="A1"), SUMMARY, medium="email")
    dispatch(branches.hub, CLOCK, ON)
    assert to(mail) == [AGENT]
    assert branches.step_row(late).status == "ready"
    on(branches, 1)
    assert to(mail) == [AGENT] * 2
    assert "(C2)" in mail.sent[1].message.text and "(C1)" not in mail.sent[1].message.text


def test_a_summary_that_could_not_leave_takes_in_the_next_day(
    branches: Office, mail: Picky
) -> None:
    branches.step(branches.client(agent="A1"), SUMMARY, medium="email")
    mail.answer(AGENT, TemporaryError("busy"))
    dispatch(branches.hub, CLOCK, ON)
    branches.step(branches.client(agent="A1"), SUMMARY, medium="email", due_on=TOMORROW)
    mail.answers.clear()
    on(branches, 1)
    (sent,) = mail.sent
    assert "2 clienti" in sent.message.subject


def test_a_copy_follows_the_message_to_the_client(branches: Office, mail: Picky) -> None:
    step = branches.step(branches.client(agent="A1"), COPIED)
    dispatch(branches.hub, CLOCK, ON)
    assert to(mail) == ["c1@example.it", HEAD, AGENT]
    client, copy = mail.sent[0].message, mail.sent[1].message
    assert not client.cc and not copy.cc
    assert copy.subject.startswith("Per conoscenza: ")
    assert copy.text.startswith("Copia per conoscenza del messaggio inviato il 23 novembre 2026")
    assert [each.content for each in copy.attachments] == [mail.sent[0].content]
    assert "c1@example.it" not in copy.text
    assert branches.step_row(step).status == "counted"
    dispatch(branches.hub, CLOCK, ON)
    assert len(mail.sent) == 3


def test_no_copy_of_what_did_not_leave(branches: Office, mail: Picky) -> None:
    branches.step(branches.client(agent="A1"), COPIED)
    mail.answer("c1@example.it", TemporaryError("busy"))
    dispatch(branches.hub, CLOCK, ON)
    assert to(mail) == []
    mail.answers.clear()
    mail.answer("c1@example.it", RejectedError("no such mailbox", bad_address=True))
    on(branches, 1)
    assert to(mail) == []
    with branches.store.read() as connection:
        copies = connection.scalars(
            sa.select(recovery.steps.c.status).where(recovery.steps.c.action == "notify")
        ).all()
    assert set(copies) == {"cancelled"}


def test_the_only_notice_comes_back(branches: Office, mail: Picky) -> None:
    """As long as another recipient was told, the stage stands."""
    step = of_one(branches)
    dispatch(branches.hub, CLOCK, ON)
    for address in (AGENT, DEPOT, HEAD):
        (sent,) = [each for each in branches.deliveries() if each.to == address]
        assert branches.step_row(step).status == "counted"
        mail.report(sent.id, DeliveryState.BOUNCED, branches.at)
        collect(branches.hub, CLOCK, ON)
    assert branches.step_row(step).status == "failed"
