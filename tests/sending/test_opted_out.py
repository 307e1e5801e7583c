"""Who wants no more messages by a medium is not written to by it again, on each database."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from incasso.contract.channel import DeliveryState, DeliveryUpdate
from incasso.contract.errors import RejectedError
from incasso.contract.hooks import hookimpl
from incasso.contract.media import Medium
from incasso.contract.values import Money, Receipt
from incasso.domain.office.actor import CLOCK, Scope
from incasso.services.proof.verify import verify
from incasso.services.sending.collect import collect
from incasso.services.sending.dispatch import dispatch
from incasso.services.sending.take_news import NewsTaker
from incasso.store.lists.reaching import CONSENTS
from incasso.store.lists.reading import read_list
from incasso.testing.fakes import FakeChannel
from tests.sending.conftest import MakeOffice
from tests.sending.office import NOTICE, NOW, ON, Office

BY_SMS = msgspec.structs.replace(NOTICE, channels=(Medium.SMS,))
NUMBER = "+393331234567"


def step(office: Office, mobile: str) -> int:
    """One ready to leave to a client with that number."""
    return office.step(office.client(mobile=mobile), BY_SMS)


def refusals(office: Office) -> list[tuple[str, str, str]]:
    """Client, medium and address of each."""
    with office.store.read() as connection:
        rows = list(read_list(connection, CONSENTS, Scope.everything(), on=ON))
    return sorted((row["client"], row["medium"], row["address"]) for row in rows)


def stop(**changes: object) -> DeliveryUpdate:
    """An answer of the number, which names no message."""
    update = DeliveryUpdate(
        ref="SM-inbound-1",
        update_id="stop-1",
        state=DeliveryState.OPTED_OUT,
        at=NOW + timedelta(minutes=5),
        permanent=False,
        note="answered STOP",
        recipient=NUMBER,
    )
    return msgspec.structs.replace(update, **changes)


def test_an_answer_of_a_number_is_of_everybody_who_has_it(make_office: MakeOffice) -> None:
    channel = FakeChannel((Medium.SMS,))
    office = make_office(out=channel)
    steps = [step(office, number) for number in ("333 1234567", "+39 333/123.4567")]
    other = step(office, "333 7654321")
    dispatch(office.hub, CLOCK, ON)
    assert {office.delivery(each).to for each in steps} == {NUMBER}
    channel.updates += [stop(), stop()]
    for _ in range(2):
        collect(office.hub, CLOCK, ON)
    assert [(medium, address) for _, medium, address in refusals(office)] == [("sms", NUMBER)] * 2
    assert {office.delivery(each).status for each in (*steps, other)} == {"accepted"}
    assert verify(office.hub).good


def test_an_answer_of_an_unknown_number_is_nobodys(make_office: MakeOffice) -> None:
    channel = FakeChannel((Medium.SMS,))
    office = make_office(out=channel)
    step(office, "333 1234567")
    dispatch(office.hub, CLOCK, ON)
    channel.updates.append(stop(recipient="+393339999999"))
    assert collect(office.hub, CLOCK, ON).unknown == 1
    assert refusals(office) == []


@pytest.mark.parametrize("how", ["at once", "later"])
def test_a_message_that_was_refused_for_it_reached_nobody(
    make_office: MakeOffice, how: str
) -> None:
    refused = [RejectedError("unsubscribed", opted_out=True)] if how == "at once" else []
    channel = FakeChannel((Medium.SMS,), refused)
    office = make_office(out=channel)
    made = step(office, "333 1234567")
    dispatch(office.hub, CLOCK, ON)
    if how == "later":
        delivery = office.delivery(made)
        channel.updates.append(stop(ref=delivery.ref, permanent=True, recipient=""))
        collect(office.hub, CLOCK, ON)
    assert office.delivery(made).status == "opted_out"
    assert office.step_row(made).status == "failed"
    assert [address for _, _, address in refusals(office)] == [NUMBER]
    assert verify(office.hub).good


def test_a_callback_may_be_quicker_than_the_answer(make_office: MakeOffice) -> None:
    """The delivery has the service's reference and the cost all the same."""

    class Quick(FakeChannel):
        @hookimpl
        def channel_send(self, message: Any, prepared: Any, ctx: Any) -> Any:
            early = DeliveryUpdate(
                ref=message.delivery,
                receipt_ref="SM1",
                update_id="SM1-sent",
                state=DeliveryState.SENT,
                at=ctx.now(),
            )
            NewsTaker(office.hub, ON).take("out", [early], None, asked=True)
            cost = Money(amount=Decimal("0.07"))
            return Receipt(ref="SM1", at=ctx.now(), cost=cost)

    office = make_office(out=Quick((Medium.SMS,)))
    made = step(office, "333 1234567")
    dispatch(office.hub, CLOCK, ON)
    row = office.delivery(made)
    assert (row.status, row.ref, row.cost) == ("accepted", "SM1", 7)
    assert verify(office.hub).good


def test_a_message_without_a_final_word_is_not_asked_about_for_ever(
    make_office: MakeOffice,
) -> None:
    asked: list[tuple[str, ...]] = []

    class Silent(FakeChannel):
        @hookimpl
        def channel_poll(self, refs: tuple[str, ...]) -> tuple[DeliveryUpdate, ...]:
            asked.append(refs)
            return ()

    office = make_office(out=Silent((Medium.SMS,)))
    made = step(office, "333 1234567")
    dispatch(office.hub, CLOCK, ON)
    collect(office.hub, CLOCK, ON)
    office.clock.forward(days=119)
    collect(office.hub, CLOCK, ON)
    assert asked == [(office.delivery(made).ref,)] * 2
    office.clock.forward(days=2)
    collect(office.hub, CLOCK, ON)
    assert len(asked) == 2
