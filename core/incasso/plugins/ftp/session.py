"""One connection to a server that speaks FTP (ftplib), with errors by what must be done next."""

from __future__ import annotations

import ftplib
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from typing import Final, TypeVar

from incasso.contract.errors import (
    AuthenticationError,
    OutcomeUnknownError,
    PluginError,
    RejectedError,
    TemporaryError,
)
from incasso.contract.ftp import FtpLogin
from incasso.contract.text import text
from incasso.plugins.reaching import connected, why

T = TypeVar("T")

_NOT_IN: Final = ("530", "430")
_LONGEST: Final = 200
_BROKEN: Final = (OSError, EOFError, ftplib.error_reply, ftplib.error_proto)
"""The line is lost, or what came is no answer."""


class Session:
    """The contract's FtpSession."""

    def __init__(self, login: FtpLogin, seconds: float, *, allow_private: bool) -> None:
        self._login, self._seconds, self._allow_private = login, seconds, allow_private
        self._line = _Line(login.remarks)

    @property
    def greeting(self) -> str:
        """What the server said first, without its number."""
        return (self._line.welcome or "")[4:].strip()

    def log_in(self) -> None:
        """Connect, and say who we are. Raises AuthenticationError, ConfigurationError."""
        login, allowed = self._login, self._allow_private
        line = connected(login.host, login.port, self._seconds, allow_private=allowed, field="host")
        with self._worded():
            self._line.take(line, self._seconds)
            answer = self._line.sendcmd(f"USER {login.user}")
            if answer.startswith("3"):
                answer = self._line.sendcmd(f"PASS {login.password.reveal()}")
            if not answer.startswith("2"):
                raise self._not_in(answer)
            self._line.voidcmd("TYPE I")

    def ask(self, command: str, *, effect: str = "") -> str:
        """The answer to one command, its number first."""
        if not effect:
            return self._done(lambda: self._line.sendcmd(command))
        try:
            return self._line.sendcmd(command)
        except (ftplib.error_perm, ftplib.error_temp) as error:
            raise self._refused(error) from None
        except _BROKEN as error:
            words = text("{place} gave no answer: {reason}", place=self._place, reason=_lost(error))
            raise OutcomeUnknownError(words, ref=effect) from None

    def store(self, command: str, content: bytes) -> str:
        """Content for the server; its last answer."""
        return self._done(lambda: self._line.storbinary(command, BytesIO(content)))

    def lines(self, command: str) -> list[str]:
        """What the server lists."""
        found: list[str] = []
        self._done(lambda: self._line.retrlines(command, found.append))
        return found

    def fetch(self, command: str) -> bytes:
        """What the server holds."""
        pieces: list[bytes] = []
        self._done(lambda: self._line.retrbinary(command, pieces.append))
        return b"".join(pieces)

    def close(self) -> None:
        """Harmless twice."""
        with suppress(OSError, EOFError, ftplib.Error):
            self._line.close()

    @property
    def _place(self) -> str:
        return f"{self._login.host}:{self._login.port}"

    def _done(self, work: Callable[[], T]) -> T:
        with self._worded():
            return work()

    @contextmanager
    def _worded(self) -> Iterator[None]:
        """Nothing that was asked has an effect, so every failure may be tried again."""
        try:
            yield
        except (ftplib.error_perm, ftplib.error_temp) as error:
            raise self._refused(error) from None
        except _BROKEN as error:
            raise TemporaryError(
                text("{place}: {reason}", place=self._place, reason=_lost(error))
            ) from None

    def _refused(self, error: ftplib.Error) -> PluginError:
        said = _short(str(error))
        if said.startswith(_NOT_IN):
            return self._not_in(said)
        words = text("{place} refuses: {said}", place=self._place, said=said)
        if said.startswith("4"):
            return TemporaryError(words)
        return RejectedError(words, code=said[:3])

    def _not_in(self, said: str) -> AuthenticationError:
        return AuthenticationError(
            text("{place} lets nobody in from here: {said}", place=self._place, said=_short(said))
        )


class _Line(ftplib.FTP):
    """ftplib on a connection of ours. For transfers it asks for a port of the server's (PASV), and
    connects to the machine that it speaks to, whatever address the answer names."""

    def __init__(self, remarks: tuple[str, ...]) -> None:
        super().__init__()
        self._remarks = remarks

    def take(self, line: socket.socket, seconds: float) -> None:
        """Begin with the server's greeting."""
        self.host = line.getpeername()[0]
        self.sock, self.af, self.timeout = line, line.family, seconds
        self.file = line.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()

    def getresp(self) -> str:
        """The next answer; remarks before it are passed over."""
        answer = super().getresp()
        while answer.startswith(self._remarks):
            answer = super().getresp()
        return answer


def _lost(error: BaseException) -> str:
    return _short(why(error))


def _short(said: str) -> str:
    return " ".join(said.split())[:_LONGEST]
