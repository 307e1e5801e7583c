"""The pages of one dispatch in their order; the next ones are written ahead where that pays."""

from __future__ import annotations

import os
from collections import deque
from datetime import date, timedelta
from typing import Final

from incasso.services.sending.composer_process import ComposerProcess
from incasso.services.sending.page import DispatchPage
from incasso.services.sending.run import PAGE, Run
from incasso.services.sending.written_ahead import Opening
from incasso.store.sending import outbox_queue
from incasso.store.sending.outbox_queue import ReadyStep

ENOUGH: Final = 1000
"""Steps that must wait to leave: to start a second process takes as long as to send 300."""

FIRST: Final = 25
"""Steps of the first page of a channel beside others: if it does not answer, writing more would
take time from those that do."""

_AHEAD: Final = 2
"""Pages that are looked at before their turn: while one is sent, the next is written."""

_QUICK: Final = timedelta(seconds=1)
"""A channel that needs longer for a page gets no larger one: what it writes before its time takes
the processor from channels that send as fast as it is written."""

_SLOW: Final = timedelta(seconds=5)
"""Where a page takes longer, writing it is the least of it, and its last look would be old."""


class Pages:
    """Claims pages, and has those in hand that do not leave yet."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._after = (date.min, 0)
        self._ahead: deque[DispatchPage] = deque()
        self._present: DispatchPage | None = None
        self._began = run.hub.now()
        self._slow = False
        self._size = FIRST if run.is_beside else PAGE
        self._composer = None if run.is_beside else _composer(run)
        self._may_ask = run.is_beside

    def next(self) -> DispatchPage | None:
        """The page whose turn it is. None: there is none, or its channel has stopped."""
        if self._run.is_over:
            return None
        now = self._run.hub.now()
        took, self._began = now - self._began, now
        self._slow = took > _SLOW
        if self._present is not None and took < _QUICK:
            self._grow()
        self._present = self._ahead.popleft() if self._ahead else self._claimed()
        self._look_ahead()
        return self._present

    def done(self, left_over: ReadyStep | None) -> int:
        """The present page has left, but for what begins with `left_over`, which is claimed again
        with everything that follows it. How many steps were dealt with."""
        assert self._present is not None
        steps = self._present.steps
        if left_over is None:
            return len(steps)
        self._after = left_over.due_on, left_over.id - 1
        self._ahead.clear()
        if self._composer is not None:
            self._composer.drop()
        self._unclaim()
        return sum((step.due_on, step.id) <= self._after for step in steps)

    def close(self) -> None:
        """Let go of pages that do not leave now, and end the other process. Harmless twice."""
        if self._ahead:
            self._ahead.clear()
            self._unclaim()
        if self._composer is None:
            return
        self._composer.close()
        self._composer = None
        if self._run.is_beside:
            self._run.helper.release()

    def _unclaim(self) -> None:
        with self._run.turn.write() as connection:
            outbox_queue.unclaim(connection, self._run.turn.owner)

    def _grow(self) -> None:
        """A channel that is quick among others gets whole pages, and the second process if nobody
        has it: for the others it would write what does not leave soon."""
        self._size = min(PAGE, 2 * self._size)
        if self._may_ask and self._run.helper.acquire(blocking=False):
            self._composer = _composer(self._run)
            if self._composer is None:
                self._run.helper.release()
        self._may_ask = False

    def _look_ahead(self) -> None:
        """Let the next pages be written."""
        if self._slow or self._composer is None or not self._composer.ready:
            return
        while len(self._ahead) < _AHEAD and (page := self._claimed()) is not None:
            page.write_ahead(self._composer, self._clients_in_hand())
            self._ahead.append(page)

    def _claimed(self) -> DispatchPage | None:
        run, now = self._run, self._run.hub.now()
        with run.turn.write() as connection:
            steps = outbox_queue.claim(
                connection, run.turn.owner, run.on, now, self._after, self._size, run.routes
            )
        if not steps:
            return None
        self._after = steps[-1].due_on, steps[-1].id
        return DispatchPage(run, steps)

    def _clients_in_hand(self) -> set[int]:
        pages = [*self._ahead, self._present]
        return {step.client_id for page in pages if page is not None for step in page.steps}


def _composer(run: Run) -> ComposerProcess | None:
    """A second process, if it saves time and has the same hub, and if no plugin has a say about
    each message: plugins are asked in this process only."""
    hub = run.hub
    if not run.ahead or not hub.opens_again or _cores() < 2 or hub.registry.asks_about_steps:
        return None
    with hub.store.read() as connection:
        if not outbox_queue.more_than(connection, run.on, hub.now(), ENOUGH, run.routes):
            return None
    return ComposerProcess(Opening(hub.config, run.on, run.templates, run.envelope_key))


def _cores() -> int:
    """Of the machine that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
