"""One exchange folder during one call: what every kind of place has in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import BinaryIO, Protocol

import msgspec

from incasso.contract.errors import RejectedError, TemporaryError
from incasso.contract.folders import Arrived, FolderFacts, Stored
from incasso.contract.text import text
from incasso.contract.values import Problem
from incasso.plugins.folders import names, spool
from incasso.plugins.folders.places import Held, Place


class Seal(Protocol):
    """How files are encrypted, or are not."""

    @property
    def ending(self) -> str:
        """What a sealed file's name ends with."""
        ...

    def sealed(self, content: BinaryIO) -> BinaryIO:
        """For the other side."""
        ...

    def opened(self, content: BinaryIO) -> BinaryIO:
        """From the other side. Raises RejectedError."""
        ...

    def warnings(self, on: date) -> Iterable[Problem]:
        """What will stop it soon."""
        ...

    def own(self, content: BinaryIO) -> BinaryIO:
        """What we sealed ourselves. Raises RejectedError."""
        ...


class Plain:
    """Files that are not encrypted."""

    ending = ""

    def sealed(self, content: BinaryIO) -> BinaryIO:
        """As it is."""
        return content

    opened = own = sealed

    def warnings(self, on: date) -> Iterable[Problem]:
        """Nothing ends."""
        return ()


class Exchange:
    """The contract's ExchangeFolder."""

    def __init__(
        self, place: Place, seal: Seal, *, on: date, words: Callable[[str], str] = str
    ) -> None:
        """`words` says a sentence in the office's language."""
        self._place = place
        self._seal = seal
        self._on = on
        self._words = words

    def put(self, name: str, content: BinaryIO) -> Stored:
        """Lay a file into the folder for the other side."""
        names.ours(name)
        copy = spool.spooled(content)
        with copy.file:
            wanted = Stored(name=name, size=copy.size, sha256=copy.sha256)
            if self._is_there(wanted):
                return wanted
            with self._seal.sealed(copy.file) as sealed:
                try:
                    self._place.put(name + self._seal.ending, sealed, wanted)
                except FileExistsError:  # somebody was faster
                    if not self._is_there(wanted):
                        raise TemporaryError(text("{name} is being written", name=name)) from None
        return wanted

    def find(self, name: str) -> Stored | None:
        """What lies there for the other side."""
        found = self._place.stored(names.ours(name) + self._seal.ending, self._seal.own)
        return found and Stored(name=name, size=found.size, sha256=found.sha256)

    def arrived(self) -> Iterator[Arrived]:
        """The files that wait."""
        yield from self._place.waiting()

    def remarks(self) -> tuple[Problem, ...]:
        """What was left alone."""
        return self._place.remarks()

    def claim(self, file: Arrived) -> ClaimedFile | None:
        """The file, for this worker alone."""
        held = self._place.claim(file)
        return None if held is None else ClaimedFile(held, self._seal, self._words)

    def claimed(self, token: str) -> ClaimedFile | None:
        """A claim that was made before."""
        held = self._place.claimed(token)
        return None if held is None else ClaimedFile(held, self._seal, self._words)

    def check(self) -> FolderFacts:
        """Reach the place."""
        found = self._place.check()
        more = self._seal.warnings(self._on)
        return msgspec.structs.replace(found, warnings=(*found.warnings, *more))

    def _is_there(self, wanted: Stored) -> bool:
        """Whether these bytes lie there already. Raises RejectedError for others."""
        found = self.find(wanted.name)
        if found is not None and found != wanted:
            raise RejectedError(
                text(
                    "{name} lies there already with other content: {size} bytes, sha256 {sha256}",
                    name=wanted.name,
                    size=found.size,
                    sha256=found.sha256[:16],
                ),
                code="exists",
            )
        return found is not None


class ClaimedFile:
    """The contract's Claim."""

    def __init__(self, held: Held, seal: Seal, words: Callable[[str], str]) -> None:
        self.file = held.file
        self.token = held.token
        self._held = held
        self._seal = seal
        self._words = words

    def open(self) -> BinaryIO:
        """The content; nothing of it is given before all of it is known to be genuine."""
        copy = spool.empty()
        try:
            self._held.fetch(copy)
            copy.seek(0)
            content = self._seal.opened(copy)
            if content is not copy:
                copy.close()
            return content
        except BaseException:
            copy.close()
            raise

    def done(self) -> None:
        """Among those that are done."""
        self._held.done()

    def refused(self, reason: str, *, answer: str = "") -> None:
        """Among the refused."""
        words = [reason, *([text("More in {file}.", file=answer)] if answer else [])]
        self._held.refused("\n".join(map(self._words, words)) + "\n")

    def give_back(self) -> None:
        """Back among those that wait."""
        self._held.give_back()
