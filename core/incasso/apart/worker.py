"""The parent's side of one child: start it, give it a job, wait for its answers, end it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from incasso.apart.bounds import Bounds, Cause, ReadApartError, crashed, out_of_memory, out_of_time
from incasso.apart.frames import Frame, Job, Kind, Raised, encode, receive, send

_KEPT: Final = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "HOME")
_GOODBYE_S: Final = 5.0


class DiedError(ReadApartError):
    """The child was ended by a signal that may have nothing to do with the file."""


class Worker:
    """One child process. One job at a time, by one thread."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        self._line = ours
        command = [sys.executable, "-P", "-B", "-m", "incasso.apart.child", str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                env=_environment(),
                cwd="/",
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Its number in the system."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can take a job."""
        return self._process.poll() is None

    def answers(self, job: Job, bounds: Bounds) -> Iterator[Frame]:
        """Every frame of one job, its last one included.

        Raises ReadApartError, after which the child is gone. Left before the last frame, it is
        ended: it would go on with a job that nobody waits for.
        """
        ended = False
        left = bounds.seconds
        try:
            self._give(job, bounds)
            while not ended:
                began = time.monotonic()
                frame = self._next(left, bounds)
                left -= time.monotonic() - began
                ended = frame.kind is not Kind.ITEM
                if ended and frame.last:
                    self.end()
                yield frame
        finally:
            if not ended:
                self.end()

    def end(self) -> None:
        """Kill it. May be called again."""
        self._line.close()
        self._process.kill()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_GOODBYE_S)

    def _give(self, job: Job, bounds: Bounds) -> None:
        self._line.settimeout(bounds.seconds)
        try:
            send(self._line, Frame(Kind.JOB, encode(job)))
        except OSError:
            raise self._died(bounds) from None

    def _next(self, left: float, bounds: Bounds) -> Frame:
        if left <= 0:
            raise out_of_time(bounds)
        self._line.settimeout(left)
        try:
            frame = receive(self._line)
        except TimeoutError:
            raise out_of_time(bounds) from None
        except (EOFError, OSError):
            raise self._died(bounds) from None
        except ValueError:
            raise crashed("frame") from None
        if frame.kind is Kind.NO_MEMORY:
            raise out_of_memory(bounds)
        if frame.kind is Kind.FAILED:
            raise crashed(msgspec.msgpack.decode(frame.body, type=Raised).message)
        return frame

    def _died(self, bounds: Bounds) -> ReadApartError:
        """Why it is gone, by the signal that ended it."""
        try:
            code = self._process.wait(_GOODBYE_S)
        except subprocess.TimeoutExpired:
            return crashed("silent")
        if code == -signal.SIGXCPU:
            return out_of_time(bounds)
        if code == -signal.SIGABRT:  # how a library in Rust or C++ ends without memory
            return out_of_memory(bounds)
        said = crashed(_named(code))
        return DiedError(Cause.CRASH, str(said))


def _named(code: int) -> str:
    with suppress(ValueError):
        return signal.Signals(-code).name
    return str(code)


def _environment() -> dict[str, str]:
    """Where our code is, and no secret: plugins.toml may name variables that hold passwords."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    path = os.pathsep.join(str(Path(each).absolute()) for each in sys.path)
    return {**kept, "PYTHONPATH": path, "MALLOC_ARENA_MAX": "2"}
