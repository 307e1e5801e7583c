"""An attachment that is being read: remembered in the hub, because the mailbox is never changed."""

from __future__ import annotations

from collections.abc import Callable
from logging import Logger
from typing import BinaryIO

from incasso.contract.errors import RejectedError, TemporaryError
from incasso.contract.folders import Arrived
from incasso.contract.text import text
from incasso.plugins.folders.kept import MailMemory, Reader


class MailHeld:
    """An attachment that we remember to be reading."""

    def __init__(
        self,
        file: Arrived,
        who: Reader,
        memory: MailMemory,
        content: Callable[[Arrived], bytes | None],
        log: Logger,
    ) -> None:
        self.file = file
        self.token = f"{file.identity}#{who.worker}"
        self._who = who
        self._memory = memory
        self._content = content
        self._log = log

    def fetch(self, sink: BinaryIO) -> None:
        """Write it into the sink."""
        content = self._content(self.file)
        if content is None:
            raise RejectedError(
                text("the mail with {name} is gone from the mailbox", name=self.file.name),
                code="gone",
            )
        sink.write(content)

    def done(self) -> None:
        """Remembered as read; the mail stays as it is."""
        if not self._memory.left(self.file.identity, self._who, Reader()):
            raise TemporaryError(
                text(
                    "{name} was taken over by another reader, who finishes it", name=self.file.name
                )
            )

    def refused(self, words: str) -> None:
        """Remembered as read: what is wrong is said by the answer that goes to them."""
        self._log.warning("%s is refused: %s", self.file.name, words.strip())
        self.done()

    def give_back(self) -> None:
        """Nobody reads it any more."""
        self._memory.left(self.file.identity, self._who, None)
