"""What is kept of an instance goes when it is told to, and only if nobody needs it any more."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from incasso.contract.errors import IncassoError
from incasso.domain.office.actor import CLOCK, Role, person
from incasso.services.office import forgetting
from incasso.services.office import office as offices
from incasso.services.office.forgetting import ForgetError, forget_instance, forgettable
from incasso.services.proof.verify import verify
from incasso.services.sending.dispatch import dispatch
from incasso.store.office import plugin_instances, plugin_state
from incasso.store.office.plugin_instances import InstanceState, LoggedCall
from incasso.store.proof import journal
from incasso.store.sending import delivery_news
from incasso.store.tables.ledger import sources
from incasso.store.tables.sending import deliveries
from incasso.testing.fakes import FakeChannel
from incasso.testing.fakes.registry import config_of
from tests.sending.conftest import MakeOffice
from tests.sending.office import ON, PROVEN, Office

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def left(make_office: MakeOffice) -> Office:
    """An office whose channel sent a message, and keeps a session, a cursor and its state."""
    office = make_office(pec=FakeChannel(("pec",)))
    office.step(stage=PROVEN)
    dispatch(office.hub, CLOCK, ON)
    call = LoggedCall(AT, "pec", "channel_send", "d1", 1, 12, "ok", "")
    state = InstanceState("pec", "channels", "fake", "paused", AT, "", "", "", True)
    with office.store.write() as connection:
        plugin_instances.record_calls(connection, [call], AT)
        plugin_instances.save_states(connection, [state])
        assert plugin_state.swap(connection, "pec", "session", b"x", None, AT)
        assert plugin_state.swap(connection, "other", "session", b"x", None, AT)
        delivery_news.set_cursor(connection, "pec", "channel_collect", "17")
    return office


def without(office: Office, *still: str) -> offices.Office:
    """The same office after its tables were taken out of plugins.toml."""
    config = config_of({name: FakeChannel(("pec",)) for name in still})
    return offices.Office(config=config, store=office.store, now=office.clock)


def set_status(office: Office, status: str) -> None:
    with office.store.write() as connection:
        connection.execute(sa.update(deliveries).values(status=status))


def test_all_that_only_the_instance_needs_goes_and_the_journal_says_so(left: Office) -> None:
    after = without(left)
    [other, pec] = forgettable(after)
    assert (other.instance, other.remembered, other.state) == ("other", 1, "")
    assert (pec.instance, pec.family, pec.state) == ("pec", "channels", "paused")
    assert (pec.remembered, pec.cursors, pec.calls) == (1, 1, 1)
    assert forget_instance(after, CLOCK, "pec", on=ON) == pec
    assert [each.instance for each in forgettable(after)] == ["other"]
    with left.store.read() as connection:
        told = list(journal.events(connection))[-1]
        assert connection.scalar(sa.select(sa.func.count()).select_from(deliveries)) == 1
    assert (told.kind, told.subject) == ("instance.forgotten", "instance pec")
    assert '"remembered":1' in told.facts.replace(" ", "")
    with pytest.raises(ForgetError, match="Nothing is kept of “pec”"):
        forget_instance(after, CLOCK, "pec", on=ON)
    assert verify(left.hub).good


def test_an_instance_that_is_configured_is_left_alone(left: Office) -> None:
    after = without(left, "pec")
    assert [each.instance for each in forgettable(after)] == ["other"]
    with pytest.raises(ForgetError, match=r"\[channels\.pec\] is in plugins\.toml"):
        forget_instance(after, CLOCK, "pec", on=ON)


@pytest.mark.parametrize("status", ["queued", "sending", "uncertain", "questioned"])
def test_a_message_on_its_way_needs_its_channel(left: Office, status: str) -> None:
    after = without(left)
    set_status(left, status)
    with pytest.raises(ForgetError, match="1 message of pec may still be on its way"):
        forget_instance(after, CLOCK, "pec", on=ON)
    assert len(forgettable(after)) == 2


def test_open_items_need_their_source_and_a_closed_one_is_read_from_the_start(
    left: Office,
) -> None:
    after = without(left)
    with left.store.write() as connection:
        connection.execute(sa.update(sources).values(clients_cursor="c", documents_cursor="d"))
        assert plugin_state.swap(connection, "acme", "session", b"x", None, AT)
    with pytest.raises(ForgetError, match="1 installment of the source acme is open"):
        forget_instance(after, CLOCK, "acme", on=ON)
    with left.store.write() as connection:
        connection.execute(sa.text("UPDATE installments SET status = 'paid'"))
    forget_instance(after, CLOCK, "acme", on=ON)
    with left.store.read() as connection:
        found = connection.execute(sa.select(sources)).one()
    assert (found.clients_cursor, found.documents_cursor) == (None, None)


def test_only_administrators_forget(left: Office) -> None:
    with pytest.raises(IncassoError):
        forget_instance(without(left), person("nobody", Role.OPERATOR), "pec", on=ON)
    assert forgetting.forgettable(without(left))
