"""The order block by hand: block a client, release it, settle what is written into the ERP."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, Literal

from incasso.domain.orders.blocks import InErp, Release
from incasso.domain.orders.write_back import FOR_PEOPLE, WriteBackStatus
from incasso.services import orders
from incasso.services.acts.act import Act, ActError, acting, need_actor, need_why
from incasso.services.orders.answers import answer_event, drop_if_over, note_in_block
from incasso.services.orders.block import block_event
from incasso.services.running.hub import Hub
from incasso.store.orders import order_blocks, write_backs
from incasso.store.proof import journal

Found = Literal["done", "not_done", "again"]

_ERP: Final = {
    "queued": "the next dispatch writes it into the ERP",
    "by hand": "block it in the ERP by hand too, then `incasso act write-back`",
    "theirs": "the ERP had blocked it already",
    "there already": "the ERP still shows the block before",
    "no": "nothing is written into the ERP",
}


def block_orders(hub: Hub, subject: str, *, by: str, on: date, why: str, keep: bool = False) -> str:
    """Take no more orders from a client, until it has paid or, with `keep`, until a person says.

    Without `keep` the company's rule ends it; a client that owes nothing past due is blocked until
    a person releases it. Raises ActError for anything but a client, and if it is blocked already.
    """
    need_why(why, "block orders")
    with acting(hub, subject, by=by, on=on, why=why) as act:
        client = _client(act)
        release = Release.MANUAL if keep else None
        made = orders.block(hub, act.connection, client, reason=why, by=by, on=on, release=release)
        if not made.new:
            raise ActError(f"{act.subject} is blocked already, since {made.since}.")
        act.events.append(block_event(made, act.subject, reason=why, by=by, on=on, step=None))
        ends = "by hand" if made.release is Release.MANUAL else "on payment"
        sentence = f"Orders blocked, released {ends}: {act.subject}; {_ERP[made.erp]}."
    return _with_feed(hub, sentence)


def release_orders(hub: Hub, subject: str, *, by: str, on: date, why: str) -> str:
    """Take orders from a client again; what was written into the ERP is given back.

    Raises ActError if the hub does not block the client.
    """
    need_why(why, "release orders")
    with acting(hub, subject, by=by, on=on, why=why) as act:
        block = order_blocks.active(act.connection, _client(act))
        if block is None:
            raise ActError(f"The hub does not block {act.subject}{_theirs(act)}.")
        ended = orders.release(
            hub,
            act.connection,
            block,
            source=act.subject.source,
            client=act.subject.client,
            by=by,
            reason=why,
            on=on,
        )
        if ended is None:
            raise ActError(f"The block of {act.subject} has just been released.")
        act.events.append(ended)
        sentence = f"Orders released: {act.subject}; in the ERP: {ended.facts['erp']}."
    return _with_feed(hub, sentence)


def settle_write_back(
    hub: Hub, write_back: str, *, by: str, on: date, why: str = "", found: Found
) -> str:
    """Say what a person did, or found, about a write-back that waits for people.

    `done`: it stands in the ERP now. `not_done`: it does not, and shall not. `again`: the hub tries
    once more. Raises ActError for one that does not wait for people.
    """
    with hub.store.write() as connection:
        need_actor(connection, by)
        row = write_backs.named(connection, write_back.strip())
        if row is None:
            raise ActError(f"There is no write-back {write_back}: see `incasso blocks writes`.")
        values = _values(hub, row.status, found)
        if not write_backs.change(connection, row.id, FOR_PEOPLE, reason=why, **values):
            raise ActError(f"write-back {row.id} is {row.status}: nothing for a person to say.")
        status = WriteBackStatus(values["status"])
        if status is WriteBackStatus.DONE:
            note_in_block(connection, row, hub.now())
        elif status is WriteBackStatus.CANCELLED and row.kind == write_backs.RELEASE:
            # What stands in the ERP stays there by the will of a person: its word from now on.
            order_blocks.set_erp(connection, row.block_id, InErp.NOTHING, hub.now())
        drop_if_over(connection, row, status)
        journal.record(connection, [answer_event(row, status, why, on, by)], at=hub.now())
    words = {"done": "it stands in the ERP", "not_done": "given up", "again": "tried again"}
    return f"Write-back {row.id} of {row.source}/{row.client}: {words[found]}."


def _values(hub: Hub, was: str, found: Found) -> dict[str, Any]:
    match found:
        case "done":
            by_hand = was == WriteBackStatus.MANUAL
            return {"status": WriteBackStatus.DONE.value, "done_at": hub.now(), "by_hand": by_hand}
        case "not_done":
            return {"status": WriteBackStatus.CANCELLED.value, "next_attempt_at": None}
    if was == WriteBackStatus.UNCERTAIN:  # once in doubt, in doubt until it is done
        return {
            "status": WriteBackStatus.UNCERTAIN.value,
            "next_attempt_at": hub.now(),
            "attempts": 0,
        }
    return {"status": WriteBackStatus.QUEUED.value, "next_attempt_at": None, "attempts": 0}


def _client(act: Act) -> int:
    if act.subject.kind != "client":
        raise ActError(
            f"Orders are blocked for a client, not for {act.subject}: "
            f"`client {act.subject.source}/{act.subject.client}`."
        )
    return act.subject.id


def _theirs(act: Act) -> str:
    """The ERP's own block is released in the ERP: say so."""
    client = order_blocks.lock_client(act.connection, act.subject.id)
    return "; the ERP does: release it there" if client.blocked else ""


def _with_feed(hub: Hub, sentence: str) -> str:
    """Order programs that read the feed should not wait for the next cycle."""
    return " ".join([sentence, *(f"{problem}." for problem in orders.feed_problems(hub))])
