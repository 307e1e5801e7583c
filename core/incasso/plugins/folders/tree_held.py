"""A file that was renamed for its reader, and where it goes afterwards."""

from __future__ import annotations

from contextlib import suppress
from typing import BinaryIO

from incasso.contract.errors import OutcomeUnknownError, TemporaryError
from incasso.contract.folders import Arrived
from incasso.contract.text import text
from incasso.plugins.folders import spool
from incasso.plugins.folders.names import ClaimName
from incasso.plugins.folders.places import DONE, REFUSED, WORKING, Entry, Tree


class TreeHeld:
    """A file in `working`, under a name that only this worker knows."""

    def __init__(
        self, tree: Tree, folder: str, file: Arrived, claim: ClaimName, *, keep: bool
    ) -> None:
        self._tree = tree
        self._folder = folder
        self.file = file
        self._claim = str(claim)
        self.token = claim.token
        self._name = claim.name
        self._keep = keep
        self.path = f"{folder}/{WORKING}/{claim}"

    def is_still_it(self) -> bool:
        """Whether it is what was seen waiting."""
        found = self._tree.entry(self.path)
        return found is not None and identity(self._name, found) == self.file.identity

    def fetch(self, sink: BinaryIO) -> None:
        """Write it into the sink; one that still grows is not fit to be read."""
        try:
            self._tree.read(self.path, sink)
            after = self._tree.entry(self.path)
        except FileNotFoundError:
            raise self._lost() from None
        if after is None or after.size != sink.tell():
            raise TemporaryError(text("{name} is still growing", name=self._name))

    def done(self) -> None:
        """Into `done`, under the name of its claim: an earlier file of its name stays."""
        self._still_ours()
        if self._keep:
            self._into(DONE)
        else:
            self._tree.remove(self.path)

    def refused(self, words: str) -> None:
        """Into `refused`, the reason beside it first, so that none lies there without."""
        self._still_ours()
        self._tree.make(f"{self._folder}/{REFUSED}")
        reason = f"{self._folder}/{REFUSED}/{self._claim}.txt"
        self._tree.write(reason, spool.of(words.encode("utf-8")))
        self._into(REFUSED)

    def give_back(self) -> None:
        """Under its own name again; where another has come meanwhile, it waits its time out."""
        with suppress(FileExistsError, FileNotFoundError):
            self._tree.publish(self.path, f"{self._folder}/{self._name}")

    def _still_ours(self) -> None:
        if self._tree.entry(self.path) is None:
            raise self._lost()

    def _into(self, folder: str) -> None:
        self._tree.make(f"{self._folder}/{folder}")
        try:
            moved(self._tree, self.path, f"{self._folder}/{folder}/{self._claim}")
        except FileNotFoundError:
            raise self._lost() from None

    def _lost(self) -> TemporaryError:
        return TemporaryError(
            text("{name} was taken over by another reader, who finishes it", name=self._name)
        )


def moved(tree: Tree, old: str, new: str) -> None:
    """Rename; where the answer does not come, look. Raises FileNotFoundError, TemporaryError.

    Should the server rename after all, later, the file waits in `working` for its next reader.
    """
    try:
        tree.move(old, new)
    except OutcomeUnknownError as error:
        if tree.entry(new) is None:
            raise TemporaryError(str(error)) from None


def identity(name: str, entry: Entry) -> str:
    """A rename changes neither size nor time."""
    return f"{name}/{entry.size}/{entry.at.timestamp():.0f}"
