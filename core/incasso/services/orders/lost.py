"""Account for order blocks and releases that a database put back does not know to be in the ERP.

Written again under a new key, a block would take our own block for the value to give back, and the
client would stay blocked for ever.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import msgspec
from sqlalchemy import Connection

from incasso.contract.connector import WriteBackKind
from incasso.contract.text import Text, text
from incasso.domain.orders.blocks import LeftToErp, Release
from incasso.domain.orders.write_back import WriteBackStatus
from incasso.domain.proof.left import Fate
from incasso.domain.proof.written import WriteAccount, account_writes, replaced
from incasso.services.hub.events import tell_plugins
from incasso.services.hub.hub import Hub
from incasso.services.orders.answers import answer_event, note_in_block
from incasso.services.orders.block import Blocked, block_event
from incasso.store.ledger.named import client_named
from incasso.store.orders import lost, order_blocks, write_backs
from incasso.store.orders.order_blocks import OrderBlock
from incasso.store.proof import journal, left_log
from incasso.store.proof.journal import Event
from incasso.store.sending.dispatcher_lock import DispatcherTurn

ACTOR: Final = "recover"

FOUND: Final = text("written before the database was put back; found by `incasso recover`")

IN_DOUBT: Final = text(
    "it may have been written before the database was put back: asked again under the same key"
)

MAY_BE_THERE: Final = text(
    "it may have been written already, before a copy was put back: look in the ERP, then say "
    "`incasso act write-back`"
)

_KNOWN: Final = {
    Fate.LEFT: (
        None,
        WriteBackStatus.QUEUED,
        WriteBackStatus.SENDING,
        WriteBackStatus.UNCERTAIN,
        WriteBackStatus.FAILED,
        WriteBackStatus.MANUAL,
    ),
    Fate.IN_DOUBT: (None, WriteBackStatus.QUEUED),
    Fate.NOT_LEFT: (),
}
"""How a write-back stands in a database that must be told of its fate."""


class WritesFound(msgspec.Struct, kw_only=True):
    """What became known; counts of changes in ERPs."""

    written: int = 0
    in_doubt: int = 0
    """Asked again under the same key by the next dispatch, which has one effect."""
    problems: list[Text] = msgspec.field(default_factory=list)


def account_for_lost_writes(
    hub: Hub, turn: DispatcherTurn, on: date, *, put_back: bool
) -> WritesFound:
    """Write down every change of the log that the database does not know. Idempotent.

    Without `put_back` nothing is lost, and what is under way is another process's.
    """
    done = WritesFound()
    for each in _unknown(hub) if put_back else ():
        with turn.write() as connection:
            events = _write(hub, connection, each, on, done)
            journal.record(connection, events, at=hub.now())
        tell_plugins(hub, events, hub.now())
    return done


def hold_writes(hub: Hub, turn: DispatcherTurn) -> int:
    """Nobody knows what was written: what is queued waits for a person."""
    with turn.write() as connection:
        return lost.hand_to_people(connection, MAY_BE_THERE)


def _unknown(hub: Hub) -> list[WriteAccount]:
    """Oldest first, so that a release follows its block."""
    found: dict[str, WriteAccount] = {}
    for run in left_log.runs(hub.store.archive):
        account_writes(found, run)
    with hub.store.read() as connection:
        known = lost.statuses(connection, found)
    unknown = [each for id_, each in found.items() if known.get(id_) in _KNOWN[each.fate]]
    return sorted(unknown, key=lambda each: each.writing.at)


def _write(
    hub: Hub, connection: Connection, each: WriteAccount, on: date, done: WritesFound
) -> list[Event]:
    writing, events = each.writing, list[Event]()
    if write_backs.named(connection, writing.write_back) is None:
        client = client_named(connection, writing.source, writing.client)
        block = None if client is None else _block(hub, connection, client.id, each, on, events)
        if block is None:
            done.problems.append(_nowhere(each))
            return events
        lost.write(connection, block, writing)
    sure = each.fate is Fate.LEFT
    status = WriteBackStatus.DONE if sure else WriteBackStatus.UNCERTAIN
    _set(hub, connection, each, status)
    pending = write_backs.named(connection, writing.write_back)
    assert pending is not None
    if sure:
        note_in_block(connection, pending, hub.now())
    done.written += sure
    done.in_doubt += not sure
    why = FOUND if sure else IN_DOUBT
    return [*events, answer_event(pending, status, why, on, ACTOR)]


def _block(
    hub: Hub,
    connection: Connection,
    client: int,
    each: WriteAccount,
    on: date,
    events: list[Event],
) -> OrderBlock | None:
    """The block that the change belongs to, made or released as it was; None: there is no place
    for it."""
    writing = each.writing
    if writing.kind == WriteBackKind.RELEASE_ORDERS:
        return _released(hub, connection, each)
    there = order_blocks.active(connection, client)
    block = lost.block_again(connection, client, writing, hub.now())
    if lost.has_write(connection, block.id, WriteBackKind.BLOCK_ORDERS):
        return None
    if there is None:
        events.append(_blocked(block, each, on))
    return block


def _released(hub: Hub, connection: Connection, each: WriteAccount) -> OrderBlock | None:
    writing = each.writing
    block = lost.block_of_write(connection, writing.block)
    if block is None or lost.has_write(connection, block.id, WriteBackKind.RELEASE_ORDERS):
        return None
    order_blocks.release(
        connection,
        block.id,
        by=writing.released_by,
        reason=writing.release_reason,
        on=writing.released_on or writing.on,
        at=hub.now(),
    )
    return block


def _set(hub: Hub, connection: Connection, each: WriteAccount, status: WriteBackStatus) -> None:
    before = replaced(each)
    was = [one for one in _KNOWN[each.fate] if one is not None]
    if status is WriteBackStatus.UNCERTAIN:
        write_backs.change(
            connection,
            each.writing.write_back,
            was,
            status=status,
            reason=IN_DOUBT,
            claimed_by="",
            next_attempt_at=hub.now(),
            before=before,
        )
        return
    assert each.written is not None
    write_backs.change(
        connection,
        each.writing.write_back,
        was,
        status=status,
        reason=FOUND,
        claimed_by="",
        next_attempt_at=None,
        done_at=each.written.at,
        ref=each.written.ref,
        before=before,
    )


def _blocked(block: OrderBlock, each: WriteAccount, on: date) -> Event:
    made = Blocked(
        block=block.id,
        new=True,
        erp=LeftToErp.THERE_ALREADY,
        since=block.made_on,
        release=Release(each.writing.release_when),
    )
    return block_event(
        made, block, reason=block.reason, by=block.made_by or ACTOR, on=on, step=None
    )


def _nowhere(each: WriteAccount) -> Text:
    writing = each.writing
    words = {
        WriteBackKind.BLOCK_ORDERS: text("blocked"),
        WriteBackKind.RELEASE_ORDERS: text("released"),
    }
    return text(
        "{source}/{client} was {what} in its ERP on {day}, and the database has no place for that: "
        "look whether its block there is as it should be",
        source=writing.source,
        client=writing.client,
        what=words[WriteBackKind(writing.kind)],
        day=writing.on,
    )
