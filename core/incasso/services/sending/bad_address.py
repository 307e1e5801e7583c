"""An address that proved wrong is kept as such, whoever found out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from incasso.domain.recovery.facts import WRONG
from incasso.store.sending import address_health, outbox, wrong_addresses
from incasso.store.sending.deliveries import Delivery
from incasso.store.sending.outbox_queue import ReadyStep


def mark_bad(
    connection: Connection,
    sent: ReadyStep | Delivery,
    address: str,
    now: datetime,
    reason: str,
    evidence_sha256: str = "",
) -> None:
    """That address of the client is not used by that medium again; the proof is kept with it.

    An address of our own people is none of the client's: a notice that came back marks nothing.
    """
    step_id = sent.step_id if isinstance(sent, Delivery) else sent.id
    if not address_health.is_to_client(connection, step_id):
        return
    outbox.close_address(connection, step_id, WRONG)
    wrong_addresses.mark_bad(
        connection,
        source_id=sent.source_id,
        client_id=sent.client_id,
        medium=sent.medium,
        address=address,
        since=now,
        reason=reason,
        delivery=sent.id if isinstance(sent, Delivery) else "",
        evidence_sha256=evidence_sha256,
    )
