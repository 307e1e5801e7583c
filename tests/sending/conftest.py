"""An office with one mail channel, one certified one, both fakes that keep what they sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from incasso.store.engine import Store
from incasso.testing.fakes.channel import FakeChannel
from incasso.testing.fakes.registry import Fake
from tests.sending.office import Office

MakeOffice = Callable[..., Office]


@pytest.fixture
def make_office(store: Store, tmp_path: Path) -> Iterator[MakeOffice]:
    """Open an office with the given channels and connectors."""
    opened: list[Office] = []

    def make(**fakes: Fake) -> Office:
        office = Office(store, fakes, tmp_path)
        opened.append(office)
        return office

    yield make
    for office in opened:
        office.hub.registry.close()


@pytest.fixture
def mail() -> FakeChannel:
    """A mail channel that cannot be asked what it sent, as real ones cannot."""
    return FakeChannel(("email",), capabilities=())


@pytest.fixture
def pec() -> FakeChannel:
    """A certified channel: can be asked, polled and collected from."""
    return FakeChannel(("pec", "registered"))


@pytest.fixture
def office(make_office: MakeOffice, mail: FakeChannel, pec: FakeChannel) -> Office:
    """The usual office."""
    return make_office(mail=mail, pec=pec)
