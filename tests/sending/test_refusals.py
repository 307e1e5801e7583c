"""What the client refused since a message was planned, and answers that refuse."""

from __future__ import annotations

from incasso.domain.office.actor import CLOCK
from incasso.locale import localize
from incasso.services.sending.dispatch import dispatch
from incasso.services.sending.stop_answers import refuse_address
from incasso.store.proof import journal
from incasso.store.recovery.reaching import closed
from incasso.store.sending import deliveries
from incasso.testing.fakes.channel import FakeChannel
from tests.sending.office import NOW, ON, Office


def test_an_answer_that_stops_is_kept_once_and_nothing_leaves_by_it(
    office: Office, mail: FakeChannel
) -> None:
    client = office.client()
    first = office.step(client)
    dispatch(office.hub, CLOCK, ON)
    second = office.step(client)
    with office.store.write() as connection:
        sent = deliveries.named(connection, office.delivery(first).id)
        assert sent is not None
        said = [
            refuse_address(connection, sent, on=ON, by="collect", language="it", reason="STOP")
            for _ in range(2)
        ]
        journal.record(connection, [event for event in said if event], at=NOW)
    assert [None if event is None else event.facts for event in said] == [
        {
            "media": ["email"],
            "address": "c1@example.it",
            "origin": "risposta di rifiuto",
            "why": "STOP",
        },
        None,
    ]
    dispatch(office.hub, CLOCK, ON)
    assert len(mail.sent) == 1
    row = office.step_row(second)
    assert (row.status, localize(row.reason, "it")) == ("failed", "il cliente ha rifiutato e-mail")
    with office.store.read() as connection:
        assert closed(connection, [client], ON)[client].is_open(
            "email", "c1@example.it", formal=True
        )
