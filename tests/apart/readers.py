"""Readers that misbehave, for the child, which imports them by name."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from incasso.contract.errors import TemporaryError
from incasso.contract.text import text


class OddError(Exception):
    """An error that a caller may announce."""


def doubled(content: bytes) -> bytes:
    """A sound reader."""
    return content * 2


def counted(most: int) -> Iterator[bytes]:
    """A sound reader of many parts."""
    for number in range(most):
        yield str(number).encode()


def refused(name: str) -> bytes:
    """Refuses with a sentence."""
    raise OddError(text("{name} is odd", name=name))


def refused_late() -> Iterator[bytes]:
    """Gives something, then refuses."""
    yield b"1"
    raise TemporaryError(text("it is being written"))


def surprised() -> bytes:
    """A mistake in a library."""
    raise LookupError("no such thing")


def greedy() -> bytes:
    """Wants more memory than there is."""
    return b"x" * (8 << 30)


def greedy_library() -> bytes:
    """Ends as a library in Rust does that gets no memory."""
    os.abort()


def endless() -> bytes:
    """Works for ever."""
    while True:
        pass


def hanging() -> Iterator[bytes]:
    """Gives something, then does nothing for ever."""
    yield b"1"
    time.sleep(600)


def shot(marks: str) -> bytes:
    """Is killed from outside, the first time."""
    before = Path(marks).read_text() if Path(marks).exists() else ""
    Path(marks).write_text(before + ".")
    if not before:
        os.kill(os.getpid(), signal.SIGKILL)
    return b"alive"


def always_shot() -> bytes:
    """Crashes whenever it is asked."""
    os.kill(os.getpid(), signal.SIGSEGV)
    return b""


def lying() -> list[Any]:
    """Something else than what is expected."""
    return ["text", 1]


def grown() -> int:
    """Takes much memory and tells its number."""
    return os.getpid() + 0 * len(b"x" * (400 << 20))


def number() -> int:
    """Tells its number."""
    return os.getpid()


def variables() -> list[str]:
    """Which variables of the environment it has."""
    return sorted(os.environ)
