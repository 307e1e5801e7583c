"""After a copy of the database was put back: account for what left, then let messages leave again.

The ledger is read first, so that clients and installments of the lost days are known. Then every
message that the log beside the archive names and the database does not is written down, and the
anchor is set on this journal, with an event that says so. Killed half-way it is started again.
"""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from incasso.contract.errors import IncassoError
from incasso.domain.acts.work import Work
from incasso.domain.office.actor import CLOCK, Actor
from incasso.domain.proof.standing import Standing
from incasso.services.hub.hub import Hub
from incasso.services.ledger.sync import sync
from incasso.services.office.actors import begin
from incasso.services.proof.standing import Judged, judge
from incasso.services.proof.verify import RECOVERED
from incasso.services.sending.lost import Accounted, account_for_lost, counts
from incasso.store.proof import anchor, elsewhere, journal, known_key
from incasso.store.proof.journal import Event
from incasso.store.sending.dispatcher_lock import take_turn


class RecoverReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was found and done."""

    standing: Standing
    """How the database stood before."""
    since: datetime | None
    """When the journal of this database ended before: what people did since is lost."""
    lost_batches: int
    """Of the journal that the anchor remembers."""
    left: int
    in_doubt: int
    not_left: int
    problems: tuple[str, ...]
    anchored: bool
    """Whether the anchor was set on this journal now; False: it was already."""


def recover(hub: Hub, actor: Actor, on: date, *, new_key: bool = False) -> RecoverReport:
    """Account for what left since the copy was made; idempotent, sends nothing.

    `new_key` makes a new key of the hub where the old one is lost. Raises ActorError, BusyError,
    HubKeyError.
    """
    begin(hub, actor, Work.RECOVER, on)
    with hub.store.read() as connection:
        since = journal.ended_at(connection)
    judged = judge(hub.store)
    problems = _read_ledgers(hub, on)
    if new_key:
        _make_key(hub)
    with take_turn(hub.store) as turn:
        done = account_for_lost(hub, turn, on, put_back=judged.standing is not Standing.GOOD)
    anchored = judged.standing is not Standing.GOOD or bool(done.left or done.in_doubt)
    if anchored:
        _anchor_again(hub, actor, on, judged, done)
    there = judged.anchor.last_batch if judged.anchor else 0
    return RecoverReport(
        standing=judged.standing,
        since=since,
        lost_batches=max(0, there - judged.last_batch),
        left=done.left,
        in_doubt=done.in_doubt,
        not_left=done.not_left,
        problems=(*problems, *done.problems),
        anchored=anchored,
    )


def _read_ledgers(hub: Hub, on: date) -> list[str]:
    """A ledger that cannot be read leaves its clients as the copy knows them."""
    problems = []
    for connector in hub.registry.connectors():
        try:
            sync(hub, CLOCK, connector.id, on)
        except IncassoError as error:
            problems.append(f"{connector.id}: {error}")
    return problems


def _make_key(hub: Hub) -> None:
    key = anchor.of(hub.store).key
    if key is not None and key.create():
        with hub.store.write() as connection:
            known_key.remember(connection, key.public())


def _anchor_again(hub: Hub, actor: Actor, on: date, judged: Judged, done: Accounted) -> None:
    """The event first: an anchor never stands on a journal that does not say how it came there."""
    anchorage, before = anchor.of(hub.store), judged.anchor
    epoch = before.epoch + 1 if before else 1
    facts = {
        "standing": judged.standing.value,
        "from_batch": judged.last_batch,
        "epoch": epoch,
        "counts": dict(counts(done)),
        "before": msgspec.to_builtins(before) if before else None,
    }
    now = hub.now()
    with hub.store.write() as connection:
        event = Event(kind=RECOVERED, actor=actor.trace("recover"), on=on, facts=facts)
        journal.record(connection, [event], at=now)
        head = journal.head(connection)
        if anchorage.key is not None and anchorage.key.exists:
            known_key.remember(connection, anchorage.key.public())
    elsewhere.copy_to(anchorage.places, anchorage.renew(head, now, epoch))
