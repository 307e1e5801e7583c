"""Ctrl-C and TERM end a command that runs until it is stopped, after what it has begun.

Setting an event within a signal handler can hang: the handler runs between two lines of whoever
waits for that event, and if that one holds the event's lock just then, both wait for ever. A
`SimpleQueue` may be filled from a handler, so the handler fills one, and a thread sets the event.
"""

from __future__ import annotations

import signal
from queue import SimpleQueue
from threading import Event, Thread


def set_by_signals() -> Event:
    """An event that the first Ctrl-C or TERM sets. Only for the main thread, once a process."""
    stop = Event()
    arrived: SimpleQueue[int] = SimpleQueue()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: arrived.put(number))
    Thread(target=_follow, args=(arrived, stop), name="stopping", daemon=True).start()
    return stop


def _follow(arrived: SimpleQueue[int], stop: Event) -> None:
    arrived.get()
    stop.set()
