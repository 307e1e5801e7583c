"""Applies an ERP's answer to a write-back, its block and the journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection

from incasso.contract.text import text
from incasso.domain.orders.blocks import InErp
from incasso.domain.orders.write_back import NEVER_LEFT, WriteBackStatus
from incasso.store.orders import order_blocks, write_backs
from incasso.store.orders.write_backs import Change, StoredWriteBack
from incasso.store.proof.journal import Event

UNDONE: Final = text("in doubt, and undone since")
RELEASED_FIRST: Final = text("released before it was written")


@dataclass(frozen=True)
class Answer:
    """The new state of a write-back, and why."""

    status: WriteBackStatus
    reason: str = ""
    again: datetime | None = None
    """When it is tried again; None: as soon as possible if queued, never if in doubt."""
    burned: bool = True
    """Whether the attempt counts: not if the ERP as a whole could not be reached."""
    ref: str = ""
    before: Mapping[str, str] | None = None
    begun: bool = False
    """Whether it had been marked as `sending`: else the ERP was not asked to change anything."""


def keep(
    connection: Connection,
    write_back: StoredWriteBack,
    answer: Answer,
    *,
    owner: str,
    on: date,
    now: datetime,
) -> tuple[WriteBackStatus | None, list[Event]]:
    """Stores the answer; returns the new status (None: somebody else settled it meanwhile).

    A write-back that was once in doubt stays so until it is done: a later "not now" says nothing
    about the first try.
    """
    status = answer.status
    if write_back.status is WriteBackStatus.UNCERTAIN and status is not WriteBackStatus.DONE:
        status = WriteBackStatus.UNCERTAIN
    values: Change = {
        "status": status,
        "claimed_by": "",
        "reason": answer.reason,
        "next_attempt_at": answer.again or (now if _at_once(status, answer) else None),
        "attempts": write_back.attempts + 1 if answer.burned else write_back.attempts,
    }
    if status is WriteBackStatus.DONE:
        values |= {"done_at": now, "ref": answer.ref}
        if write_back.kind is write_backs.BLOCK:
            values["before"] = answer.before
    if not write_backs.answered(connection, write_back, owner if answer.begun else None, **values):
        return None, []
    if status is WriteBackStatus.DONE:
        note_in_block(connection, write_back, now)
    drop_if_over(connection, write_back, status)
    return status, [] if status is WriteBackStatus.QUEUED else [
        answer_event(write_back, status, answer.reason, on)
    ]


def note_in_block(connection: Connection, write_back: StoredWriteBack, now: datetime) -> None:
    """Records that the ERP's flag was set by us, or no longer is."""
    blocks = write_back.kind is write_backs.BLOCK
    order_blocks.set_erp(
        connection, write_back.block_id, InErp.WRITTEN if blocks else InErp.RESTORED, now
    )
    if blocks:
        return
    written = write_backs.of_block(connection, write_back.block_id).get(write_backs.BLOCK)
    if written is not None:
        write_backs.cancel(connection, written.id, [WriteBackStatus.UNCERTAIN], UNDONE)


def answer_event(
    write_back: StoredWriteBack,
    status: WriteBackStatus,
    reason: str,
    on: date,
    actor: str = "dispatch",
) -> Event:
    """The journal's words."""
    return Event(
        kind=f"write_back.{status}",
        actor=actor,
        on=on,
        source=write_back.source,
        client=write_back.client,
        subject=f"write-back {write_back.id}",
        facts={
            "kind": write_back.kind,
            "why": reason,
            "block": write_back.block_id,
            "by": write_back.made_by,
        },
    )


def _at_once(status: WriteBackStatus, answer: Answer) -> bool:
    """In doubt, and the ERP as a whole was away: as soon as it is back."""
    return status is WriteBackStatus.UNCERTAIN and not answer.burned


def drop_if_over(
    connection: Connection, write_back: StoredWriteBack, status: WriteBackStatus
) -> None:
    """Settles a block that ended while it was being written; without effect, nothing to undo."""
    over = write_back.kind is write_backs.BLOCK and not order_blocks.is_active(
        connection, write_back.block_id
    )
    if not over or status is WriteBackStatus.DONE:
        return
    if status is WriteBackStatus.UNCERTAIN:  # its release undoes it, whether or not it happened
        write_backs.change(connection, write_back.id, [status], next_attempt_at=None)
        return
    write_backs.cancel(connection, write_back.id, [status], RELEASED_FIRST)
    release = write_backs.of_block(connection, write_back.block_id).get(write_backs.RELEASE)
    if release is not None:
        write_backs.cancel(connection, release.id, NEVER_LEFT, RELEASED_FIRST)
