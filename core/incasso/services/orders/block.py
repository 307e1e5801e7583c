"""Block a client's orders: one active block, and the write-back for its ERP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Protocol

from sqlalchemy import Connection

from incasso.contract.text import text
from incasso.domain.orders.blocks import BY_ERP, InErp, LeftToErp, Release, usual_release
from incasso.domain.orders.write_back import NEVER_LEFT, WriteBackStatus
from incasso.locale import localize
from incasso.locale import orders as words
from incasso.services.office.office import Office
from incasso.store.ledger import sources
from incasso.store.orders import exposure, order_blocks, write_backs
from incasso.store.orders.order_blocks import LockedClient, OrderBlock
from incasso.store.proof.journal import Event

REPLACED: Final = text("the client was blocked again before this was done")


@dataclass(frozen=True, kw_only=True)
class Blocked:
    """The result."""

    block: int
    new: bool
    """False: the client was blocked already; that block stays as it is."""
    erp: LeftToErp | InErp
    """What is written into the ERP; of a block that was there already, its trace in the ERP."""
    since: date
    release: Release


class NamedClient(Protocol):
    """A client by its source and code."""

    @property
    def source(self) -> str: ...

    @property
    def client(self) -> str: ...


def block(
    office: Office,
    connection: Connection,
    client_id: int,
    *,
    reason: str,
    by: str,
    on: date,
    step: int | None = None,
    release: Release | None = None,
    since: date | None = None,
) -> Blocked:
    """Block a client in the caller's transaction, and queues its write-back.

    `by` is a login, or empty for the hub by its rules. Does nothing for a blocked client. `since`
    is an earlier day that people should see. Without `release` the company's rule holds; a person's
    block of a client that owes nothing past due ends by hand only. Nothing is written over a block
    that the ERP has set itself.
    """
    client = order_blocks.lock_client(connection, client_id)
    if (found := order_blocks.active(connection, client_id)) is not None:
        return Blocked(
            block=found.id,
            new=False,
            erp=found.erp or LeftToErp.NOTHING,
            since=found.made_on,
            release=found.release_when,
        )
    trace = order_blocks.trace_of(connection, client_id)
    theirs = client.blocked and trace is None
    rule = release or _usual(office, connection, client, by, on)
    made = order_blocks.make(
        connection,
        client,
        reason=reason,
        by=by,
        step=step,
        release=rule,
        on=since or on,
        at=office.now(),
        erp=InErp.THEIRS if theirs else InErp.NOTHING,
    )
    erp = LeftToErp.THEIRS if theirs else _tell_erp(office, connection, client, made, trace, by, on)
    return Blocked(block=made, new=True, erp=erp, since=since or on, release=rule)


def freed_today(office: Office, connection: Connection, client_id: int, on: date) -> str:
    """Why the hub may not block this client by itself today: a person has just released it.

    Empty if nobody has.
    """
    found = order_blocks.released_by_people_on(connection, client_id, on)
    if found is None:
        return ""
    language = office.config.language
    who = words.IN_THE_ERP if found.released_by == BY_ERP else found.released_by
    return localize(words.freed_today(who), language)


def block_event(
    made: Blocked, client: NamedClient, *, reason: str, by: str, on: date, step: int | None
) -> Event:
    """The journal's words."""
    facts: Mapping[str, Any] = {
        "why": reason,
        "erp": made.erp,
        "new": made.new,
        "release": made.release.value,
        **({"step": step} if step else {}),
    }
    return Event(
        kind="client.orders_blocked",
        actor=by or "dispatch",
        on=on,
        source=client.source,
        client=client.client,
        subject=f"order block {made.block}",
        facts=facts,
    )


def _usual(
    office: Office, connection: Connection, client: LockedClient, by: str, on: date
) -> Release:
    company = Release(office.config.company(client.source).release_orders)
    owes = bool(exposure.owed_by(connection, [client.id], on))
    return usual_release(company, by_person=bool(by), owes=owes)


def _tell_erp(
    office: Office,
    connection: Connection,
    client: LockedClient,
    made: int,
    trace: OrderBlock | None,
    by: str,
    on: date,
) -> LeftToErp:
    """Queue the write-back, unless the ERP still shows what an earlier block wrote."""
    if trace is not None and _still_there(office, connection, trace, made, by, on):
        return LeftToErp.THERE_ALREADY
    status = first_status(office, connection, client.source)
    if status is None:
        return LeftToErp.NOTHING
    new = order_blocks.active(connection, client.id)
    assert new is not None
    write_backs.enqueue(
        connection, new, write_backs.BLOCK, status=status, by=by, on=on, at=office.now()
    )
    return LeftToErp.BY_HAND if status is WriteBackStatus.MANUAL else LeftToErp.QUEUED


def _still_there(
    office: Office, connection: Connection, trace: OrderBlock, made: int, by: str, on: date
) -> bool:
    """Take over what an earlier block left in the ERP, if its release has certainly not happened.

    Blocking twice would record our own block as the value to restore.
    """
    rows = write_backs.of_block(connection, trace.id)
    written, released = rows.get(write_backs.BLOCK), rows.get(write_backs.RELEASE)
    if written is None or released is None or trace.erp is InErp.RESTORED:
        return False
    untouched = (*NEVER_LEFT, WriteBackStatus.FAILED)
    if not write_backs.cancel(connection, released.id, untouched, REPLACED):
        return False
    new = order_blocks.active(connection, trace.client_id)
    assert new is not None
    taken_over = write_backs.enqueue(
        connection,
        new,
        write_backs.BLOCK,
        status=WriteBackStatus.DONE,
        by=by,
        on=on,
        at=office.now(),
        before=written.before,
        reason=f"still there from block {trace.id}",
    )
    write_backs.change(connection, taken_over, [WriteBackStatus.DONE], by_hand=written.by_hand)
    order_blocks.set_erp(connection, made, trace.erp, office.now())
    order_blocks.set_erp(connection, trace.id, InErp.NOTHING, office.now())
    return True


def first_status(office: Office, connection: Connection, source: str) -> WriteBackStatus | None:
    """How a write-back of this source begins; None: nothing is written into its ERP.

    Whether its connector can write is what the last sync found: a person's block needs no plugin.
    Where no sync has said so yet it is queued, and dispatch gives it to people if it cannot be.
    """
    way = office.config.company(source).erp_blocks
    if way == "by_hand":
        return WriteBackStatus.MANUAL
    if way == "auto" and sources.writes_back(connection, source) is not False:
        return WriteBackStatus.QUEUED
    return None
