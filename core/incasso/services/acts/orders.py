"""The order block by a person: block a client, release it, settle what goes into the ERP."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from incasso.contract.text import Text, text
from incasso.domain.acts.orders import BlockOrders, ReleaseOrders, SettleWriteBack
from incasso.domain.orders.blocks import InErp, LeftToErp, Release
from incasso.domain.orders.write_back import FOR_PEOPLE, WriteBackStatus
from incasso.services.acts.doing import ActError, Doing, carry_out, client_name
from incasso.services.orders.answers import answer_event, drop_if_over, note_in_block
from incasso.services.orders.block import block, block_event
from incasso.services.orders.feed import feed_problems
from incasso.services.orders.release import release as release_block
from incasso.store.orders import order_blocks, write_backs
from incasso.store.orders.write_backs import Change

_ERP: Final[Mapping[str, Text]] = {
    LeftToErp.QUEUED: text("the next dispatch writes it into the ERP"),
    LeftToErp.BY_HAND: text("block it in the ERP by hand too, then `incasso act write-back`"),
    LeftToErp.THEIRS: text("the ERP had blocked it already"),
    LeftToErp.THERE_ALREADY: text("the ERP still shows the block before"),
    LeftToErp.NOTHING: text("nothing is written into the ERP"),
}


@carry_out.register
def _block_orders(act: BlockOrders, doing: Doing) -> Text:
    release = Release.MANUAL if act.keep else None
    made = block(
        doing.office,
        doing.connection,
        _client(doing),
        reason=act.why,
        by=doing.by,
        on=doing.on,
        release=release,
    )
    if not made.new:
        raise ActError(
            text("{subject} is blocked already, since {day}.", subject=doing.named, day=made.since)
        )
    doing.events.append(
        block_event(made, doing.subject, reason=act.why, by=doing.by, on=doing.on, step=None)
    )
    doing.afterwards.append(lambda: _feed_problems(doing))
    by_hand = made.release is Release.MANUAL
    return text(
        "Orders blocked, released {ends}: {subject}; {erp}.",
        ends=text("by hand") if by_hand else text("on payment"),
        subject=doing.named,
        erp=_ERP[made.erp],
    )


@carry_out.register
def _release_orders(act: ReleaseOrders, doing: Doing) -> Text:
    """The hub must block the client."""
    active = order_blocks.active(doing.connection, _client(doing))
    if active is None:
        raise ActError(_not_blocked(doing))
    ended = release_block(
        doing.office,
        doing.connection,
        active,
        by=doing.by,
        reason=act.why,
        on=doing.on,
    )
    if ended is None:
        raise ActError(text("The block of {subject} has just been released.", subject=doing.named))
    doing.events.append(ended)
    doing.afterwards.append(lambda: _feed_problems(doing))
    return text(
        "Orders released: {subject}; in the ERP: {erp}.",
        subject=doing.named,
        erp=ended.facts["erp"],
    )


@carry_out.register
def _settle_write_back(act: SettleWriteBack, doing: Doing) -> Text:
    """Only what waits for people can be settled by one."""
    write_back = write_backs.named(doing.connection, doing.key)
    assert write_back is not None
    values = _change(doing, write_back.status, act)
    if not write_backs.change(doing.connection, write_back.id, FOR_PEOPLE, **values):
        raise ActError(
            text(
                "write-back {id} is {status}: nothing for a person to say.",
                id=write_back.id,
                status=write_back.status,
            )
        )
    status = values["status"]
    now = doing.office.now()
    if status is WriteBackStatus.DONE:
        note_in_block(doing.connection, write_back, now)
    elif status is WriteBackStatus.CANCELLED and write_back.kind is write_backs.RELEASE:
        # A person decided to leave the ERP as it is: from now on the ERP's value counts.
        order_blocks.set_erp(doing.connection, write_back.block_id, InErp.NOTHING, now)
    drop_if_over(doing.connection, write_back, status)
    doing.events.append(answer_event(write_back, status, act.why, doing.on, doing.by))
    return text(
        "Write-back {id} of {client}: {found}.",
        id=write_back.id,
        client=f"{write_back.source}/{write_back.client}",
        found=_FOUND[act.found],
    )


_FOUND: Final = {
    "done": text("it stands in the ERP"),
    "not_done": text("given up"),
    "again": text("tried again"),
}


def _change(doing: Doing, was: WriteBackStatus, act: SettleWriteBack) -> Change:
    now, why = doing.office.now(), act.why
    match act.found:
        case "done":
            by_hand = was is WriteBackStatus.MANUAL
            done = WriteBackStatus.DONE
            return {"status": done, "done_at": now, "by_hand": by_hand, "reason": why}
        case "not_done":
            cancelled = WriteBackStatus.CANCELLED
            return {"status": cancelled, "next_attempt_at": None, "reason": why}
    if was is WriteBackStatus.UNCERTAIN:  # once in doubt, in doubt until it is done
        return {"status": was, "next_attempt_at": now, "attempts": 0, "reason": why}
    queued = WriteBackStatus.QUEUED
    return {"status": queued, "next_attempt_at": None, "attempts": 0, "reason": why}


def _client(doing: Doing) -> int:
    if doing.subject.kind != "client":
        raise ActError(
            text(
                "Orders are blocked for a client, not for {subject}: `{client}`.",
                subject=doing.named,
                client=client_name(doing.subject),
            )
        )
    return doing.subject.id


def _not_blocked(doing: Doing) -> Text:
    """The ERP's own block is released in the ERP: say so."""
    if order_blocks.lock_client(doing.connection, doing.subject.id).blocked:
        return text(
            "The hub does not block {subject}; the ERP does: release it there.",
            subject=doing.named,
        )
    return text("The hub does not block {subject}.", subject=doing.named)


def _feed_problems(doing: Doing) -> Iterable[Text]:
    """Order programs that read the feed should not wait for the next cycle."""
    return (text("{problem}.", problem=each) for each in feed_problems(doing.office))
