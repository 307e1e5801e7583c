"""Who may come in: the Authorization header, the lock-out, the coordinates, the five services."""

from __future__ import annotations

import base64
import binascii
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from incasso_fake_mexal.wire import RefusalError

SERVICES: Final = 5
"""Concurrent services of one WebAPI user."""

_COORDINATES: Final = re.compile(
    r"Azienda=(?P<company>\S+)(?: SottoAzienda=\S+)? Anno=(?P<year>\d{4})(?: Magazzino=\d+)?"
    r"|Anno=(?P<year2>\d{4}) Azienda=(?P<company2>\S+)(?: Magazzino=\d+)?"
)


@dataclass
class User:
    """A WebAPI user. `tries` bad logins lock it until somebody calls `unlock()`."""

    name: str = "webapi"
    password: str = "segreta"  # noqa: S105 - of a fake
    second: tuple[str, str] | None = None
    """A second account that must come along: the system's or the application administrator."""
    tries: int = 3
    failures: int = 0
    locked: bool = False
    working: int = 0
    most_working: int = 0
    """The highest number of services that worked for it at one time."""


@dataclass
class Access:
    """The gate: users, the domain of a cloud installation, exclusive use."""

    users: dict[str, User] = field(default_factory=dict)
    domain: str = ""
    """Set for a cloud installation: the header must then name it."""
    exclusive: bool = False
    """A reindex or a year closing runs: no service is available."""
    bad_logins: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def unlock(self, name: str = "webapi") -> None:
        """What the administrator does after a telephone call."""
        user = self.users[name]
        user.locked, user.failures = False, 0

    def enter(self, headers: Mapping[str, str]) -> User:
        """The user behind a request. Raises RefusalError 401, and counts what locks a user."""
        tokens, domain = _authorization(headers.get("authorization", ""))
        if self.domain and domain.upper() != self.domain.upper():
            raise RefusalError(401, 2002, "Dominio non valido")
        name, password = tokens[0]
        user = self.users.get(name)
        if user is not None and user.second is not None and len(tokens) < 2:
            raise RefusalError(401, 1006, "Secondo account mancante")
        with self._lock:
            return self._judge(user, password, tokens)

    def _judge(self, user: User | None, password: str, tokens: list[tuple[str, str]]) -> User:
        right = user is not None and user.password == password
        right = right and (user is None or user.second in (None, *tokens[1:]))
        if user is not None and user.locked:
            self.bad_logins += not right
            raise RefusalError(401, 2002, "Utente bloccato")
        if user is None or not right:
            self.bad_logins += 1
            if user is not None:
                user.failures += 1
                user.locked = user.failures >= user.tries
            raise RefusalError(401, 2002, "Utente o password errati")
        if self.exclusive:
            raise RefusalError(401, 3002, "Archivio in uso esclusivo")
        user.failures = 0
        return user

    @contextmanager
    def service(self, user: User) -> Iterator[None]:
        """One of the user's five services. Raises RefusalError 503 if none is free."""
        with self._lock:
            if user.working >= SERVICES:
                user.most_working = max(user.most_working, user.working + 1)
                raise RefusalError(503, 3002, "Nessun servizio disponibile")
            user.working += 1
            user.most_working = max(user.most_working, user.working)
        try:
            yield
        finally:
            with self._lock:
                user.working -= 1


def _authorization(value: str) -> tuple[list[tuple[str, str]], str]:
    """The accounts and the domain of the header. Raises RefusalError 1006 for another shape."""
    scheme, _, rest = value.partition(" ")
    words = rest.split(" ")
    domain = ""
    if words[-1].upper().startswith("DOMINIO="):
        domain = words.pop()[len("DOMINIO=") :]
    if scheme != "Passepartout" or not words or not 1 <= len(words) <= 2:
        raise RefusalError(401, 1006)
    return [_account(word) for word in words], domain


def _account(word: str) -> tuple[str, str]:
    try:
        name, colon, password = base64.b64decode(word, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise RefusalError(401, 1006) from None
    if not colon or not name:
        raise RefusalError(401, 1006)
    return name, password


def coordinates(headers: Mapping[str, str]) -> tuple[str, int]:
    """Company and year. Raises RefusalError 1001 if they are missing or written otherwise."""
    found = _COORDINATES.fullmatch(headers.get("coordinate-gestionale", ""))
    if found is None:
        raise RefusalError(401, 1001)
    return found["company"] or found["company2"], int(found["year"] or found["year2"])
