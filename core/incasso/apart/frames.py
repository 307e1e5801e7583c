"""What parent and child say to each other: frames of bytes over a socket pair."""

from __future__ import annotations

import socket
import struct
from enum import IntEnum
from typing import Any, Final, NamedTuple

import msgspec

_HEAD: Final = struct.Struct(">BBI")
MOST_BYTES: Final = 1 << 30
"""Of one frame."""


class Kind(IntEnum):
    """What a frame is."""

    JOB = 1
    ITEM = 2
    """One item of a stream; more follow."""
    RESULT = 3
    """The whole result; the job has ended."""
    END = 4
    """The end of a stream; the job has ended."""
    RAISED = 5
    """The reader raised one of the errors that it announces."""
    FAILED = 6
    """It raised something else."""
    NO_MEMORY = 7


class Frame(NamedTuple):
    """One message."""

    kind: Kind
    body: bytes = b""
    last: bool = False
    """The child ends after it, because it has grown."""


class Job(msgspec.Struct, frozen=True, array_like=True):
    """What the child is asked to do."""

    reader: str
    """`module:name`"""
    arguments: list[Any]
    megabytes: int
    seconds: float
    errors: list[str]
    """Names of the errors that travel as they are, each `module:name`."""


class Raised(msgspec.Struct, frozen=True, array_like=True):
    """An error on its way to the parent."""

    name: str
    message: str
    """As `text_store.to_column` writes it, so that it can still be translated."""


encode: Final = msgspec.msgpack.Encoder().encode


def send(line: socket.socket, frame: Frame) -> None:
    """Write one frame. Raises OSError if nobody reads any more."""
    head = _HEAD.pack(frame.kind, frame.last, len(frame.body))
    if len(frame.body) < 1 << 16:
        line.sendall(head + frame.body)
    else:
        line.sendall(head)
        line.sendall(frame.body)


def receive(line: socket.socket) -> Frame:
    """Read one frame. Raises EOFError if the other side is gone, ValueError for no frame."""
    kind, last, size = _HEAD.unpack(_exactly(line, _HEAD.size))
    if size > MOST_BYTES:
        raise ValueError("a frame that is too large")
    return Frame(Kind(kind), bytes(_exactly(line, size)), bool(last))


def _exactly(line: socket.socket, size: int) -> bytearray:
    content = bytearray(size)
    view, at = memoryview(content), 0
    while at < size:
        count = line.recv_into(view[at:])
        if not count:
            raise EOFError
        at += count
    return content
