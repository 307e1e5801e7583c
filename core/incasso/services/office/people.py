"""The people of the office: add, rename, disable, and their passwords."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import date
from typing import Final

from sqlalchemy import Connection

from incasso.contract.errors import IncassoError
from incasso.domain.office.actor import Actor, Role
from incasso.domain.office.work import Work
from incasso.services.office.actors import admit, present
from incasso.services.running.office import Office
from incasso.store.office import people
from incasso.store.proof import journal

_LOGIN: Final = re.compile(r"[a-z][a-z0-9._-]{0,39}")
_SHORTEST: Final = 10
"""Length beats odd characters: NIST SP 800-63B asks for no others."""

_COST: Final = (2**15, 8, 1)
"""scrypt N, r, p: 32 MB and about 0.1 s a try, as OWASP asks."""


class OfficeError(IncassoError):
    """This cannot be changed about the people of the office."""


def add_user(
    office: Office,
    actor: Actor,
    login: str,
    *,
    on: date,
    name: str = "",
    email: str = "",
    role: str = "operator",
    password: str | None = None,
) -> None:
    """A new user; without a password nobody can log in as them yet. Raises OfficeError."""
    if not _LOGIN.fullmatch(login):
        raise OfficeError(f"“{login}” is no login: small letters, digits and . _ - only.")
    if role not in list(Role):
        raise OfficeError(f"There is no role {role}: choose from {', '.join(Role)}.")
    password_hash = "" if password is None else hash_password(password)
    with office.store.write() as connection:
        by = admit(connection, actor, Work.USERS).name
        if people.exists(connection, login):
            raise OfficeError(f"{login} exists already: choose another login.")
        people.add(
            connection,
            login=login,
            name=name,
            email=email,
            role=role,
            password_hash=password_hash,
            at=office.now(),
        )
        _record(office, connection, "user.added", login, by, on, role=role)


def set_password(office: Office, actor: Actor, login: str, password: str, *, on: date) -> None:
    """Give a user a new password: one's own, or an administrator somebody else's.

    Raises OfficeError if it is too short or nobody has the login, ActorError.
    """
    password_hash = hash_password(password)
    with office.store.write() as connection:
        if login == actor.name:
            by = present(connection, actor).name
        else:
            by = admit(connection, actor, Work.USERS).name
        _need(connection, login)
        people.change(connection, login, password_hash=password_hash)
        _record(office, connection, "user.password", login, by, on)


def set_active(office: Office, actor: Actor, login: str, active: bool, *, on: date) -> None:
    """Disable a user, or let them work again; what they did stays. Raises OfficeError."""
    with office.store.write() as connection:
        by = admit(connection, actor, Work.USERS).name
        _need(connection, login)
        people.change(connection, login, active=active)
        _record(office, connection, "user.enabled" if active else "user.disabled", login, by, on)


def hash_password(password: str) -> str:
    """A salted hash that says how it was made. Raises OfficeError for a short password."""
    if len(password) < _SHORTEST:
        raise OfficeError(f"A password needs at least {_SHORTEST} characters: a few words will do.")
    salt = secrets.token_bytes(16)
    n, r, p = _COST
    return f"scrypt${n}${r}${p}${salt.hex()}${_scrypt(password, salt, n, r, p).hex()}"


def is_password(password: str, password_hash: str) -> bool:
    """Whether the password is the one that was hashed; never for an empty hash."""
    kind, *rest = password_hash.split("$")
    if kind != "scrypt" or len(rest) != 5:
        return False
    n, r, p, salt, digest = rest
    found = _scrypt(password, bytes.fromhex(salt), int(n), int(r), int(p))
    return hmac.compare_digest(found, bytes.fromhex(digest))


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=2**27)


def _need(connection: Connection, login: str) -> None:
    if not people.exists(connection, login):
        raise OfficeError(f"Nobody is called {login}: `incasso users list` shows who is.")


def _record(
    office: Office, connection: Connection, kind: str, login: str, by: str, on: date, **facts: str
) -> None:
    event = journal.Event(kind=kind, actor=by, on=on, subject=f"user {login}", facts=facts)
    journal.record(connection, [event], at=office.now())
