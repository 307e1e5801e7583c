"""The door to what an instance remembers, and the limits that its processes share."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from threading import Lock
from typing import Final, Protocol

from incasso.contract.errors import RateLimitedError, TemporaryError
from incasso.contract.state import Kept

LARGEST: Final = 8192
MOST_KEYS: Final = 32
_KEY: Final = re.compile(r"[a-z0-9_.-]{1,64}")
_OF_THE_HUB: Final = ":"
"""So begins a key of the hub's own; no plugin can name it."""
_TRIES: Final = 100


class StateRows(Protocol):
    """Where values are kept, by instance and key, each with a version."""

    def read(self, instance: str, key: str) -> tuple[str, int] | None:
        """Value and version. Raises TemporaryError."""
        ...

    def swap(self, instance: str, key: str, value: str | None, seen: int | None) -> bool:
        """Write or, with None, forget, if the version is still this. Raises TemporaryError."""
        ...

    def keys(self, instance: str) -> tuple[str, ...]:
        """The keys of an instance, in order. Raises TemporaryError."""
        ...


class MemoryRows:
    """Values of this process alone: for tests, and for a hub without a database yet."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], tuple[str, int]] = {}
        self._versions = 0
        self._lock = Lock()

    def read(self, instance: str, key: str) -> tuple[str, int] | None:
        """Value and version."""
        return self._rows.get((instance, key))

    def swap(self, instance: str, key: str, value: str | None, seen: int | None) -> bool:
        """Write or forget, if the version is still this."""
        with self._lock:
            found = self._rows.get((instance, key))
            if (found[1] if found else None) != seen:
                return False
            self._versions += 1
            self._rows.pop((instance, key), None)
            if value is not None:
                self._rows[instance, key] = (value, self._versions)
            return True

    def keys(self, instance: str) -> tuple[str, ...]:
        """The keys of an instance, in order."""
        return tuple(sorted(key for owner, key in self._rows if owner == instance))


class StateDoor:
    """`ctx.state` of one instance."""

    def __init__(self, rows: StateRows, instance: str) -> None:
        self._rows = rows
        self._instance = instance

    def get(self, key: str) -> Kept | None:
        """What is remembered under the key."""
        found = self._rows.read(self._instance, _checked(key))
        return None if found is None else Kept(value=found[0], version=found[1])

    def swap(self, key: str, value: str | None, *, seen: Kept | None) -> bool:
        """Remember or forget, if what is remembered is still `seen`."""
        _checked(key)
        if value is not None and len(value.encode("utf-8")) > LARGEST:
            raise ValueError(f"the value of {key} has more than {LARGEST} bytes")
        if value is not None and seen is None and len(self.keys()) >= MOST_KEYS:
            raise ValueError(f"there are {MOST_KEYS} keys already: forget one before {key}")
        version = None if seen is None else seen.version
        return self._rows.swap(self._instance, key, value, version)

    def keys(self) -> tuple[str, ...]:
        """What is remembered, in order."""
        return tuple(key for key in self._rows.keys(self._instance) if key[0] != _OF_THE_HUB)


class OwnText:
    """A text of this process alone."""

    def __init__(self) -> None:
        self._value: str | None = None
        self._lock = Lock()

    def change(self, how: Callable[[str | None], str]) -> None:
        """Replace it by what `how` makes of it."""
        with self._lock:
            self._value = how(self._value)


class KeptText:
    """A text of the hub about an instance, shared by all processes; by this one alone while
    nothing is kept."""

    def __init__(self, rows: StateRows, instance: str, key: str) -> None:
        """`key` begins with a colon: no plugin can name it."""
        self._rows = rows
        self._instance = instance
        self._key = key
        self._own = OwnText()

    def change(self, how: Callable[[str | None], str]) -> None:
        """Replace it by what `how` makes of it, as one step. Raises what `how` raises."""
        try:
            for _ in range(_TRIES):
                found = self._rows.read(self._instance, self._key)
                new = how(found[0] if found else None)
                if self._rows.swap(self._instance, self._key, new, found[1] if found else None):
                    return
        except RateLimitedError:
            raise  # a TemporaryError too, but from `how`: it is the answer
        except TemporaryError:
            pass  # no database or no key: a limit of our own is better than none
        self._own.change(how)


class KeptInstant:
    """The instant of a pace, kept as a text."""

    def __init__(self, kept: KeptText) -> None:
        self._kept = kept

    def change(self, how: Callable[[datetime | None], datetime]) -> None:
        """Replace it by what `how` makes of it, as one step. Raises what `how` raises."""
        self._kept.change(
            lambda seen: how(None if seen is None else datetime.fromisoformat(seen)).isoformat()
        )


def _checked(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise ValueError(f"{key!r} is no key: 1-64 of a-z, 0-9, _ . and -")
    return key
