"""A connection to a HylaFAX server. Its client protocol is FTP with commands of its own.

The server greets with warnings before its first answer, wants files by `STOT`, and lists its queues
as directories in a form that `JOBFMT` sets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from incasso.api import (
    AuthenticationError,
    CallContext,
    FtpLogin,
    FtpSession,
    RejectedError,
    TemporaryError,
    text,
)
from incasso_fax.hylafax.settings import HylafaxSettings

_WARNING: Final = "130"
_STORED: Final = re.compile(r"FILE: ([^\s)]+)")


class FaxLine:
    """The protocol, command by command, over the hub's door."""

    def __init__(self, session: FtpSession) -> None:
        self._session = session

    @property
    def greeting(self) -> str:
        """Who answers there."""
        return self._session.greeting

    def store(self, content: bytes) -> str:
        """Put pages on the server; returns the name that they have there."""
        self._session.ask("FORM PDF")
        stored = _STORED.search(self._session.store("STOT", content))
        if stored is None:
            raise TemporaryError(text("the fax server gives the stored pages no name"))
        return stored.group(1)

    def new_job(self) -> None:
        """A job that the next parameters describe."""
        self._session.ask("JNEW")

    def choose(self, number: int) -> None:
        """An earlier job, to ask for its parameters."""
        self._session.ask(f"JOB {number}")

    def submit(self, ref: str) -> str:
        """From the first byte of this command on nobody knows, until the server has answered."""
        return self._session.ask("JSUBM", effect=ref)[4:].strip()

    def set(self, name: str, value: str) -> None:
        """One parameter of the job."""
        self._session.ask(f"JPARM {name} {value}")

    def parameter(self, name: str) -> str:
        """One parameter of the job; empty if it may not be seen."""
        try:
            return self._session.ask(f"JPARM {name}")[4:].strip()
        except RejectedError:
            return ""

    def queue(self, name: str, form: str) -> list[str]:
        """The jobs of a queue, a line each."""
        self._session.ask(f'JOBFMT "{form}"')
        return self._session.lines(f"LIST {name}")

    def content_of(self, name: str) -> bytes:
        """A file of the server; empty if it may not be read."""
        try:
            return self._session.fetch(f"RETR {name}")
        except RejectedError:
            return b""


@contextmanager
def connected(settings: HylafaxSettings, ctx: CallContext) -> Iterator[FaxLine]:
    """A connection that is logged in."""
    login = FtpLogin(
        host=settings.host,
        port=settings.port,
        user=settings.user,
        password=settings.password,
        timeout_s=settings.timeout_s,
        remarks=(_WARNING,),
    )
    try:
        with ctx.ftp(login) as session:
            yield FaxLine(session)
    except AuthenticationError as error:
        raise AuthenticationError(
            text("{said}; see etc/hosts.hfaxd there", said=error.args[0])
        ) from None
