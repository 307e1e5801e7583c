"""What an exchange by mail remembers in the hub, because a mailbox is never changed: which files
left, and which of those that came are being read or were."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Final, TypeVar

import msgspec

from incasso.contract.errors import TemporaryError
from incasso.contract.folders import Arrived
from incasso.contract.text import text
from incasso.plugins.state import StateRows

T = TypeVar("T")

_TRIES: Final = 100
_MOST_SENT: Final = 500
"""Of so many files that left is known what they held; nobody asks after older ones."""


class Sent(msgspec.Struct, frozen=True):
    """A file that left, or that began to."""

    sha256: str
    size: int
    confirmed: bool = False


class Reader(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who reads which file since when; without a worker it is done."""

    worker: str = ""
    since: datetime | None = None
    file: Arrived | None = None


class Came(msgspec.Struct, frozen=True):
    """What came: up to the cursor everything is done, beyond it file by file."""

    cursor: str = ""
    files: dict[str, Reader] = {}


class MailMemory:
    """The memory of one exchange by mail, shared by all processes of the hub."""

    def __init__(self, rows: StateRows, instance: str, mark: str) -> None:
        """`mark` tells the exchange from others of the instance."""
        self._rows = rows
        self._instance = instance
        self._sent = f":sent.{mark}"
        self._came = f":came.{mark}"

    def sent(self, name: str) -> Sent | None:
        """What is known of a file that left."""
        return self._read(self._sent, dict[str, Sent], {}).get(name)

    def begins(self, name: str, what: Sent) -> None:
        """It is about to leave. Raises FileExistsError if it began before."""

        def begun(known: dict[str, Sent]) -> dict[str, Sent]:
            if name in known:
                raise FileExistsError(name)
            kept = list(known.items())[-_MOST_SENT + 1 :]
            return {**dict(kept), name: what}

        self._change(self._sent, dict[str, Sent], {}, begun)

    def ended(self, name: str, what: Sent | None) -> None:
        """It left, or certainly did not."""

        def told(known: dict[str, Sent]) -> dict[str, Sent]:
            rest = {key: each for key, each in known.items() if key != name}
            return rest if what is None else {**rest, name: what}

        self._change(self._sent, dict[str, Sent], {}, told)

    def came(self) -> Came:
        """What came."""
        return self._read(self._came, Came, Came())

    def passed(self, before: str, cursor: str, done: Collection[str]) -> None:
        """Everything up to the cursor is done: these files need not be remembered any more."""

        def moved(known: Came) -> Came:
            if known.cursor != before:  # another process was faster
                return known
            rest = {key: each for key, each in known.files.items() if key not in done}
            return Came(cursor=cursor, files=rest)

        self._change(self._came, Came, Came(), moved)

    def taken(self, file: str, who: Reader, patience: timedelta) -> bool:
        """Whether the file is now this reader's."""
        assert who.since is not None
        late = who.since - patience

        def claimed(known: Came) -> Came:
            now = known.files.get(file)
            if now is not None and (now.since is None or now.since >= late):
                raise FileExistsError(file)
            return Came(cursor=known.cursor, files={**known.files, file: who})

        try:
            self._change(self._came, Came, Came(), claimed)
        except FileExistsError:
            return False
        return True

    def left(self, file: str, who: Reader, then: Reader | None) -> bool:
        """Done (a reader without worker) or given back (None); False if it is another's now."""

        def changed(known: Came) -> Came:
            if known.files.get(file) != who:
                raise FileNotFoundError(file)
            rest = {key: each for key, each in known.files.items() if key != file}
            return Came(cursor=known.cursor, files=rest if then is None else {**rest, file: then})

        try:
            self._change(self._came, Came, Came(), changed)
        except FileNotFoundError:
            return False
        return True

    def _read(self, key: str, kind: type[T], empty: T) -> T:
        found = self._rows.read(self._instance, key)
        return empty if found is None else msgspec.json.decode(found[0], type=kind)

    def _change(self, key: str, kind: type[T], empty: T, how: Callable[[T], T]) -> None:
        """One step, whoever else changes it too. Raises what `how` raises, TemporaryError."""
        for _ in range(_TRIES):
            found = self._rows.read(self._instance, key)
            new = how(empty if found is None else msgspec.json.decode(found[0], type=kind))
            value = msgspec.json.encode(new).decode()
            if self._rows.swap(self._instance, key, value, found[1] if found else None):
                return
        raise TemporaryError(text("too many processes change what the exchange remembers"))
