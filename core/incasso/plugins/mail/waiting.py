"""What whoever waits for mail is given, without the libraries of mail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

GoOn: TypeAlias = Callable[[bool], bool]
"""Asked about once a second, with whether mail came in since; whether to wait on."""


class Waits(Protocol):
    """One connection to a mailbox, kept for as long as it may go on."""

    def __call__(self, go_on: GoOn) -> None:
        """Raises UnsupportedError where the server cannot tell of new mail, AuthenticationError,
        and TemporaryError when the connection is lost: what came until the next call is told then.
        """
        ...
