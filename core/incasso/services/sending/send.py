"""Hands messages to their channels; a crash loses none and sends none twice.

A group is marked `sending` in one commit, together with the answers to the group before it. Which
of the group really began stands in the log of what leaves, on the disk before the channel is
called: after a crash those without that line are certainly not sent, and at most one is in doubt,
or as many as the channel has connections.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from itertools import groupby
from threading import Event as Signal
from typing import Final

from sqlalchemy.exc import OperationalError

from incasso.contract.text import Text
from incasso.services.hub.hub import Hub
from incasso.services.sending.answers import (
    Accepted,
    Answer,
    Doubtful,
    NotBegun,
    write,
)
from incasso.services.sending.budgets import Budgets, costs_of
from incasso.services.sending.composed import Leaving
from incasso.services.sending.hand_over import HandOver
from incasso.services.sending.lanes import Marked, in_lanes
from incasso.services.sending.opted_out import refusals_in
from incasso.store.proof import journal
from incasso.store.proof.journal import Event
from incasso.store.proof.left_log import LeftLog
from incasso.store.sending import notice_ends, outbox_group, spending
from incasso.store.sending.dispatcher_lock import DispatcherTurn

TRIES: Final = 5
"""PostgreSQL breaks a deadlock by refusing one side; what was sent is written all the same."""

FRESH: Final = timedelta(seconds=60)
"""After this time payments and holds are rechecked before more messages leave."""

GROUP: Final = 25
"""Messages marked in one commit: a commit costs as much as sending a message."""

GROUP_TIME: Final = timedelta(seconds=10)
"""No message of a group begins later. On PostgreSQL a dispatcher whose connection broke counts as
dead after 60 s: by then its last call of 30 s must be over."""


class Sender:
    """Sends what is ready to leave, group after group, in one dispatcher's turn."""

    def __init__(
        self,
        hub: Hub,
        turn: DispatcherTurn,
        on: date,
        on_answers: Callable[[Sequence[Answer], Sequence[Event]], None],
        log: LeftLog,
        *,
        channels: HandOver,
        ending: Signal,
    ) -> None:
        """`channels` are those of the dispatch; once `ending` is set no message begins."""
        self._hub = hub
        self._turn = turn
        self._on = on
        self._on_answers = on_answers
        self._log = log
        self._channels = channels
        self._ending = ending
        self._budgets = Budgets(on)
        self._over_budget: Mapping[str, Text] = {}
        """Channels whose budget does not bear what comes after the present group."""
        self._answers: list[Answer] = []
        """To messages of the last group, not committed yet."""
        self.stopped = self._channels.stopped

    def send(self, messages: Sequence[Leaving], looked_at: datetime) -> Sequence[Leaving]:
        """Send them in order; those of a stopped channel stay queued, and all when it ends.

        Returns the rest when the recheck of payments and holds, `looked_at`, is too old.
        """
        waiting, begun = deque(messages), False
        try:
            while waiting and not self._ending.is_set():
                if begun and self._hub.now() - looked_at > FRESH:
                    return tuple(waiting)
                began_at = self._hub.now()
                group = self._commit(self._next(waiting), began_at)
                late = self._send_group(group, began_at)
                waiting.extendleft(reversed(late))
                self._stop_over_budget(late)
                begun = True
        finally:
            if self._answers:
                self._commit((), self._hub.now())
        return ()

    def _next(self, waiting: deque[Leaving]) -> list[Leaving]:
        """The next group, taken out of those that wait."""
        group: list[Leaving] = []
        while waiting and len(group) < GROUP:
            message = waiting.popleft()
            if message.channel.id not in self.stopped:
                group.append(message)
        return group

    def _send_group(self, group: Sequence[Leaving], began_at: datetime) -> Sequence[Leaving]:
        """Send what was marked; returns what did not begin in time, which is put back first."""
        rest = deque(list(of_one) for _, of_one in groupby(group, lambda each: each.channel.id))
        try:
            while rest and not self._is_late(began_at):
                marked = Marked(rest.popleft())
                try:
                    in_lanes(marked, partial(self._lane, marked, began_at))
                finally:
                    if left := marked.rest():
                        rest.appendleft(left)
        finally:
            waiting = [message for of_one in rest for message in of_one]
            self._answers += map(NotBegun, waiting)
        return waiting

    def _lane(self, marked: Marked, began_at: datetime) -> None:
        """Begin one message after the other, as long as their time lasts."""
        while not self._is_late(began_at) and (message := marked.take()) is not None:
            if message.channel.id in self.stopped:
                self._answers.append(NotBegun(message))
                continue
            try:
                self._log.begin(message.delivery)
            except BaseException:
                marked.put_back(message)
                raise
            if self._is_late(began_at):  # it slept in between, and may count as dead
                self._log.not_left(message.delivery)
                marked.put_back(message)
                return
            answer = self._channels.hand_over(message)
            self._answers.append(answer)
            self._note(answer)

    def _is_late(self, began_at: datetime) -> bool:
        return self._ending.is_set() or self._hub.now() - began_at > GROUP_TIME

    def _commit(self, group: Iterable[Leaving], now: datetime) -> Sequence[Leaving]:
        """Commits the answers so far, and that a group is about to be sent; what is left of it."""
        for tried in range(1, TRIES + 1):
            try:
                return self._committed(tuple(group), now)
            except OperationalError:
                if tried == TRIES:
                    raise
        raise AssertionError("unreachable")

    def _committed(self, group: Sequence[Leaving], now: datetime) -> Sequence[Leaving]:
        owner = self._turn.owner
        with self._turn.write() as connection:
            events = write(connection, self._answers, owner, self._on, now)
            language = self._hub.config.language
            events += refusals_in(connection, self._answers, on=self._on, language=language)
            group, over_budget = self._budgets.within(connection, group)
            begun = outbox_group.begin(connection, [_claimed(each) for each in group], owner, now)
            told = [
                each.step.id
                for each in group
                if each.step.notice is not None and each.delivery in begun
            ]
            if told:
                notice_ends.begun(connection, told)
            spending.expect(
                connection, costs_of([each for each in group if each.delivery in begun])
            )
            # Last, because other writers of the journal wait for us from here on.
            journal.record(connection, events, at=now)
        answers, self._answers = self._answers, []  # committed; what comes next may be interrupted
        self._on_answers(answers, events)
        self._over_budget = over_budget
        return [each for each in group if each.delivery in begun]

    def _stop_over_budget(self, late: Sequence[Leaving]) -> None:
        """After the group that its budget still bore; not where some of that is left."""
        going_on = {each.channel.id for each in late}
        for channel, why in self._over_budget.items():
            if channel not in going_on:
                self.stopped[channel] = why

    def _note(self, answer: Answer) -> None:
        """What became of it, for recovery after a crash and for a database that is put back."""
        delivery = answer.message.delivery
        match answer:
            case Accepted(_, receipt):
                self._log.left(delivery, receipt.ref, receipt.at)
            case Doubtful():
                self._log.doubtful(delivery)
            case _:
                self._log.not_left(delivery)


def _claimed(message: Leaving) -> outbox_group.Claimed:
    step = message.step
    return outbox_group.Claimed(message.delivery, step.id, step.medium, step.total)
