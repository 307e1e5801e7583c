"""A sender refused everywhere stops its channel: no address is spoiled, and what is left waits."""

from __future__ import annotations

from incasso.contract.capabilities import ChannelCapability
from incasso.contract.channel import DeliveryState, Origin
from incasso.contract.errors import RejectedError
from incasso.domain.office.actor import CLOCK
from incasso.services.sending.collect import collect
from incasso.services.sending.dispatch import dispatch
from incasso.testing.fakes.channel import PROVEN, FakeChannel
from incasso.testing.script import for_ever, raises
from tests.sending.conftest import MakeOffice
from tests.sending.office import ON, Office
from tests.sending.test_trust import marked

LISTED = "550 5.7.1 client host blocked using zen.spamhaus.org"


def steps_to(office: Office, *domains: str) -> list[int]:
    """A ready step for a client at each domain."""
    return [office.step(office.client(email=f"amm@{domain}", pec="")) for domain in domains]


def test_refused_by_three_servers_the_channel_stops_and_the_rest_waits(
    make_office: MakeOffice,
) -> None:
    refused = RejectedError(LISTED, sender_refused=True)
    channel = FakeChannel(("email",), {"channel_send": for_ever(raises(refused))})
    office = make_office(out=channel)
    steps = steps_to(office, "uno.it", "due.it", "due.it", "tre.it", "quattro.it")
    dispatch(office.hub, CLOCK, ON)
    assert [office.delivery(step).status for step in steps] == [
        *["failed"] * 3,
        *["queued"] * 2,
    ]
    assert marked(office) == []
    view = office.hub.registry.channel("out").view
    assert view.state == "paused"
    assert LISTED in str(view.reason) and "block list" in str(view.hint)


def test_one_recipients_own_list_stops_nothing(make_office: MakeOffice) -> None:
    refused = RejectedError(LISTED, sender_refused=True)
    channel = FakeChannel(("email",), [refused, refused, None, refused, refused])
    office = make_office(out=channel)
    steps_to(office, "uno.it", "due.it", "tre.it", "quattro.it", "cinque.it")
    dispatch(office.hub, CLOCK, ON)
    assert office.hub.registry.channel("out").ready


def bounced(office: Office, channel: FakeChannel, step: int, origin: Origin) -> None:
    channel.report(
        office.delivery(step).id,
        DeliveryState.BOUNCED,
        office.clock.at,
        origin=origin,
        sender_refused=True,
    )
    collect(office.hub, CLOCK, ON)


def test_three_bounces_within_a_day_stop_it_too_unless_anybody_can_have_written_them(
    make_office: MakeOffice,
) -> None:
    channel = FakeChannel(("email",), capabilities=(ChannelCapability.COLLECT,))
    office = make_office(out=channel)
    steps = steps_to(office, "uno.it", "due.it", "tre.it")
    dispatch(office.hub, CLOCK, ON)
    for step in steps:
        bounced(office, channel, step, Origin())
    assert office.hub.registry.channel("out").ready
    bounced(office, channel, steps[0], PROVEN)
    office.clock.forward(days=2)
    for step in steps[1:]:
        bounced(office, channel, step, PROVEN)
    assert office.hub.registry.channel("out").ready, "two within a day"
    (last,) = steps_to(office, "quattro.it")
    office.trust_ledger(ON)
    dispatch(office.hub, CLOCK, ON)
    bounced(office, channel, last, PROVEN)
    assert office.hub.registry.channel("out").view.state == "paused"
    assert marked(office) == []


def test_the_collection_that_stops_a_channel_says_so_once(make_office: MakeOffice) -> None:
    channel = FakeChannel(("email",), capabilities=(ChannelCapability.COLLECT,))
    office = make_office(out=channel)
    steps = steps_to(office, "uno.it", "due.it", "tre.it", "quattro.it")
    dispatch(office.hub, CLOCK, ON)
    said = []
    for step in steps:
        id = office.delivery(step).id
        channel.report(
            id, DeliveryState.BOUNCED, office.clock.at, origin=PROVEN, sender_refused=True
        )
        said.append(list(collect(office.hub, CLOCK, ON).stopped))
    assert said == [[], [], ["out"], []]
