"""Several processes of one machine, started together, started again when one dies, and stopped
together."""

from __future__ import annotations

import logging
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Final

_log = logging.getLogger(__name__)

LOOK_S: Final = 0.5
LONGEST_WAIT_S: Final = 60.0
"""Between the ends of a process that dies again and again and its next start."""

STEADY_S: Final = 60.0
"""One that lasted so long died of something else than its start."""


@dataclass
class _Place:
    """One of the processes, whoever fills it at the moment."""

    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    wait: float = 0.0
    starts_at: float = field(default_factory=time.monotonic)


def keep_running(command: Sequence[str], count: int, stop: Event) -> None:
    """Keep so many processes of this command alive until `stop` is set, then let each finish what
    it has begun. A process sees the end of its standard input when this one dies, and stops too."""
    places = [_Place() for _ in range(count)]
    try:
        while not stop.wait(LOOK_S if any(each.process for each in places) else 0):
            for place in places:
                _look_after(place, command)
    finally:
        for place in places:
            if place.process is not None:
                place.process.terminate()
        for place in places:
            if place.process is not None:
                place.process.wait()
                _close_input(place.process)


def _look_after(place: _Place, command: Sequence[str]) -> None:
    now = time.monotonic()
    if place.process is not None:
        code = place.process.poll()
        if code is None:
            return
        _close_input(place.process)
        place.process = None
        lasted = now - place.started
        place.wait = 0.0 if lasted > STEADY_S else min(2 * place.wait or 1.0, LONGEST_WAIT_S)
        place.starts_at = now + place.wait
        _log.warning("a process ended with %s; another starts in %.0f s", code, place.wait)
    if now >= place.starts_at:
        place.process = subprocess.Popen(command, stdin=subprocess.PIPE)
        place.started = now


def _close_input(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()
