"""Tokens for programs that ask over HTTP: made once, shown once, kept as a digest, revoked."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy import Connection

from incasso.contract.capabilities import Family
from incasso.contract.errors import IncassoError
from incasso.contract.text import text
from incasso.domain.acts.work import Work
from incasso.domain.office.actor import Actor, ActorKind, Scope
from incasso.services.office.actors import admit
from incasso.services.office.office import Office
from incasso.store.engine import Store
from incasso.store.office import api_tokens
from incasso.store.proof import journal

SCOPES: Final = {
    "credit-status": "ask whether one client may order",
    "blocked": "read the list of everybody who may not",
}
"""What a token may be allowed, and what it means."""

USED: Final = timedelta(minutes=10)
"""How often the last use is written down: a write for every question would cost more than it."""

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_TOKEN: Final = re.compile(r"inc_([0-9a-f]{16})\.([A-Za-z0-9_-]{43})")


class TokenError(IncassoError):
    """This cannot be done about a token."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """What the bearer of a valid token may do."""

    name: str
    scopes: frozenset[str]
    sources: frozenset[str]
    """Names of sources; empty: every one."""

    @property
    def actor(self) -> Actor:
        """The program as the one who acts; its scope are the companies it may ask about."""
        scope = Scope(sources=self.sources or None)
        return Actor(kind=ActorKind.INTEGRATION, name=self.name, scope=scope)

    def may_see(self, source: str) -> bool:
        """Whether it may ask about this company."""
        return not self.sources or source in self.sources


def add_token(
    office: Office,
    actor: Actor,
    name: str,
    *,
    scopes: Sequence[str],
    sources: Sequence[str] = (),
    expires: date | None = None,
    on: date,
) -> str:
    """A new token, 256 random bits; nobody can show it again. Raises TokenError.

    Without sources it may ask about every company of the hub. `expires` is the last day on which
    it is good, in the office's time zone; without one it is good until it is revoked.
    """
    if not _NAME.fullmatch(name):
        raise TokenError(
            text(
                "“{name}” is no name for a token: small letters, digits and . _ - only.", name=name
            )
        )
    _need_scopes(scopes)
    _need_sources(office, sources)
    ends = None if expires is None else _end_of(office, expires)
    if ends is not None and ends <= office.now():
        raise TokenError(text("{day} is past: give the last day of the token.", day=expires))
    public, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    token = f"inc_{public}.{secret}"
    with office.store.write() as connection:
        by = admit(connection, actor, Work.TOKENS).name
        if api_tokens.named(connection, name) is not None:
            raise TokenError(
                text("There is a token {name} already: choose another name.", name=name)
            )
        api_tokens.add(
            connection,
            name=name,
            public_id=public,
            sha256=_digest(token),
            scopes=sorted(set(scopes)),
            sources=sorted(set(sources)),
            made_by=by,
            made_at=office.now(),
            expires_at=ends,
        )
        facts = {"scopes": sorted(set(scopes)), "sources": sorted(set(sources))}
        if expires is not None:
            facts["expires"] = [expires.isoformat()]
        _record(office, connection, "token.added", name, by, on, facts)
    return token


def revoke_token(office: Office, actor: Actor, name: str, *, on: date) -> None:
    """Revoke it. Raises TokenError if there is none of that name."""
    with office.store.write() as connection:
        by = admit(connection, actor, Work.TOKENS).name
        found = api_tokens.named(connection, name)
        if found is None:
            raise TokenError(
                text("There is no token {name}: `incasso tokens list` shows them.", name=name)
            )
        if found.revoked_at is not None:
            raise TokenError(text("The token {name} was revoked already.", name=name))
        api_tokens.revoke(connection, found.id, office.now())
        _record(office, connection, "token.revoked", name, by, on, {})


def access_by(store: Store, token: str, now: datetime) -> tuple[Access, int | None] | None:
    """What the bearer of this token may do; None if it is not valid.

    The number is that of a token whose use should be noted (`note_use`), else None.
    """
    read = _TOKEN.fullmatch(token)
    if read is None:
        return None
    with store.read() as connection:
        found = api_tokens.by_public_id(connection, read[1])
    # Compared even if there is none, in constant time: the timing reveals nothing about digests.
    known = found.sha256 if found is not None else b"\0" * 32
    fits = hmac.compare_digest(_digest(token), known)
    if found is None or not fits or found.revoked_at is not None:
        return None
    if found.expires_at is not None and now >= found.expires_at:
        return None
    access = Access(
        name=found.name, scopes=frozenset(found.scopes), sources=frozenset(found.sources)
    )
    stale = found.last_used_at is None or now - found.last_used_at >= USED
    return access, found.id if stale else None


def note_use(store: Store, token: int, now: datetime) -> None:
    """Record that a token was used. Raises what the database raises; does not wait for a lock."""
    with store.write() as connection:
        api_tokens.used(connection, token, now)


def _end_of(office: Office, day: date) -> datetime | None:
    """The instant at which a day is over where the office is; None in the last year there is."""
    if day.year == date.max.year:
        return None
    next_day = day + timedelta(days=1)
    return datetime.combine(next_day, time(), tzinfo=office.config.timezone)


def _need_scopes(given: Sequence[str]) -> None:
    known = sorted(SCOPES)
    if not given:
        raise TokenError(text("Say what it may do: `--scope`, one of {known}.", known=known))
    for scope in given:
        if scope not in SCOPES:
            raise TokenError(
                text("There is no scope {scope}: choose from {known}.", scope=scope, known=known)
            )


def _need_sources(office: Office, given: Sequence[str]) -> None:
    known = sorted(office.config.tables.get(Family.CONNECTOR, {}))
    for source in given:
        if source not in known:
            raise TokenError(
                text(
                    "There is no source {source}: choose from {known}.",
                    source=source,
                    known=known or text("none"),
                )
            )


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _record(
    office: Office,
    connection: Connection,
    kind: str,
    name: str,
    by: str,
    on: date,
    facts: dict[str, list[str]],
) -> None:
    event = journal.Event(kind=kind, actor=by, on=on, subject=f"token {name}", facts=facts)
    journal.record(connection, [event], at=office.now())
