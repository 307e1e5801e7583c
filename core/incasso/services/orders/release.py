"""Release a client's orders: the block ends, and the ERP gets back what the block replaced."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from incasso.domain.orders.blocks import BY_ERP, InErp, LeftToErp
from incasso.domain.orders.write_back import NEVER_LEFT, WriteBackStatus
from incasso.services.office.office import Office
from incasso.services.orders.answers import RELEASED_FIRST
from incasso.services.orders.block import first_status
from incasso.store.orders import order_blocks, write_backs
from incasso.store.orders.order_blocks import OrderBlock
from incasso.store.proof.journal import Event


def release(
    office: Office,
    connection: Connection,
    block: OrderBlock,
    *,
    by: str,
    reason: str,
    on: date,
) -> Event | None:
    """End an active block in the caller's transaction; None if it was over already.

    `by` is a login, `hub` (paid) or `erp` (freed by hand over there: then nothing is written).
    """
    if not order_blocks.release(connection, block.id, by=by, reason=reason, on=on, at=office.now()):
        return None
    if by == BY_ERP or order_blocks.is_gone(connection, block.client_id):
        drop_write_backs(connection, block.id, reason)
        erp = LeftToErp.LEFT_ALONE
    else:
        erp = _give_back(office, connection, block, by, on)
    return Event(
        kind="client.orders_released",
        actor={BY_ERP: "sync"}.get(by, by),
        on=on,
        source=block.source,
        client=block.client,
        subject=f"order block {block.id}",
        facts={"why": reason, "erp": erp, "blocked_on": block.made_on},
    )


def drop_write_backs(connection: Connection, block: int, reason: str) -> None:
    """Drops what is still queued for the ERP for this block."""
    open_ones = (*NEVER_LEFT, WriteBackStatus.UNCERTAIN, WriteBackStatus.FAILED)
    for each in write_backs.of_block(connection, block).values():
        write_backs.cancel(connection, each.id, open_ones, reason)


def _give_back(
    office: Office, connection: Connection, block: OrderBlock, by: str, on: date
) -> LeftToErp:
    """Undo what was written, or drop what was not."""
    if block.erp is InErp.THEIRS:
        order_blocks.set_erp(connection, block.id, InErp.NOTHING, office.now())
        return LeftToErp.THEIRS
    written = write_backs.of_block(connection, block.id).get(write_backs.BLOCK)
    if written is None or written.status in (WriteBackStatus.CANCELLED, WriteBackStatus.FAILED):
        return LeftToErp.NOTHING
    if write_backs.cancel(connection, written.id, NEVER_LEFT, RELEASED_FIRST):
        return LeftToErp.NEVER_WRITTEN
    # In doubt: not tried again, but undone, which is harmless if it never happened.
    write_backs.change(connection, written.id, [WriteBackStatus.UNCERTAIN], next_attempt_at=None)
    by_hand = (
        written.by_hand
        or first_status(office, connection, block.source) is not WriteBackStatus.QUEUED
    )
    status = WriteBackStatus.MANUAL if by_hand else WriteBackStatus.QUEUED
    write_backs.enqueue(
        connection, block, write_backs.RELEASE, status=status, by=_login(by), on=on, at=office.now()
    )
    return LeftToErp.BY_HAND if by_hand else LeftToErp.QUEUED


def _login(by: str) -> str:
    """WriteBack.by names people only; empty for the hub by its rules."""
    return "" if by == "hub" else by
