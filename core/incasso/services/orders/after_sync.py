"""After a sync: who set the ERP's flag, what people changed in the ERP, and who has paid."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Final

import msgspec
from sqlalchemy import Connection

from incasso.domain.orders.blocks import (
    BY_ERP,
    BY_HUB,
    BlockStatus,
    InErp,
    Noticed,
    after_read,
    may_be_released,
)
from incasso.locale import localize
from incasso.locale.orders import RELEASED_AS_PAID, RELEASED_THERE, notice
from incasso.services.hub.events import tell_plugins
from incasso.services.office.office import Office
from incasso.services.orders.follow import follow_clients
from incasso.services.orders.release import release
from incasso.store.orders import exposure, order_blocks
from incasso.store.orders.order_blocks import FollowedBlock, OrderBlock
from incasso.store.proof import journal
from incasso.store.proof.journal import Event
from incasso.store.sending.dispatcher_lock import DispatcherTurn

if TYPE_CHECKING:
    from incasso.services.hub.hub import Hub

_KINDS: Final = {
    Noticed.FREED: "client.orders_freed_in_erp",
    Noticed.ERP_RELEASED: "client.erp_block_ended",
    Noticed.MISSING: "client.erp_block_missing",
}


class UpdatedBlocks(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger changed about the blocks."""

    released: int = 0
    """Clients who may order again because they paid."""
    notices: tuple[str, ...] = ()
    """What a person should know, in the office's language."""


def update_blocks(hub: Hub, turn: DispatcherTurn, on: date) -> UpdatedBlocks:
    """Updates every block from the last read of the ledger; idempotent."""
    with turn.write() as connection:
        moved = follow_clients(hub, connection, on)
        moves, notices = _follow(hub, connection, on)
        released = _release_paid(hub, connection, on)
        events = [*moved, *moves, *released]
        journal.record(connection, events, at=hub.now())
    tell_plugins(hub, events, hub.now())
    return UpdatedBlocks(released=len(released), notices=tuple(notices))


def _follow(office: Office, connection: Connection, on: date) -> tuple[list[Event], list[str]]:
    """Distinguishes our own change from a decision made in the ERP."""
    events: list[Event] = []
    notices: list[str] = []
    reads = order_blocks.last_reads(connection)
    for block in order_blocks.followed(connection):
        state, noticed = _seen(office, block, reads.get(block.source_id), on)
        if state is not block.erp:
            order_blocks.set_erp(connection, block.id, state, office.now())
        if noticed is None:
            continue
        events.append(_event(block, noticed, on))
        notices.append(notice(noticed, f"{block.source}/{block.client}", office.config.language))
        if noticed is Noticed.FREED:
            reason = localize(RELEASED_THERE, office.config.language)
            events += _released(office, connection, block, BY_ERP, reason, on)
    return events, notices


def _seen(
    office: Office, block: FollowedBlock, read_at: datetime | None, on: date
) -> tuple[InErp, Noticed | None]:
    written_on = block.erp_at and block.erp_at.astimezone(office.config.timezone).date()
    if block.by_hand:
        written_on = None  # an export that people complete by hand need not show the flag at all
    return after_read(
        block.erp,
        flag=block.flag,
        active=block.status is BlockStatus.ACTIVE,
        read_since=read_at is not None and block.erp_at is not None and read_at > block.erp_at,
        written_on=written_on,
        on=on,
    )


def _release_paid(office: Office, connection: Connection, on: date) -> list[Event]:
    blocks = exposure.releasable(connection)
    known = exposure.exposures(connection, blocks, on) if blocks else {}
    reason = localize(RELEASED_AS_PAID, office.config.language)
    return [
        event
        for block in blocks
        if may_be_released(block.release_when, known[block.id])
        for event in _released(office, connection, block, BY_HUB, reason, on)
    ]


def _released(
    office: Office, connection: Connection, block: OrderBlock, by: str, reason: str, on: date
) -> list[Event]:
    event = release(office, connection, block, by=by, reason=reason, on=on)
    return [] if event is None else [event]


def _event(block: OrderBlock, noticed: Noticed, on: date) -> Event:
    return Event(
        kind=_KINDS[noticed],
        actor="sync",
        on=on,
        source=block.source,
        client=block.client,
        subject=f"order block {block.id}",
        facts={"why": block.reason, "blocked_on": block.made_on},
    )
