"""What an ERP answered to a write-back, and what follows for it, its block and the journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row

from incasso.domain.orders.blocks import InErp
from incasso.domain.orders.write_back import NEVER_LEFT, WriteBackStatus
from incasso.store.orders import order_blocks, write_backs
from incasso.store.proof.journal import Event

UNDONE: Final = "in doubt, and undone since"


@dataclass(frozen=True)
class Answer:
    """The state a write-back comes to, and why."""

    status: WriteBackStatus
    reason: str = ""
    again: datetime | None = None
    """When it is tried again; None: as soon as possible if queued, never if in doubt."""
    burned: bool = True
    """Whether the attempt counts: not if the ERP as a whole could not be reached."""
    ref: str = ""
    before: Mapping[str, str] | None = None
    begun: bool = False
    """Whether it had been marked as `sending`: else nobody had asked the ERP to change anything."""


def keep(
    connection: Connection, row: Row[Any], answer: Answer, *, owner: str, on: date, now: datetime
) -> tuple[WriteBackStatus | None, list[Event]]:
    """Write the answer down; the status it came to (None: somebody else settled it meanwhile).

    A write-back that was once in doubt stays so until it is done: a later "not now" says nothing
    about the first try.
    """
    status = answer.status
    if row.status == WriteBackStatus.UNCERTAIN and status is not WriteBackStatus.DONE:
        status = WriteBackStatus.UNCERTAIN
    values: dict[str, Any] = {
        "status": status.value,
        "claimed_by": "",
        "reason": answer.reason,
        "next_attempt_at": answer.again or (now if _at_once(status, answer) else None),
        "attempts": row.attempts + 1 if answer.burned else row.attempts,
    }
    if status is WriteBackStatus.DONE:
        values |= {"done_at": now, "ref": answer.ref}
        if row.kind == write_backs.BLOCK:
            values["before"] = answer.before
    if not write_backs.answered(connection, row, owner if answer.begun else None, **values):
        return None, []
    if status is WriteBackStatus.DONE:
        note_in_block(connection, row, now)
    drop_if_over(connection, row, status)
    return status, [] if status is WriteBackStatus.QUEUED else [
        answer_event(row, status, answer.reason, on)
    ]


def note_in_block(connection: Connection, row: Row[Any], now: datetime) -> None:
    """From now on the ERP's flag is our doing, or no longer is."""
    blocks = row.kind == write_backs.BLOCK
    order_blocks.set_erp(connection, row.block_id, InErp.WRITTEN if blocks else InErp.RESTORED, now)
    if blocks:
        return
    written = write_backs.of_block(connection, row.block_id).get(write_backs.BLOCK)
    if written is not None:
        values = {"status": WriteBackStatus.CANCELLED.value, "reason": UNDONE}
        write_backs.change(connection, written.id, [WriteBackStatus.UNCERTAIN], **values)


def answer_event(
    row: Row[Any], status: WriteBackStatus, reason: str, on: date, actor: str = "dispatch"
) -> Event:
    """The journal's words."""
    return Event(
        kind=f"write_back.{status.value}",
        actor=actor,
        on=on,
        source=row.source,
        client=row.client,
        subject=f"write-back {row.id}",
        facts={"kind": row.kind, "why": reason, "block": row.block_id, "by": row.made_by},
    )


def _at_once(status: WriteBackStatus, answer: Answer) -> bool:
    """In doubt, and the ERP as a whole was away: as soon as it is back."""
    return status is WriteBackStatus.UNCERTAIN and not answer.burned


def drop_if_over(connection: Connection, row: Row[Any], status: WriteBackStatus) -> None:
    """A block that ended while it was being written: what did not happen need not be undone."""
    over = row.kind == write_backs.BLOCK and not order_blocks.is_active(connection, row.block_id)
    if not over or status is WriteBackStatus.DONE:
        return
    if status is WriteBackStatus.UNCERTAIN:  # its release undoes it, whether or not it happened
        write_backs.change(connection, row.id, [status], next_attempt_at=None)
        return
    cancelled = {
        "status": WriteBackStatus.CANCELLED.value,
        "reason": "released before it was written",
    }
    write_backs.change(connection, row.id, [status], **cancelled)
    release = write_backs.of_block(connection, row.block_id).get(write_backs.RELEASE)
    if release is not None:
        write_backs.change(connection, release.id, NEVER_LEFT, **cancelled)
