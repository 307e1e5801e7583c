"""A channel's wrong answer about one message costs that message only."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from incasso.contract.channel import Prepared
from incasso.contract.hooks import hookimpl
from incasso.domain.office.actor import CLOCK
from incasso.services.sending.dispatch import dispatch
from incasso.testing.fakes.channel import FakeChannel
from tests.sending.conftest import MakeOffice
from tests.sending.office import ON


class Careless(FakeChannel):
    """Prepares the message to one address wrongly."""

    def __init__(self, content: Any) -> None:
        super().__init__(("email",))
        self.content = content

    @hookimpl
    def channel_prepare(self, message: Any) -> Prepared:
        """Right bytes, but for the client named bad."""
        right = super().channel_prepare(message)
        bad = message.to.address.startswith("bad")
        return msgspec.structs.replace(right, content=self.content) if bad else right


@pytest.mark.parametrize(
    "content",
    [None, "text", bytearray(b"x"), memoryview(b"x")],
    ids=lambda each: type(each).__name__,
)
def test_content_that_is_no_bytes_fails_one_message(
    make_office: MakeOffice, content: object
) -> None:
    channel = Careless(content)
    office = make_office(out=channel)
    bad = office.step(office.client(email="bad@example.it"))
    good = [office.step() for _ in range(2)]
    dispatch(office.hub, CLOCK, ON)
    assert [office.delivery(step).status for step in good] == ["accepted", "accepted"]
    assert len(channel.sent) == 2
    assert office.step_row(bad).status not in ("done", "counted")
