"""The child: takes one job after the other, each within its bounds, until the parent is gone."""

from __future__ import annotations

import os
import resource
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import GeneratorType
from typing import Any, Final

import msgspec

from incasso.apart.frames import Frame, Job, Kind, Raised, encode, receive, send
from incasso.contract.text_store import to_column

_GROWN: Final = 300 << 20
"""Bytes of memory once used, after which a child is replaced."""

_decode_job: Final = msgspec.msgpack.Decoder(Job).decode


def main() -> None:
    """Serve the socket whose number is the last argument."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us
    _limit(resource.RLIMIT_CORE, 0)  # a core file would hold invoices of clients
    line = socket.socket(fileno=int(sys.argv[-1]))
    with suppress(EOFError, OSError):
        while _serve(line):
            pass
    os._exit(0)


def _serve(line: socket.socket) -> bool:
    """Do one job; false if this child has grown and ends."""
    job = _decode_job(receive(line).body)
    answers = _answers(job)
    for answer in answers:
        grown = answer.kind is Kind.NO_MEMORY or (
            answer.kind is not Kind.ITEM and _most_memory() > _GROWN
        )
        send(line, answer._replace(last=grown))
    return not grown


def _answers(job: Job) -> Iterator[Frame]:
    """What the reader gives, and how it ended."""
    try:
        _bound(job)
        given = _named(job.reader)(*job.arguments)
        if not isinstance(given, GeneratorType):
            yield Frame(Kind.RESULT, _body(given))
            return
        for each in given:
            yield Frame(Kind.ITEM, _body(each))
        yield Frame(Kind.END)
    except MemoryError:
        yield Frame(Kind.NO_MEMORY)
    except GeneratorExit:
        raise
    except BaseException as error:  # a library in Rust raises a panic, which is no Exception
        yield _failure(job, error)


def _body(given: Any) -> bytes:
    return given if isinstance(given, bytes) else encode(given)


def _failure(job: Job, error: BaseException) -> Frame:
    name = f"{type(error).__module__}:{type(error).__qualname__}"
    if name in job.errors:
        return Frame(Kind.RAISED, encode(Raised(name, to_column(_words(error)))))
    said = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
    return Frame(Kind.FAILED, encode(Raised(name, said)))


def _words(error: BaseException) -> str:
    """The message itself, which may be a Text: `str(error)` keeps it."""
    return str(error)


def _named(reader: str) -> Any:
    module, _, name = reader.partition(":")
    found: Any = import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return found


def _bound(job: Job) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime + job.seconds) + 1)
    _limit(resource.RLIMIT_AS, job.megabytes << 20)


def _limit(what: int, most: int) -> None:
    """The soft limit only, so that the next job may have another."""
    _, hard = resource.getrlimit(what)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    with suppress(ValueError, OSError):  # macOS knows no limit of address space
        resource.setrlimit(what, (most, hard))


def _most_memory() -> int:
    """The most that this program had at once; Linux counts the parent's own into `ru_maxrss`."""
    with suppress(OSError), Path("/proc/self/status").open(encoding="ascii") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
