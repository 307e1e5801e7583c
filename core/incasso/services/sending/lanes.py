"""Messages that are marked `sending`, handed over by one or by several connections at a time.

Why several: a mail server takes a tenth of a second for a message, most of it waiting for answers.
What must hold with any number: a message is taken by one lane and never twice, that it begins is on
the disk before its channel is called, and after a crash as many are in doubt as there are lanes.
`tests/sending/test_lanes.py` and the kill tests with `connections` hold it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from threading import Lock

from incasso.services.sending.composed import Leaving


class Marked:
    """Messages for one channel that wait to begin; each is taken once."""

    def __init__(self, messages: Sequence[Leaving]) -> None:
        self.lanes = min(messages[0].channel.connections, len(messages))
        self._waiting = deque(messages)
        self._lock = Lock()
        self._is_closed = False

    def take(self) -> Leaving | None:
        """The next one; None if there is none or no more are to begin."""
        with self._lock:
            return self._waiting.popleft() if self._waiting and not self._is_closed else None

    def put_back(self, message: Leaving) -> None:
        """It did not begin."""
        with self._lock:
            self._waiting.appendleft(message)

    def close(self) -> None:
        """No more are to begin."""
        self._is_closed = True

    def rest(self) -> list[Leaving]:
        """Those that did not begin."""
        with self._lock:
            return list(self._waiting)


def in_lanes(marked: Marked, lane: Callable[[], None]) -> None:
    """Run as many lanes as the channel has connections until each has ended.

    What ends one early, or Ctrl-C, lets the others finish the message that they have begun, and is
    raised then.
    """
    if marked.lanes == 1:
        lane()
        return
    with ThreadPoolExecutor(marked.lanes, "lane") as pool:
        lanes = [pool.submit(lane) for _ in range(marked.lanes)]
        try:
            wait(lanes, return_when=FIRST_EXCEPTION)
            if any(each.done() and each.exception() for each in lanes):
                marked.close()
        except BaseException:
            marked.close()
            raise
    for each in lanes:
        each.result()
