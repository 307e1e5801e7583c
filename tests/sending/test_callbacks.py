"""A gateway tells by itself what became of a message, over a real server, on each database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from incasso.contract.capabilities import ChannelCapability
from incasso.contract.channel import DeliveryState, DeliveryUpdate
from incasso.contract.context import CallbackAnswer, CallbackRequest, CallContext
from incasso.contract.errors import TemporaryError
from incasso.contract.hooks import hookimpl
from incasso.domain.office.actor import CLOCK
from incasso.services.proof.verify import verify
from incasso.services.sending.dispatch import dispatch
from incasso.testing.fakes import FakeChannel, signed
from incasso.testing.fakes.callbacks import news
from tests.orders.serving import Asked, serving
from tests.orders.test_http import problem
from tests.sending.conftest import MakeOffice
from tests.sending.office import NOW, ON, PROVEN, Office

PATH = "/api/v1/callbacks/out"
TAKES = (ChannelCapability.CALLBACKS,)


class Particular(FakeChannel):
    """A gateway that wants `OK`, and proves the address by a challenge first."""

    @hookimpl
    def channel_parse_callback(  # type: ignore[override]
        self, request: CallbackRequest, ctx: CallContext
    ) -> CallbackAnswer[DeliveryUpdate]:
        """Repeats a challenge; answers news with OK."""
        if challenge := request.query.get("challenge"):
            return CallbackAnswer(body=challenge.encode())
        return CallbackAnswer(updates=news(request, DeliveryUpdate), status=202, body=b"OK")


@pytest.fixture
def asking(make_office: MakeOffice) -> Iterator[Any]:
    """A server before an office with one channel, and a delivery that left through it."""
    opened = []

    def begin(channel: FakeChannel) -> tuple[Asked, Office, int]:
        office = make_office(out=channel)
        step = office.step(stage=PROVEN)
        dispatch(office.hub, CLOCK, ON)
        url = office.store.engine.url.render_as_string(hide_password=False)
        opened.append(serving(office, url))
        return opened[-1].__enter__(), office, step

    yield begin
    for each in opened:
        each.__exit__(None, None, None)


def told(office: Office, step: int, *, number: int = 1) -> CallbackRequest:
    """A signed request: the message of that step was delivered."""
    update = DeliveryUpdate(
        ref=office.delivery(step).id,
        update_id=f"n{number}",
        state=DeliveryState.DELIVERED,
        at=NOW + timedelta(minutes=5),
    )
    return signed([update], NOW)


def send(asked: Asked, request: CallbackRequest, path: str = PATH) -> Any:
    return asked.client.post(path, content=request.body, headers=dict(request.headers))


def test_news_arrive_once_and_are_answered_with_204(asking: Any) -> None:
    asked, office, step = asking(FakeChannel(("pec",), capabilities=TAKES))
    for _ in range(2):
        answer = send(asked, told(office, step))
        assert (answer.status_code, answer.content) == (204, b"")
    assert office.delivery(step).status == "delivered"
    assert office.step_row(step).status == "counted"
    assert verify(office.hub).good


def test_a_gateway_gets_the_answer_it_wants(asking: Any) -> None:
    asked, office, step = asking(Particular(("pec",), capabilities=TAKES))
    challenge = asked.client.get(PATH, params={"challenge": "4711"})
    assert (challenge.status_code, challenge.text) == (200, "4711")
    answer = send(asked, told(office, step))
    assert (answer.status_code, answer.text) == (202, "OK")
    assert office.delivery(step).status == "delivered"


def test_a_wrong_signature_changes_nothing(asking: Any) -> None:
    asked, office, step = asking(FakeChannel(("pec",), capabilities=TAKES))
    request = told(office, step)
    problem(asked.client.post(PATH, content=request.body, headers={"X-Signature": "no"}), 403)
    assert office.delivery(step).status == "accepted"


def test_channels_that_take_none(asking: Any) -> None:
    asked, office, step = asking(FakeChannel(("pec",)))
    problem(send(asked, told(office, step)), 404)
    problem(send(asked, told(office, step), "/api/v1/callbacks/nobody"), 404)


def test_a_channel_that_cannot_now_is_asked_again_later(asking: Any) -> None:
    failing = FakeChannel(
        ("pec",), {"channel_parse_callback": [TemporaryError("busy")]}, capabilities=TAKES
    )
    asked, office, step = asking(failing)
    answer = send(asked, told(office, step))
    assert "busy" not in problem(answer, 503)
    assert answer.headers["retry-after"] == "60"
    assert send(asked, told(office, step)).status_code == 204


class Wrong(Particular):
    """Its answer has a status that no answer to a request may have."""

    @hookimpl
    def channel_parse_callback(self, request: CallbackRequest, ctx: CallContext) -> Any:
        """Continue?"""
        return CallbackAnswer(updates=news(request, DeliveryUpdate), status=100)


def test_an_answer_no_web_server_can_give_is_the_plugins_fault(asking: Any) -> None:
    asked, office, step = asking(Wrong(("pec",), capabilities=TAKES))
    problem(send(asked, told(office, step)), 503)
    assert office.delivery(step).status == "accepted"
