"""After a copy of the database was put back: account for what left, then let messages leave again.

Where the log is not whole, what left is not known: messages stay where they are until a manager
accepts that, and then whatever may have left already waits for a person's approval.

The ledger is read first, so that clients and installments of the lost days are known. Then every
message that the log beside the archive names and the database does not is written down, and the
anchor is set on this journal, with an event that says so. Killed half-way it is started again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

import msgspec

from incasso.contract.errors import IncassoError
from incasso.contract.text import text
from incasso.domain.acts.work import Work
from incasso.domain.office.actor import CLOCK, Actor
from incasso.domain.proof.standing import Standing
from incasso.services.hub.hub import Hub
from incasso.services.ledger.sync import sync
from incasso.services.office.actors import begin
from incasso.services.orders.lost import account_for_lost_writes, hold_writes
from incasso.services.proof import places
from incasso.services.proof.remembered import is_accounted, remembered, was_put_back
from incasso.services.proof.standing import Judged, judge
from incasso.services.proof.verify import RECOVERED
from incasso.services.recovery.plan import plan
from incasso.services.sending.answers import UNCERTAIN
from incasso.services.sending.lost import Accounted, account_for_lost, counts
from incasso.services.sending.traces import name_traces
from incasso.store.proof import anchor, journal, known_key
from incasso.store.proof.anchor import Anchor, Gap
from incasso.store.proof.hub_key import HubKeyError
from incasso.store.proof.journal import Event
from incasso.store.sending.dispatcher_lock import take_turn
from incasso.store.sending.unknown_gap import hold_back

_OF_COPIES: Final = (Standing.BEHIND, Standing.DIFFERENT, Standing.UNKNOWN_MESSAGES)

MAY_HAVE_LEFT: Final = text("it may have left already, before a copy was put back: look, approve")


class RecoverReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was found and done."""

    standing: Standing
    """How the database stood before."""
    since: datetime | None
    """When the journal of this database ended before: what people did since is lost."""
    put_back: bool | None
    """Whether a copy was put back; None: nobody can tell."""
    lost_batches: int
    """Of the journal that the anchor remembers."""
    left: int
    in_doubt: int
    not_left: int
    written: int
    """Order blocks and releases that were in the ERPs and are known again."""
    problems: tuple[str, ...]
    unknown: bool
    """Whether the proof of what left is missing, and nobody accepted that: nothing may leave."""
    unseen: str
    """Why the other places of the anchor cannot show how far the journal had come; empty: they do,
    or there are none."""
    held: int
    """Steps that may have left already and wait for approval now."""
    traced: int
    """Those of them for whose client a mail is known to have left, as their reason says."""
    anchored: bool
    """Whether the anchor was set on this journal now; False: it was already."""


def recover(
    hub: Hub, actor: Actor, on: date, *, new_key: bool = False, accept_unknown: str = ""
) -> RecoverReport:
    """Account for what left since the copy was made; idempotent, sends nothing.

    `new_key` makes a new key of the hub where the old one is lost. `accept_unknown` is a manager's
    reason to go on though nobody can tell what left. Raises ActorError, BusyError, HubKeyError.
    """
    _need_key(hub, new_key)
    begin(hub, actor, Work.RECOVER, on)
    with hub.store.read() as connection:
        since = journal.ended_at(connection)
    judged, latest = judge(hub.store), remembered(hub.store)
    unknown = not is_accounted(hub.store, judged, latest)
    problems = _read_ledgers(hub, on)
    with take_turn(hub.store) as turn:
        put_back = judged.standing is not Standing.GOOD
        done = account_for_lost(hub, turn, on, put_back=put_back)
        writes = account_for_lost_writes(hub, turn, on, put_back=put_back)
        if unknown and accept_unknown:
            hold_writes(hub, turn)
    held = _hold_back(hub, on, done) if unknown and accept_unknown else []
    traced = name_traces(hub, held, on)
    made = new_key and (not unknown or bool(accept_unknown)) and _make_key(hub)
    anchored = put_back or made or bool(done.left or done.in_doubt)
    if unknown and not accept_unknown:
        anchored = False
    if anchored:
        more: dict[str, object] = {
            "held": len(held),
            "accepted": accept_unknown if unknown else "",
            "new_key": made,
        }
        more |= {"written": writes.written, "writes_in_doubt": writes.in_doubt}
        _anchor_again(hub, actor, on, judged, latest, done, more)
    there = latest.last_batch if latest else 0
    return RecoverReport(
        standing=judged.standing,
        since=since,
        put_back=_is_put_back(hub, judged, latest) or (None if unknown else False),
        lost_batches=max(0, there - judged.last_batch),
        left=done.left,
        in_doubt=done.in_doubt,
        not_left=done.not_left,
        written=writes.written,
        problems=(*problems, *done.problems, *writes.problems),
        unknown=unknown and not accept_unknown,
        unseen=str(judged.unseen),
        held=len(held),
        traced=traced,
        anchored=anchored,
    )


def _is_put_back(hub: Hub, judged: Judged, latest: Anchor | None) -> bool:
    return was_put_back(hub.store, latest) or judged.standing in _OF_COPIES


def _read_ledgers(hub: Hub, on: date) -> list[str]:
    """A ledger that cannot be read leaves its clients as the copy knows them."""
    problems = []
    for connector in hub.registry.connectors():
        try:
            sync(hub, CLOCK, connector.id, on)
        except IncassoError as error:
            problems.append(f"{connector.id}: {error}")
    return problems


def _need_key(hub: Hub, new_key: bool) -> None:
    """A lost key, or another hub's, is never passed over. Raises HubKeyError."""
    key = anchor.of(hub.store).key
    with hub.store.read() as connection:
        expected = known_key.known(connection)
    if key is None or not expected or (new_key and not key.exists):
        return
    if not key.exists:
        raise HubKeyError(
            text(
                "The hub's key {file} is missing: put it back from its copy; if it is lost, "
                "`incasso recover --new-key` makes a new one",
                file=str(key.path),
            )
        )
    if key.public() != expected:
        raise HubKeyError(
            text(
                "{file} is not the key of this hub: put its own back; if that is lost, move this "
                "file away and call `incasso recover --new-key`",
                file=str(key.path),
            )
        )


def _make_key(hub: Hub) -> bool:
    key = anchor.of(hub.store).key
    return key is not None and key.create()


def _hold_back(hub: Hub, on: date, done: Accounted) -> list[int]:
    """Plan up to today, so that what fell due in the unknown time is there to be held back."""
    plan(hub, CLOCK, on)
    with hub.store.write() as connection:
        held, doubtful = hold_back(connection, MAY_HAVE_LEFT, UNCERTAIN)
    done.in_doubt += doubtful
    return held


def _anchor_again(
    hub: Hub,
    actor: Actor,
    on: date,
    judged: Judged,
    before: Anchor | None,
    done: Accounted,
    more: Mapping[str, object],
) -> None:
    """The event first: an anchor never stands on a journal that does not say how it came there."""
    anchorage = anchor.of(hub.store)
    epoch = before.epoch + 1 if before else 1
    facts = {
        "standing": judged.standing.value,
        "put_back": _is_put_back(hub, judged, before),
        "from_batch": judged.last_batch,
        "epoch": epoch,
        "counts": dict(counts(done)),
        "before": msgspec.to_builtins(before) if before else None,
        **more,
    }
    now = hub.now()
    with hub.store.write() as connection:
        event = Event(kind=RECOVERED, actor=actor.trace("recover"), on=on, facts=facts)
        journal.record(connection, [event], at=now)
        head = journal.head(connection)
        if anchorage.key is not None and anchorage.key.exists:
            known_key.remember(connection, anchorage.key.public())
    gap = before.gap if before else None
    if more["accepted"] or more["new_key"]:  # copies that the old key signed are nobody's now
        places.accept(hub.store, now)
    if more["accepted"]:
        gap = Gap(head.last_batch, head.hash)
    places.copied(hub.store, anchorage.renew(head, now, epoch, gap=gap))
