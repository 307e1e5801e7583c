"""Content on its way, on disk of this machine: streams of any length in constant memory."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO, Final, cast

from incasso.contract.errors import TemporaryError
from incasso.contract.text import text

AT_ONCE: Final = 256 * 1024
_IN_MEMORY: Final = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Spooled:
    """A whole content, at its beginning, with size and digest."""

    file: BinaryIO
    size: int
    sha256: str


def empty() -> BinaryIO:
    """A file without a name, which is gone when it is closed."""
    return cast(BinaryIO, tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))


def of(content: bytes) -> BinaryIO:
    """A small content."""
    return BytesIO(content)


def nothing() -> BinaryIO:
    """An empty content."""
    return of(b"")


def spooled(content: BinaryIO) -> Spooled:
    """A copy of what a stream still gives. Raises TemporaryError where this disk is full."""
    copy = empty()
    try:
        while some := content.read(AT_ONCE):
            copy.write(some)
        return measured(copy)
    except BaseException as error:
        copy.close()
        if isinstance(error, OSError):
            words = text("a file cannot be kept on this machine: {reason}", reason=str(error))
            raise TemporaryError(words) from None
        raise


def measured(file: BinaryIO) -> Spooled:
    """A file that is on this disk already, put at its beginning."""
    file.seek(0)
    digest, size = hashlib.sha256(), 0
    while some := file.read(AT_ONCE):
        digest.update(some)
        size += len(some)
    file.seek(0)
    return Spooled(file=file, size=size, sha256=digest.hexdigest())
