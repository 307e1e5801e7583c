"""Waits in the mailboxes of channels, so that what comes in is collected at once.

Whoever waits decides nothing and reads no mail: it makes a job that collects the channel. The
schedule stays the ground: a server that cannot tell, or a line that is down, costs time only.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event, Thread
from types import TracebackType
from typing import Final

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from incasso.contract.capabilities import ChannelCapability
from incasso.contract.errors import PluginError, UnsupportedError
from incasso.contract.mail import WatchedFolder
from incasso.domain.office.jobs import QUEUES, NewJob, Task
from incasso.plugins.handles import ChannelHandle
from incasso.plugins.states import State
from incasso.services.hub.hub import Hub
from incasso.services.running import cycles
from incasso.store.jobs.port import Engine
from incasso.store.jobs.watched import only_watcher

_log = logging.getLogger(__name__)


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How often, in seconds; tests are in a hurry."""

    first_wait: float = 5.0
    """Before a lost connection is made anew; each failure doubles it."""
    longest_wait: float = 300.0
    turn: float = 30.0
    """Between two tries to be the one who waits, and two looks at a channel that is stopped."""
    gap: float = 30.0
    """Between two collections: a certified provider writes two receipts for each message."""


@dataclass(frozen=True, kw_only=True)
class _Place:
    """One folder, and the channels whose news come into it; the first one keeps the connection."""

    watched: WatchedFolder
    channels: Sequence[ChannelHandle]

    @property
    def name(self) -> str:
        login = self.watched.login
        return f"{login.host}:{login.port} {login.user} {self.watched.folder}"


class Watching:
    """The mailboxes of a hub, each watched on a thread of its own until `stop` is set."""

    def __init__(
        self,
        hub: Hub,
        engine: Engine,
        stop: Event,
        queues: Sequence[str] = (),
        pace: Pace | None = None,
    ) -> None:
        """`queues`: those that this process serves; one that collects nothing watches nothing."""
        self._hub, self._engine, self._stop = hub, engine, stop
        self._collects = not queues or QUEUES[Task.COLLECT] in queues
        self._pace = pace or Pace()
        self._threads: list[Thread] = []

    def __enter__(self) -> Watching:
        return self

    def __exit__(
        self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None
    ) -> None:
        """The work is over: every connection is closed within a second, or once its server has
        answered."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def begin(self) -> None:
        """Start to wait; harmless twice."""
        if self._threads or not self._collects:
            return
        for place in _places(self._hub):
            keeper = _Keeper(self._hub, self._engine, place, self._stop, self._pace)
            self._threads.append(Thread(target=keeper.keep, name=place.name, daemon=True))
        for thread in self._threads:
            thread.start()


class _Keeper:
    """One mailbox: whose turn it is, connections one after the other, and who is told."""

    def __init__(self, hub: Hub, engine: Engine, place: _Place, stop: Event, pace: Pace) -> None:
        self._hub, self._engine, self._place = hub, engine, place
        self._stop, self._pace = stop, pace
        self._channel = place.channels[0]
        self._waits = self._channel.waiting(place.watched)
        self.lost = 0
        """Connections lost in a row."""

    def keep(self) -> None:
        """Until stopped, or as long as the server can tell of mail at all."""
        wait = 0.0
        while not self._stop.wait(wait):
            try:
                wait = self._tried()
            except UnsupportedError as error:
                _log.info("%s; the schedule collects %s", error, self._channel.id)
                return
            except SQLAlchemyError as error:
                _log.warning("the database does not answer: %s", type(error).__name__)
                wait = self._growing()

    def _tried(self) -> float:
        try:
            return self._one_turn()
        except UnsupportedError:
            raise
        except PluginError as error:
            return self._failed(error)

    def _one_turn(self) -> float:
        """Wait on one connection if nobody else does; how long to rest then."""
        if self._channel.view.state not in _MAY_WORK:
            return self._pace.turn
        with only_watcher(self._hub.store, self._place.name) as still_ours:
            if still_ours is not None:
                self._waits(_Pulse(self, still_ours, self._stop, self._pace))
        return self._pace.turn

    def _failed(self, error: PluginError) -> float:
        """A refused login has paused the channel: the job says so to people, once."""
        if self._channel.view.state not in _MAY_WORK:
            self.tell()
            return self._pace.turn
        if not self.lost:
            _log.warning("%s: nobody waits for mail at the moment: %s", self._channel.id, error)
        return self._growing()

    def _growing(self) -> float:
        self.lost += 1
        return min(self._pace.first_wait * 2.0 ** (self.lost - 1), self._pace.longest_wait)

    def tell(self) -> None:
        """Have the channels of this mailbox collected."""
        hub = self._hub
        with hub.store.write() as connection:
            for channel in self._place.channels:
                part = NewJob(task=Task.COLLECT, about=channel.id)
                cycles.start_part(hub, self._engine, connection, "collect", part, hub.today())


class _Pulse:
    """Asked every second while a connection waits. What came before it is told at once, and so is
    the first mail that comes in then; what follows closely, together when the gap is over."""

    def __init__(
        self, keeper: _Keeper, still_ours: Callable[[], bool], stop: Event, pace: Pace
    ) -> None:
        self._keeper, self._still_ours, self._stop = keeper, still_ours, stop
        self._gap, self._turn = pace.gap, pace.turn
        self._untold = False
        self._told: float | None = None
        """When mail was told that came in while we waited."""
        self._asked = time.monotonic()
        self._is_first = True

    def __call__(self, arrived: bool) -> bool:
        now = time.monotonic()
        self._untold = self._untold or arrived
        self._keeper.lost = 0
        if self._untold and (self._told is None or now - self._told >= self._gap):
            self._keeper.tell()
            self._untold, self._told = False, self._told if self._is_first else now
        self._is_first = False
        if now - self._asked >= self._turn:
            self._asked = now
            return self._still_ours() and not self._stop.is_set()
        return not self._stop.is_set()


_MAY_WORK: Final = (State.READY, State.UNREACHABLE)
"""A service that does not answer may have a mailbox that does."""


def _places(hub: Hub) -> list[_Place]:
    """The folders to watch. Channels that read the same one share a connection."""
    found: dict[tuple[str, int, str, str], list[tuple[WatchedFolder, ChannelHandle]]] = {}
    for channel in hub.registry.channels():
        if (watched := _watched(hub, channel)) is not None:
            login = watched.login
            key = (login.host, login.port, login.user, watched.folder)
            found.setdefault(key, []).append((watched, channel))
    return [
        _Place(watched=some[0][0], channels=tuple(channel for _, channel in some))
        for some in found.values()
    ]


def _watched(hub: Hub, channel: ChannelHandle) -> WatchedFolder | None:
    if not channel.can(ChannelCapability.COLLECT):
        return None
    try:
        return channel.watched(hub.today())
    except PluginError as error:
        _log.warning("%s: its mailbox is not watched: %s", channel.id, error)
        return None
