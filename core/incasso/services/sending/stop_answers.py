"""An answer that stops a medium: the client does not want to be written to there any more."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from incasso.contract.text import text
from incasso.domain.recovery.facts import REFUSED
from incasso.domain.sending.consents import ConsentKind
from incasso.domain.sending.open_ways import address_key
from incasso.locale import localize
from incasso.store.proof.journal import Event
from incasso.store.recovery import agenda
from incasso.store.sending import consents, outbox
from incasso.store.sending.consents import NewConsent
from incasso.store.sending.deliveries import Delivery

ORIGIN = text("stop answer")


def refuse_address(
    connection: Connection,
    sent: Delivery,
    *,
    on: date,
    by: str,
    language: str,
    country: str = "",
    reason: str = "",
) -> Event | None:
    """Keep that the client refused the medium of a message at the address it went to.

    The next plan takes another medium, or a person; formal notices leave all the same. `by` is the
    actor of the journal, `reason` what the client wrote. Told once: null if the address was
    refused before, so that a repeat changes nothing.
    """
    outbox.close_address(connection, sent.step_id, REFUSED)
    address = address_key(sent.medium, sent.to, country)
    if consents.refused(connection, sent.client_id, sent.medium, address):
        return None
    origin = localize(ORIGIN, language)
    new = NewConsent(
        source_id=sent.source_id,
        client_id=sent.client_id,
        kind=ConsentKind.REFUSED,
        medium=sent.medium,
        address=address,
        since=on,
        reason=reason,
        origin=origin,
        made_by=by,
        made_on=on,
    )
    consents.record(connection, new)
    agenda.review_client(connection, sent.client_id, on)
    return Event(
        kind="client.refused",
        actor=by,
        on=on,
        source=sent.source,
        client=sent.client,
        subject=f"delivery {sent.id}",
        facts={"media": [sent.medium], "address": address, "origin": origin, "why": reason},
    )
