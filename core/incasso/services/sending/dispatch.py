"""Carries out what is due today: messages through their channels, the rest in the database."""

from __future__ import annotations

from contextlib import closing
from datetime import date, timedelta
from typing import Final

import msgspec

from incasso.domain.acts.work import Work
from incasso.domain.office.actor import Actor
from incasso.domain.sending.routes import Routes
from incasso.services.hub.hub import Hub
from incasso.services.office.actors import begin
from incasso.services.orders.after_sync import update_blocks
from incasso.services.orders.feed import feed_problems
from incasso.services.orders.write_back import write_back
from incasso.services.proof.stamping import stamp_day
from incasso.services.proof.standing import may_leave
from incasso.services.sending.budgets import budget_notes
from incasso.services.sending.in_house import carry_out_in_house
from incasso.services.sending.lost import place_returned
from incasso.services.sending.recover import PATIENCE, recover
from incasso.services.sending.report import DispatchReport
from incasso.services.sending.run import Run
from incasso.services.sending.side_by_side import Progress, send_all
from incasso.services.sending.telling import tell, tidy
from incasso.services.sending.trial import try_dispatch
from incasso.store.sending import outbox, outbox_queue
from incasso.store.sending.dispatcher_lock import take_turn


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What of a dispatch is done here; other processes may do the rest before, beside and after."""

    house: bool = False
    """What is done in the database, before the messages."""
    messages: bool = False
    routes: Routes | None = None
    """Only messages that go by these; None: all."""
    ahead: bool = True
    """Whether a second process may write what leaves next: others have no use for the cores."""
    orders: bool = False
    """After the messages: order blocks into the ERPs, the stamp of the day."""


WHOLE: Final = Part(house=True, messages=True, orders=True)


def dispatch(
    hub: Hub,
    actor: Actor,
    on: date,
    really_send: bool = True,
    progress: Progress | None = None,
    *,
    patience: timedelta = PATIENCE,
    part: Part = WHOLE,
    longest_rest: timedelta = timedelta(0),
) -> DispatchReport:
    """Carry out every ready step that needs no person. Safe to kill and to start again.

    With `really_send` False nothing leaves and nothing changes: the report says what would.
    `patience` is how long a silent dispatcher on another machine counts as alive. A channel that is
    asked to slow down goes on after a rest of at most `longest_rest`, or as long as other channels
    have something to do; else the report says until when it rests. Raises
    BusyError where only one dispatcher may work and another does, ActorError, BehindError.
    """
    if not really_send:
        return try_dispatch(hub, on, progress)
    begin(hub, actor, Work.DISPATCH, on)
    may_leave(hub)
    with take_turn(hub.store) as turn:
        run = Run(hub, turn, on, part.routes, ahead=part.ahead, longest_rest=longest_rest)
        run.tally.recovered.update(recover(hub, turn, on, patience=patience))
        if part.house:
            _do_house(run)
        with closing(run.log):
            if part.messages:
                send_all(run, progress)
                if _copies_wait(run):
                    send_all(run, progress)
            if part.orders:
                announce = run.announcer.before
                run.tally.blocks.written = write_back(
                    hub, turn, on, run.log, announce, patience=patience
                )
        if part.orders:
            tidy(run)
        with turn.write() as connection:
            if part.orders:
                outbox.cancel_orphans(connection, at=hub.now())
            outbox_queue.unclaim(connection, turn.owner)
    run.tally.halted = list(run.channels.halted.values())
    clock = hub.config.timezone
    run.tally.resting = {id: at.astimezone(clock) for id, at in run.channels.resting.items()}
    run.announcer.end()
    run.tally.unprotected += run.announcer.refused
    if part.orders:
        run.tally.unstamped = stamp_day(hub)
        run.tally.blocks.problems = feed_problems(hub)
        run.tally.budgets = budget_notes(hub, on)
    return run.tally.report(on, really_sent=True)


def _do_house(run: Run) -> None:
    """What needs no channel."""
    place_returned(run.hub, run.turn, run.on)
    run.tally.blocks.settled = update_blocks(run.hub, run.turn, run.on)
    run.tally.carried_out.update(carry_out_in_house(run.hub, run.turn, run.on))
    tell(run)


def _copies_wait(run: Run) -> bool:
    """Whether a copy may leave now of a message that has just left, perhaps by another channel."""
    with run.hub.store.read() as connection:
        return outbox_queue.copies_wait(connection, run.on, run.hub.now(), run.routes)
