"""A connection to a HylaFAX server. Its client protocol is FTP with commands of its own.

The server greets with warnings before its first answer, wants files by `STOT`, and lists its queues
as directories in a form that `JOBFMT` sets.
"""

from __future__ import annotations

import ftplib
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from typing import Final

from incasso.api import (
    AuthenticationError,
    CallContext,
    PluginError,
    RejectedError,
    TemporaryError,
    Text,
    text,
)
from incasso_fax.hylafax.settings import HylafaxSettings

_WARNING: Final = "130"
_STORED: Final = re.compile(r"FILE: ([^\s)]+)")
_LOGIN: Final = ("530", "430")


class FaxLine(ftplib.FTP):
    """The protocol, command by command. Raises what `ftplib` raises."""

    def getresp(self) -> str:
        """The next answer; warnings before it are passed over."""
        while (answer := super().getresp()).startswith(_WARNING):
            continue
        return answer

    def store(self, content: bytes) -> str:
        """Put pages on the server; returns the name that they have there."""
        self.voidcmd("FORM PDF")
        stored = _STORED.search(self.storbinary("STOT", BytesIO(content)))
        if stored is None:
            raise ftplib.error_proto("no name for the stored pages")
        return stored.group(1)

    def set(self, name: str, value: str) -> None:
        """One parameter of the job."""
        self.sendcmd(f"JPARM {name} {value}")

    def parameter(self, name: str) -> str:
        """One parameter of the job; empty if it may not be seen."""
        try:
            return self.sendcmd(f"JPARM {name}")[4:].strip()
        except ftplib.error_perm:
            return ""

    def queue(self, name: str, form: str) -> list[str]:
        """The jobs of a queue, a line each."""
        lines: list[str] = []
        self.sendcmd(f'JOBFMT "{form}"')
        self.retrlines(f"LIST {name}", lines.append)
        return lines

    def content_of(self, name: str) -> bytes:
        """A file of the server; empty if it may not be read."""
        pieces: list[bytes] = []
        try:
            self.retrbinary(f"RETR {name}", pieces.append)
        except ftplib.error_perm:
            return b""
        return b"".join(pieces)


@contextmanager
def connected(settings: HylafaxSettings, ctx: CallContext) -> Iterator[FaxLine]:
    """A connection that is logged in. Whatever fails inside becomes an error of a plugin: nothing
    that was asked so far has an effect."""
    line = FaxLine()
    try:
        _log_in(line, settings, ctx)
        yield line
    except ftplib.error_perm as error:
        raise _refused(error) from error
    except (ftplib.Error, OSError, EOFError) as error:
        raise TemporaryError(_failed(settings, error)) from error
    finally:
        with suppress(OSError, EOFError, ftplib.Error):
            line.close()


def _log_in(line: FaxLine, settings: HylafaxSettings, ctx: CallContext) -> None:
    left = (ctx.deadline - ctx.now()).total_seconds()
    line.connect(settings.host, settings.port, timeout=max(0.1, min(left, settings.timeout_s)))
    answer = line.sendcmd(f"USER {settings.user}")
    if answer.startswith("3"):
        answer = line.sendcmd(f"PASS {settings.password.reveal()}")
    if not answer.startswith("2"):
        raise AuthenticationError(_closed(answer))
    line.voidcmd("TYPE I")


def _refused(error: ftplib.error_perm) -> PluginError:
    said = str(error)
    if said.startswith(_LOGIN):
        return AuthenticationError(_closed(said))
    return RejectedError(text("the fax server refuses: {said}", said=_short(said)), code=said[:3])


def _closed(said: str) -> Text:
    return text(
        "the fax server lets nobody in from here: {said}; see etc/hosts.hfaxd there",
        said=_short(said),
    )


def _failed(settings: HylafaxSettings, error: Exception) -> Text:
    place = f"{settings.host}:{settings.port}"
    said = _short(str(error)) or type(error).__name__
    return text("the fax server {place}: {said}", place=place, said=said)


def _short(said: str) -> str:
    return " ".join(said.split())[:200]
