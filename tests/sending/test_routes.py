"""One process sends by some channels while others send by theirs."""

from __future__ import annotations

from incasso.domain.office.actor import CLOCK
from incasso.domain.sending.routes import NOBODY, Carrier, routes_of
from incasso.services.sending.dispatch import Part, dispatch
from incasso.testing.fakes.channel import FakeChannel
from tests.sending.conftest import MakeOffice
from tests.sending.office import ON

ROUTES = routes_of(
    [
        Carrier("mail", frozenset({"email"}), frozenset({"acme"})),
        Carrier("certified", frozenset({"pec"}), frozenset({"acme"})),
    ]
)


def test_only_messages_of_the_route_leave(make_office: MakeOffice) -> None:
    mail, certified = FakeChannel(("email",)), FakeChannel(("pec",))
    office = make_office(mail=mail, certified=certified)
    by_mail, by_pec = office.step(), office.step(medium="pec")
    part = Part(messages=True, routes=ROUTES["certified"])
    assert dispatch(office.hub, CLOCK, ON, part=part).accepted == {"pec": 1}
    assert office.step_row(by_mail).status == "ready"
    assert office.step_row(by_pec).status == "counted"
    part = Part(messages=True, routes=ROUTES["mail"])
    assert dispatch(office.hub, CLOCK, ON, part=part).accepted == {"email": 1}


def test_what_no_channel_carries_says_so(make_office: MakeOffice) -> None:
    office = make_office(mail=FakeChannel(("email",)))
    letter, mail = office.step(medium="letter"), office.step()
    part = Part(messages=True, routes=ROUTES[NOBODY])
    assert not dispatch(office.hub, CLOCK, ON, part=part).accepted
    assert "no channel carries" in office.step_row(letter).reason
    assert office.step_row(mail).reason == ""
