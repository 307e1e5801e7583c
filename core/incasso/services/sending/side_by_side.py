"""The messages of one dispatch: each channel sends what goes by it, all at the same time.

One mail server takes a message in a hundredth of a second, a certified one six a minute, a third
does not answer. In one row the first would wait for the others. So each channel has a thread with a
turn and a log of its own, like a dispatcher in another process; what holds between processes holds
between them. A channel that stops leaves what it had to the next one that carries it. What no
channel can take is looked at in the end, so that it costs the others nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from threading import Lock
from typing import Final

import msgspec

from incasso.domain.sending.routes import (
    EVERYTHING,
    Carrier,
    Routes,
    Way,
    by_ways,
    shares,
    without,
)
from incasso.plugins.states import State
from incasso.services.hub.hub import Hub
from incasso.services.sending.pages import Pages
from incasso.services.sending.report import DispatchCounts
from incasso.services.sending.resting import rested
from incasso.services.sending.run import Run
from incasso.store.ledger import sources
from incasso.store.sending import outbox_queue
from incasso.store.sending.dispatcher_lock import DispatcherTurn

SEATS: Final = 12
"""Channels at a time; on PostgreSQL each holds a connection."""

Progress = Callable[[str, int], None]
"""Called after each page with "messages", or the name of a channel, and how many steps it is."""


class _Share(msgspec.Struct, frozen=True):
    """What one channel is to send."""

    channel: str
    routes: Routes
    everybody: Routes
    """What all channels that work send."""


def send_all(run: Run, progress: Progress | None) -> None:
    """Send whatever may leave now. What breaks one channel's thread, or Ctrl-C, lets the others
    finish the message that they have begun, and is raised then."""
    shared, told = _Shares(run), _Told(progress)
    sending: dict[Future[DispatchCounts], str] = {}
    with ThreadPoolExecutor(SEATS, "channel") as pool:
        try:
            while (found := shared.new(sending.values())) or sending:
                if len(found) == 1 and not sending:
                    _send_here(run, found[0], told)
                    continue
                for share in found:
                    sending[pool.submit(_send_beside, run, share, told)] = share.channel
                for each in wait(sending, return_when=FIRST_COMPLETED).done:
                    del sending[each]
                    run.tally.add(each.result())
        except BaseException:
            run.ending.set()
            raise
    run.serve(None, shared.rest())
    _send_pages(run, told)


def carriers_of(hub: Hub) -> list[Carrier]:
    """The channels as they are now: ready ones first, in the order of the file."""
    with hub.store.read() as connection:
        known = sources.last_good(connection)
    return [
        Carrier(one.id, frozenset(one.media), frozenset(filter(one.serves, known)))
        for one in sorted(hub.registry.channels(), key=lambda one: not one.ready)
    ]


class _Shares:
    """Which channel sends what, and what of it was begun."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._routes = run.routes or EVERYTHING
        self._begun: dict[str, set[Way]] = defaultdict(set)

    def new(self, busy: Collection[str]) -> list[_Share]:
        """What channels that are not busy could begin now, each once."""
        return [] if self._run.ending.is_set() else list(self._new(frozenset(busy)))

    def rest(self) -> Routes:
        """What no channel can take."""
        return without(self._routes, {way for ways in self._served().values() for way in ways})

    def _new(self, busy: frozenset[str]) -> Iterator[_Share]:
        served = self._served()
        everybody = by_ways(way for ways in served.values() for way in ways)
        for channel, ways in served.items():
            # What a channel has in hand is another's only once it has let go of it.
            fresh = ways.difference(self._begun[channel], *(self._begun[each] for each in busy))
            routes = by_ways(fresh)
            if channel not in busy and fresh and self._some_wait(routes):
                self._begun[channel] |= fresh
                yield _Share(channel, routes, everybody)

    def _served(self) -> dict[str, frozenset[Way]]:
        hub = self._run.hub
        able = [each for each in carriers_of(hub) if self._may_send(each.id)]
        return shares(able, self._routes)

    def _may_send(self, channel: str) -> bool:
        """Not where it waits for a person; one that did not answer is tried again."""
        state = self._run.hub.registry.channel(channel).view.state
        return channel not in self._run.sender.stopped and state in _TRIED

    def _some_wait(self, routes: Routes) -> bool:
        run = self._run
        with run.hub.store.read() as connection:
            return outbox_queue.more_than(connection, run.on, run.hub.now(), 0, routes)


def _send_here(run: Run, share: _Share, told: _Told) -> None:
    """The only channel that has something to send needs no thread."""
    run.serve(share.channel, share.routes)
    _send_share(run, told)


def _send_beside(run: Run, share: _Share, told: _Told) -> DispatchCounts:
    with run.turn.beside() as turn:
        own = run.beside(turn, share.channel, share.routes, share.everybody)
        return _send_in(own, turn, told)


def _send_in(own: Run, turn: DispatcherTurn, told: _Told) -> DispatchCounts:
    with closing(own.log):
        _send_share(own, told)
        with turn.write() as connection:
            outbox_queue.unclaim(connection, turn.owner)
    return own.tally


def _send_share(run: Run, told: _Told) -> None:
    """Everything that the channel can take, with the rests that it asks for."""
    with run.at_work.one_more():
        while True:
            before = run.tally.answered
            _send_pages(run, told)
            if not rested(run, worked=run.tally.answered > before):
                return


def _send_pages(run: Run, told: _Told) -> None:
    """Page by page; the rest of a stale page is rechecked before it leaves."""
    with closing(Pages(run)) as pages:
        while (page := pages.next()) is not None:
            before = run.tally.answered
            left_over = page.send()
            dealt_with = pages.done(left_over)
            if run.is_over:  # the others of the page come again, here or by another channel
                dealt_with = run.tally.answered - before
            told.dealt_with(run, dealt_with)


class _Told:
    """How far the channels are, one after the other, for whoever watches."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._lock = Lock()
        self._all = 0
        self._of: dict[str, int] = defaultdict(int)

    def dealt_with(self, run: Run, steps: int) -> None:
        """So many more steps."""
        with self._lock:
            self._all += steps
            if self._progress is None:
                return
            self._progress("messages", self._all)
            if run.is_beside and run.channel is not None:
                self._of[run.channel] += steps
                self._progress(run.channel, self._of[run.channel])


_TRIED: Final = (State.READY, State.UNREACHABLE)
