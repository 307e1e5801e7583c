"""The hub's door to exchange folders, as plugins see it: `ctx.folder(login)`.

Two parties exchange files through a folder that each can reach at its own time: one puts, the other
takes. A file is whole when it is seen, is read by one worker only, and stays where its sender can
look it up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import BinaryIO, Protocol

from incasso.contract.values import Problem, Value


class Stored(Value, frozen=True, kw_only=True):
    """A file that lies in the folder for the other side."""

    name: str
    size: int
    sha256: str
    """Of the bytes that were given, before any encryption; 64 hexadecimal letters."""


class Arrived(Value, frozen=True, kw_only=True):
    """A file of the other side that waits to be read."""

    name: str
    """Without the ending that encryption adds."""
    size: int
    """Of the file as it lies there, encrypted or not."""
    at: datetime
    """When it came, UTC, as the place says."""
    identity: str
    """Another where a file of the same name comes again; the same while it waits."""
    ref: str
    """How the folder finds it again; nobody else reads it."""


class FolderFacts(Value, frozen=True, kw_only=True):
    """What a check of a folder found: for `CheckReport`."""

    identity: str
    """A stable name of the place, e.g. `sftp://acme@sftp.alfa.example:22/in`."""
    waiting: int
    """Files that wait to be read."""
    facts: Mapping[str, str] = {}
    warnings: tuple[Problem, ...] = ()


class Claim(Protocol):
    """A file that this worker alone may read, until it is done or too much time has passed."""

    @property
    def file(self) -> Arrived:
        """What was claimed."""
        ...

    @property
    def token(self) -> str:
        """By which `claimed` finds the claim again, in another call or process; at most 100
        characters of ASCII."""
        ...

    def open(self) -> BinaryIO:
        """The content, on disk of this machine, decrypted and its signature checked; close it.

        Raises RejectedError where the file cannot be trusted or decrypted, TemporaryError where
        the place does not answer or the file is still growing.
        """
        ...

    def done(self) -> None:
        """It was read and what it says is committed: it goes among those that are done.

        Raises TemporaryError if it took too long and another reader has it now.
        """
        ...

    def refused(self, reason: str, *, answer: str = "") -> None:
        """It cannot be used: it goes among the refused, with the reason in a text beside it.

        `answer`: the name of the file in which the other side finds more.
        """
        ...

    def give_back(self) -> None:
        """It was not read after all: it waits again, for any worker."""
        ...


class ExchangeFolder(Protocol):
    """One folder. Errors come out as the classes of `incasso.contract.errors`.

    Content comes and goes as streams, and is spooled to disk: memory does not grow with a file.
    """

    def put(self, name: str, content: BinaryIO) -> Stored:
        """Lay a file into the folder for the other side, whole or not at all.

        The same bytes under the same name again change nothing. Raises RejectedError for a name
        that cannot be or that holds other bytes; OutcomeUnknownError with the name as `ref` if
        the place was asked for the last step and did not confirm it: `find` tells. After every
        other error the other side does not see the file.
        """
        ...

    def find(self, name: str) -> Stored | None:
        """What lies in the folder for the other side under this name; None: certainly nothing.

        A file that the other side has taken away is not there any more.
        """
        ...

    def arrived(self) -> Iterator[Arrived]:
        """The files that wait, by name: whole ones, which nobody else is reading.

        One whose reader died is among them after a time, so the same file may be read twice:
        recognise it by its content.
        """
        ...

    def remarks(self) -> tuple[Problem, ...]:
        """What `arrived` saw and left alone, and why: for `Page.warnings`."""
        ...

    def claim(self, file: Arrived) -> Claim | None:
        """The file, for this worker alone; None if another was faster or it is gone."""
        ...

    def claimed(self, token: str) -> Claim | None:
        """A claim that was made before; None if it is over: done, or taken over by another."""
        ...

    def check(self) -> FolderFacts:
        """Reach the place and look whether files can be put and claimed.

        Writes and removes an empty file where the settings allow it. Raises ConfigurationError,
        AuthenticationError, TemporaryError.
        """
        ...
