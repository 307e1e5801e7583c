"""Keeps what plugin instances remember: in the hub's database, encrypted with the hub's key."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import SQLAlchemyError

from incasso.contract.errors import TemporaryError
from incasso.contract.text import text
from incasso.store.engine import Store
from incasso.store.office import plugin_state
from incasso.store.proof.hub_key import HubKey, HubKeyError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE: Final = 12
_PURPOSE: Final = b"incasso plugin state"


class EncryptedRows:
    """Values of instances in a store. AES-GCM; a value moved to another key does not open."""

    def __init__(self, store: Store, key: HubKey, now: Callable[[], datetime]) -> None:
        self._store = store
        self._key = key
        self._now = now
        self._made: AESGCM | None = None

    def read(self, instance: str, key: str) -> tuple[str, int] | None:
        """Value and version. Raises TemporaryError."""
        with _told(self._store), self._store.read() as connection:
            found = plugin_state.read(connection, instance, key)
        if found is None:
            return None
        return self._opened(found[0], _about(instance, key)), found[1]

    def swap(self, instance: str, key: str, value: str | None, seen: int | None) -> bool:
        """Write or forget, if the version is still this. Raises TemporaryError."""
        closed = None if value is None else self._closed(value, _about(instance, key))
        with _told(self._store), self._store.write() as connection:
            return plugin_state.swap(connection, instance, key, closed, seen, self._now())

    def keys(self, instance: str) -> tuple[str, ...]:
        """The keys of an instance, in order. Raises TemporaryError."""
        with _told(self._store), self._store.read() as connection:
            return plugin_state.keys(connection, instance)

    def _closed(self, value: str, about: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher().encrypt(nonce, value.encode("utf-8"), about)

    def _opened(self, kept: bytes, about: bytes) -> str:
        from cryptography.exceptions import InvalidTag

        try:
            return self._cipher().decrypt(kept[:_NONCE], kept[_NONCE:], about).decode("utf-8")
        except (InvalidTag, ValueError):
            raise TemporaryError(
                text("what it remembers was written with another key of the hub: put that back")
            ) from None

    def _cipher(self) -> AESGCM:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if self._made is None:
            try:
                self._made = AESGCM(self._key.derived(_PURPOSE))
            except HubKeyError as error:
                raise TemporaryError(error.args[0]) from None
        return self._made


@contextmanager
def _told(store: Store) -> Iterator[None]:
    silent = TemporaryError(text("the hub's database does not answer"))
    if not store.is_there:
        raise silent
    try:
        yield
    except SQLAlchemyError:
        raise silent from None


def _about(instance: str, key: str) -> bytes:
    return f"{instance}\0{key}".encode()
