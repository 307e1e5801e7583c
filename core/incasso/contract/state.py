"""What an instance may remember between calls and processes: `ctx.state`."""

from __future__ import annotations

from typing import Protocol

from incasso.contract.values import Value


class Kept(Value, frozen=True, kw_only=True):
    """A value that was remembered; `version` is another after every change."""

    value: str
    version: int


class StateClient(Protocol):
    """A few small texts of one instance: a refresh token, a sequence number, a session.

    Encrypted in the hub's database with the hub's key; other instances cannot see them. At most 32
    keys of 1-64 characters `a-z 0-9 _ . -`, each with at most 8,192 bytes. A mistake of these
    raises ValueError; a database that does not answer, or a hub's key that is missing, raises
    TemporaryError and nothing is changed.
    """

    def get(self, key: str) -> Kept | None:
        """What is remembered under the key."""
        ...

    def swap(self, key: str, value: str | None, *, seen: Kept | None) -> bool:
        """Remember a value, if what is remembered is still `seen`; None forgets the key.

        `seen` is what `get` gave: None where there was nothing. False, and nothing is changed, if
        another thread or process was faster: get again, and decide again.
        """
        ...

    def keys(self) -> tuple[str, ...]:
        """What is remembered, in order."""
        ...
