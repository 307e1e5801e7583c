"""The people of the office: add, rename, disable, and their passwords."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import date
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from incasso.contract.capabilities import Family
from incasso.contract.errors import IncassoError
from incasso.contract.text import text
from incasso.domain.acts.work import Work
from incasso.domain.office.actor import Actor, Role
from incasso.services.office.actors import admit, present
from incasso.services.office.office import Office
from incasso.store.office import acting, people
from incasso.store.office.acting import EVERYTHING, PARTNERS, StoredScope
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
    scope: StoredScope = EVERYTHING,
    password: str | None = None,
) -> None:
    """A new user; without a password nobody can log in as them yet.

    `scope` narrows which clients they see and act on. Raises OfficeError, ActorError.
    """
    if not _LOGIN.fullmatch(login):
        raise OfficeError(
            text("“{login}” is no login: small letters, digits and . _ - only.", login=login)
        )
    if role not in list(Role):
        raise OfficeError(
            text(
                "There is no role {role}: choose from {roles}.",
                role=role,
                roles=[each.value for each in Role],
            )
        )
    _need_fitting(office, Role(role), scope)
    password_hash = "" if password is None else hash_password(password)
    with office.store.write() as connection:
        by = admit(connection, actor, Work.USERS).name
        if people.exists(connection, login):
            raise OfficeError(text("{login} exists already: choose another login.", login=login))
        people.add(
            connection,
            login=login,
            name=name,
            email=email,
            role=role,
            password_hash=password_hash,
            at=office.now(),
        )
        acting.keep_scope(connection, login, scope)
        facts = {"role": role, "scope": msgspec.to_builtins(scope)}
        _record(office, connection, "user.added", login, by, on, **facts)


def set_scope(office: Office, actor: Actor, login: str, scope: StoredScope, *, on: date) -> None:
    """Change which clients a user sees and acts on. Raises OfficeError, ActorError."""
    with office.store.write() as connection:
        by = admit(connection, actor, Work.USERS).name
        _need(connection, login)
        found = acting.person(connection, login)
        assert found is not None
        _need_fitting(office, found.role, scope)
        acting.keep_scope(connection, login, scope)
        kept = msgspec.to_builtins(scope)
        _record(office, connection, "user.scope", login, by, on, scope=kept)


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
        if not active and people.administrators(connection) == [login]:
            raise OfficeError(
                text("{login} is the only administrator: add another first.", login=login)
            )
        people.change(connection, login, active=active)
        _record(office, connection, "user.enabled" if active else "user.disabled", login, by, on)


def hash_password(password: str) -> str:
    """A salted hash that says how it was made. Raises OfficeError for a short password."""
    if len(password) < _SHORTEST:
        raise OfficeError(
            text(
                "A password needs at least {count} characters: a few words will do.",
                count=_SHORTEST,
            )
        )
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
        raise OfficeError(
            text("Nobody is called {login}: `incasso users list` shows who is.", login=login)
        )


def _need_fitting(office: Office, role: Role, scope: StoredScope) -> None:
    """An agent or a depot sees their own clients, so whose they are must be said."""
    if role is Role.AGENT and not scope.agents:
        raise OfficeError(text("Say which agent this is: `--agent CODE`, as the clients have it."))
    if role is Role.DEPOT and not scope.depots:
        raise OfficeError(text("Say which depot this is: `--depot CODE`, as the clients have it."))
    if scope.providers and role not in PARTNERS:
        raise OfficeError(
            text("`--provider` is for lawyers and agencies: see `incasso providers`.")
        )
    known = sorted(office.config.tables.get(Family.CONNECTOR, {}))
    for source in scope.sources or ():
        if source not in known:
            raise OfficeError(
                text(
                    "There is no source {source}: choose from {known}.",
                    source=source,
                    known=known or text("none"),
                )
            )


def _record(
    office: Office, connection: Connection, kind: str, login: str, by: str, on: date, **facts: Any
) -> None:
    event = journal.Event(kind=kind, actor=by, on=on, subject=f"user {login}", facts=facts)
    journal.record(connection, [event], at=office.now())
