"""Why a file, a port or another machine cannot be used: the system says it in English only."""

from __future__ import annotations

import errno
from typing import Final

from incasso.contract.text import text

_SAID: Final = {
    errno.ENOENT: text("there is no such file or folder"),
    errno.EACCES: text("this user may not open it"),
    errno.EPERM: text("this user may not do that"),
    errno.EISDIR: text("it is a folder"),
    errno.ENOTDIR: text("it is not a folder"),
    errno.EEXIST: text("it exists already"),
    errno.EROFS: text("it is on a disk that cannot be written to"),
    errno.ENOSPC: text("the disk is full"),
    errno.EADDRINUSE: text("it is in use already"),
    errno.EADDRNOTAVAIL: text("this machine has no such address"),
    errno.ECONNREFUSED: text("nobody answers at this address and port"),
    errno.ECONNRESET: text("the other side broke the connection"),
    errno.EPIPE: text("the other side broke the connection"),
    errno.ETIMEDOUT: text("there is no answer"),
    errno.EHOSTUNREACH: text("no way leads to that machine"),
    errno.ENETUNREACH: text("no way leads to that network"),
}


def system_words(error: OSError) -> str:
    """Why it failed, to be translated; what is not known here, as the system says it."""
    return _SAID.get(error.errno or 0, error.strerror or str(error) or type(error).__name__)
