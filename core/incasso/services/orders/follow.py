"""A blocked client that the ERP renumbers or merges stays blocked under its new code."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from incasso.domain.orders.blocks import BY_HUB, OURS, InErp
from incasso.locale import localize
from incasso.locale.orders import renumbered
from incasso.services.office.office import Office
from incasso.services.orders.block import block
from incasso.services.orders.release import drop_write_backs
from incasso.store.orders import order_blocks
from incasso.store.orders.order_blocks import RenumberedBlock
from incasso.store.proof.journal import Event


def follow_clients(office: Office, connection: Connection, on: date) -> list[Event]:
    """Moves the block of every client that continues under another code to that code.

    If the new one shows in the ERP what we wrote for the old one, the trace moves too, with the
    value to restore; else a new write-back is queued.
    """
    return [
        _take_over(office, connection, old, on) for old in order_blocks.of_renumbered(connection)
    ]


def _take_over(office: Office, connection: Connection, old: RenumberedBlock, on: date) -> Event:
    new = order_blocks.lock_client(connection, old.successor_id)
    taken = order_blocks.active(connection, new.id)
    ours = old.erp in OURS
    if taken is None and new.blocked == ours:
        order_blocks.move(connection, old.id, new.id)
    else:
        reason = localize(renumbered(new.code), office.config.language)
        order_blocks.release(connection, old.id, by=BY_HUB, reason=reason, on=on, at=office.now())
        order_blocks.set_erp(connection, old.id, InErp.NOTHING, office.now())
        drop_write_backs(connection, old.id, reason)
        block(
            office,
            connection,
            new.id,
            reason=old.reason,
            by=old.made_by,
            on=on,
            since=old.made_on,
            step=old.step_id,
            release=old.release_when,
        )
    return Event(
        kind="client.orders_block_moved",
        actor="sync",
        on=on,
        source=new.source,
        client=new.code,
        subject=f"order block {old.id}",
        facts={"was": old.client, "why": old.reason},
    )
