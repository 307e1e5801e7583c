"""The hub's door to servers of FTP, or of a protocol built on it, as plugins see it: `ctx.ftp`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol, TypeAlias

from incasso.contract.values import Secret, Value


class FtpLogin(Value, frozen=True, kw_only=True):
    """How to reach such a server. Nothing on the way is encrypted."""

    host: str
    port: int
    user: str
    password: Secret = Secret("")
    """Said only if the server asks for it."""
    timeout_s: int = 15
    """The longest wait for one answer; the call's deadline may shorten it."""
    remarks: tuple[str, ...] = ()
    """Codes of answers that are remarks, before the answer itself."""


class FtpSession(Protocol):
    """One connection, logged in.

    An answer that refuses for good raises RejectedError with its number as code, one that refuses
    for now, or none at all, TemporaryError.
    """

    @property
    def greeting(self) -> str:
        """What the server said first, without its number."""
        ...

    def ask(self, command: str, *, effect: str = "") -> str:
        """The answer to one command, its number first.

        `effect` declares that the command sets something going, and names it: no answer then raises
        OutcomeUnknownError with this reference.
        """
        ...

    def store(self, command: str, content: bytes) -> str:
        """Content for the server; its last answer, number first."""
        ...

    def lines(self, command: str) -> list[str]:
        """What the server lists."""
        ...

    def fetch(self, command: str) -> bytes:
        """What the server holds."""
        ...


Ftp: TypeAlias = Callable[[FtpLogin], AbstractContextManager[FtpSession]]
"""Logs in; the connection ends with the block. Raises AuthenticationError, TemporaryError, and
ConfigurationError for an address inside the network that the table does not allow."""
