"""Spoiled bounces, taken in by `collect`: whatever is in them, rows and proof stay whole."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
import sqlalchemy as sa

from incasso.contract.capabilities import ChannelCapability
from incasso.domain.office.actor import CLOCK
from incasso.mail import read_report
from incasso.services.proof.verify import verify
from incasso.services.sending.collect import collect
from incasso.services.sending.dispatch import dispatch
from incasso.store.proof import archive
from incasso.store.tables import sending
from incasso.testing.fakes.channel import FakeChannel
from tests.channels.bounced import headers_of, plain, qmail, returned, standard, status
from tests.fuzzing import each_spoiled
from tests.sending.conftest import MakeOffice
from tests.sending.office import NOW, ON

LATER = NOW + timedelta(hours=1)


@pytest.mark.fuzz
def test_spoiled_bounces_are_taken_in(make_office: MakeOffice) -> None:
    """Nobody vouches for any of them: at most the stage stands still until a person looks."""
    channel = FakeChannel(("email",), capabilities=(ChannelCapability.COLLECT,))
    office = make_office(out=channel)
    meant, other = office.step(), office.step()
    dispatch(office.hub, CLOCK, ON)
    mail, untouched = returned(office.delivery(meant).id), office.delivery(other)
    events, known = sending.delivery_events, set[str]()

    def check(bounce: bytes) -> None:
        updates = read_report(bounce, LATER, authserv="mx.example.it")
        channel.updates.extend(updates)
        ours = {each.update_id for each in updates if each.ref == office.delivery(meant).id}
        report = collect(office.hub, CLOCK, ON)
        assert not report.problems and not report.refused
        assert (report.news, report.unknown) == (len(ours - known), len(updates) - len(ours))
        known.update(ours)
        channel.updates.extend(updates)
        assert collect(office.hub, CLOCK, ON).news == 0, "the same news twice"
        assert office.delivery(meant).status in ("accepted", "questioned")
        assert office.delivery(other) == untouched
        if ours:
            sha256 = hashlib.sha256(bounce).hexdigest()
            assert archive.get(office.store, sha256) == bounce

    shapes = (
        standard(original=mail),
        standard(status("delayed", "4.4.1"), original=mail),
        standard(status("delivered", "2.0.0"), original=mail, whole=True),
        plain("550 5.1.1 utente sconosciuto", original=headers_of(mail)),
        plain("Nihil obstat, sed epistula rediit.", original=headers_of(mail)),
        qmail(office.delivery(meant).id),
    )
    each_spoiled("collected bounces", shapes, check, times=0.5)
    with office.store.read() as connection:
        kept = set(connection.scalars(sa.select(events.c.update_id)))
        assert connection.scalars(sa.select(sending.bad_addresses.c.address)).all() == []
    assert kept == known and known, "some of them are still about a message of ours"
    assert verify(office.hub).good
