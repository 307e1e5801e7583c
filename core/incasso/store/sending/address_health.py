"""What became of messages, kept by the address they went to."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.recovery.actions import TO_CLIENT
from incasso.domain.sending.address_state import AddressState
from incasso.store.sending.deliveries import Delivery
from incasso.store.tables.reaching import address_health
from incasso.store.tables.recovery import steps
from incasso.store.upserting import insert_into


def saw(
    connection: Connection, sent: Delivery, state: AddressState, at: datetime, reason: str = ""
) -> None:
    """News of a message to a client: it arrived there, came back, or nobody wants more.

    Notices to our own people tell nothing of the client's addresses.
    """
    if is_to_client(connection, sent.step_id):
        note(
            connection,
            source_id=sent.source_id,
            client_id=sent.client_id,
            medium=sent.medium,
            address=sent.to,
            state=state,
            at=at,
            reason=reason,
            delivery=sent.id,
        )


def is_to_client(connection: Connection, step_id: int) -> bool:
    """Whether a step's message goes to the client itself, not to people of ours."""
    return connection.scalar(sa.select(steps.c.action).where(steps.c.id == step_id)) in TO_CLIENT


def note(
    connection: Connection,
    *,
    source_id: int,
    client_id: int,
    medium: str,
    address: str,
    state: AddressState,
    at: datetime,
    reason: str = "",
    delivery: str = "",
) -> None:
    """The same of an address by itself. What is older than the news stays beside it."""
    arrived = state is AddressState.GOOD
    row = {
        "source_id": source_id,
        "client_id": client_id,
        "medium": medium,
        "address": address,
        "state": state,
        "seen_at": at,
        "delivered_at": at if arrived else None,
        "bounced_at": None if arrived else at,
        "reason": reason,
        "delivery": delivery,
    }
    key = ("client_id", "medium", "address")
    kept = "bounced_at" if arrived else "delivered_at"
    changed = {name: value for name, value in row.items() if name not in (*key, kept)}
    upsert = insert_into(connection, address_health).values(row)
    connection.execute(upsert.on_conflict_do_update(index_elements=key, set_=changed))


def use_again(connection: Connection, client_id: int, address: str, medium: str) -> None:
    """A person takes the mark off: only its past speaks against it."""
    table = address_health.c
    mine = sa.and_(
        table.client_id == client_id,
        table.medium == medium,
        sa.func.lower(table.address) == address.lower(),
    )
    known = sa.case(
        (table.delivered_at.is_not(None), AddressState.GOOD.value),
        else_=AddressState.BOUNCED.value,
    )
    connection.execute(sa.update(address_health).where(mine).values(state=known))
