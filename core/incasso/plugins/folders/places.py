"""What every kind of place offers to an exchange, and what a tree of folders offers to a place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Final, Protocol, TypeAlias

from incasso.contract.folders import Arrived, FolderFacts, Stored
from incasso.contract.values import Problem

WORKING: Final = "working"
DONE: Final = "done"
REFUSED: Final = "refused"
"""Folders below the one where files come: what is being read, was read, could not be read."""

Opened: TypeAlias = Callable[[BinaryIO], BinaryIO]
"""Makes of a file as it lies there the content that was put: decrypted, where it is encrypted."""


class Held(Protocol):
    """A file that this worker has claimed."""

    @property
    def file(self) -> Arrived:
        """What was claimed."""
        ...

    @property
    def token(self) -> str:
        """By which `Place.claimed` finds it again."""
        ...

    def fetch(self, sink: BinaryIO) -> None:
        """Write the file, as it lies there, into the sink."""
        ...

    def done(self) -> None:
        """Among those that are done, or deleted if the settings say so."""
        ...

    def refused(self, words: str) -> None:
        """Among the refused, with these words beside it."""
        ...

    def give_back(self) -> None:
        """Back among those that wait."""
        ...


class Place(Protocol):
    """A place where files are exchanged."""

    def put(self, name: str, content: BinaryIO, stored: Stored) -> None:
        """Lay the content there, whole or not at all. The name is free, as `stored` found it.

        Raises OutcomeUnknownError. `stored` tells of the content before encryption.
        """
        ...

    def stored(self, name: str, opened: Opened) -> Stored | None:
        """What lies there under the name."""
        ...

    def waiting(self) -> Sequence[Arrived]:
        """What can be claimed, in the order of the names."""
        ...

    def remarks(self) -> tuple[Problem, ...]:
        """What `waiting` left alone, and why."""
        ...

    def claim(self, file: Arrived) -> Held | None:
        """The file for this worker; None if another has it or it is gone."""
        ...

    def claimed(self, token: str) -> Held | None:
        """The claim of that token, if it still holds."""
        ...

    def check(self) -> FolderFacts:
        """Reach it, and see what may be done there."""
        ...


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One file in a folder of a tree."""

    name: str
    size: int
    at: datetime


class Tree(Protocol):
    """Folders and files with names that can be changed: a disk, or an SFTP server.

    Paths have `/` between their parts and begin where the login begins. What is not there raises
    FileNotFoundError; every other failure is a class of `incasso.contract.errors`.
    """

    @property
    def identity(self) -> str:
        """A stable name of the place."""
        ...

    def check(self) -> Mapping[str, str]:
        """Reach it; what it says about itself, for people."""
        ...

    def listing(self, folder: str) -> Sequence[Entry]:
        """The files of a folder, without the folders in it."""
        ...

    def entry(self, path: str) -> Entry | None:
        """One file; None if it is not there."""
        ...

    def write(self, path: str, content: BinaryIO) -> None:
        """A file with this content; one that was there is gone."""
        ...

    def read(self, path: str, sink: BinaryIO) -> None:
        """The content of a file, into the sink."""
        ...

    def move(self, old: str, new: str) -> None:
        """Another name, which nobody else uses, in one step: of two who ask, one finds it gone.

        Never a copy. Raises OutcomeUnknownError where the answer did not come.
        """
        ...

    def publish(self, old: str, new: str) -> None:
        """Another name, by which others know it. Raises FileExistsError where it is taken.

        Never a copy. Raises OutcomeUnknownError where the answer did not come.
        """
        ...

    def remove(self, path: str) -> None:
        """The file goes away; nothing happens if it is gone."""
        ...

    def make(self, folder: str) -> None:
        """The folder, if it is not there. Its parent must be there."""
        ...
