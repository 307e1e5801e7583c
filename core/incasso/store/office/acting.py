"""Who may act: the people of the office with their role and scope, as they stand now."""

from __future__ import annotations

from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.office.actor import Role, Scope
from incasso.store.tables.office import users
from incasso.store.written_rows import written


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """One user, as acting needs them."""

    login: str
    role: Role
    active: bool
    scope: Scope


class StoredScope(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A scope as it is kept with the user; a field left out narrows nothing."""

    sources: tuple[str, ...] | None = None
    agents: tuple[str, ...] | None = None
    depots: tuple[str, ...] | None = None
    own: bool = False
    """Only clients they are the operator of."""
    providers: tuple[str, ...] | None = None
    """Of partners: the keys of the providers they belong to."""


EVERYTHING: Final = StoredScope()
PARTNERS: Final = (Role.LAWYER, Role.PROVIDER)
"""Roles of people outside, who belong to a provider."""
NOTHING: Final = Scope(sources=frozenset())


def person(connection: Connection, login: str) -> Person | None:
    """The user of that login, whether or not they may work."""
    query = sa.select(users.c.role, users.c.active, users.c.scope).where(users.c.login == login)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    role = Role(row.role)
    kept = msgspec.convert(row.scope, StoredScope)
    return Person(login=login, role=role, active=row.active, scope=_scope(login, role, kept))


def working(connection: Connection) -> list[str]:
    """The logins of everybody who may work, sorted."""
    return sorted(connection.scalars(sa.select(users.c.login).where(users.c.active)))


def first_administrator(connection: Connection) -> str | None:
    """The login of the administrator that `init` made: the oldest one."""
    query = sa.select(users.c.login).where(users.c.role == Role.ADMINISTRATOR)
    return connection.scalar(query.order_by(users.c.id).limit(1))


def keep_scope(connection: Connection, login: str, scope: StoredScope) -> None:
    """Give a user another scope."""
    kept = msgspec.to_builtins(scope)
    connection.execute(sa.update(users).where(users.c.login == login).values(scope=kept))
    written(connection, users.name, login)


def _scope(login: str, role: Role, kept: StoredScope) -> Scope:
    """What they may see: partners what is placed with them, an agent never other agents', and
    sales only whose clients somebody has named."""
    if role in PARTNERS:
        return Scope(providers=_set(kept.providers)) if kept.providers else NOTHING
    agents, depots = _set(kept.agents), _set(kept.depots)
    if role is Role.SALES and not (agents or depots or kept.sources or kept.own):
        return NOTHING
    return Scope(
        sources=_set(kept.sources),
        agents=agents or frozenset() if role is Role.AGENT else agents,
        depots=depots or frozenset() if role is Role.DEPOT else depots,
        operator=login if kept.own else None,
    )


def _set(kept: tuple[str, ...] | None) -> frozenset[str] | None:
    return None if kept is None else frozenset(kept)
