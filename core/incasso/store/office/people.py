"""People of the office: who they are, and which clients, cases and steps are theirs."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.office.actor import Role
from incasso.domain.recovery.states import NOT_BEGUN, CaseState
from incasso.store.tables.ledger import clients
from incasso.store.tables.office import users
from incasso.store.tables.recovery import cases, steps
from incasso.store.written_rows import written

_WHO_WORKS = frozenset(("operator_id", "responsible_id"))
"""Decided in bulk by rules, and of no consequence to what a client is asked."""


def add(
    connection: Connection,
    *,
    login: str,
    name: str,
    email: str,
    role: str,
    password_hash: str,
    at: datetime,
) -> None:
    """A new user; the login must be free."""
    values = {"login": login, "name": name, "email": email, "role": role, "made_at": at}
    connection.execute(sa.insert(users).values(**values, password_hash=password_hash))
    written(connection, users.name, login)


def id_of(connection: Connection, login: str) -> int | None:
    """The id of a user who may work, or nothing."""
    query = sa.select(users.c.id).where(users.c.login == login, users.c.active)
    return connection.scalar(query)


def administrators(connection: Connection) -> list[str]:
    """Logins of the administrators who may work."""
    admins = sa.and_(users.c.role == Role.ADMINISTRATOR, users.c.active)
    return [*connection.scalars(sa.select(users.c.login).where(admins))]


def exists(connection: Connection, login: str) -> bool:
    """Whether the login is taken."""
    return connection.scalar(sa.select(users.c.id).where(users.c.login == login)) is not None


def has_any(connection: Connection) -> bool:
    """Whether anybody works here at all."""
    return connection.scalar(sa.select(users.c.id).limit(1)) is not None


def change(connection: Connection, login: str, **values: object) -> None:
    """Change fields of a user."""
    connection.execute(sa.update(users).where(users.c.login == login).values(**values))
    written(connection, users.name, login)


def change_client(connection: Connection, client: int, **values: object) -> None:
    """Change what the office decides about a client."""
    connection.execute(sa.update(clients).where(clients.c.id == client).values(**values))
    if not values.keys() <= _WHO_WORKS:
        written(connection, clients.name, client)


def running_work(connection: Connection, client: int) -> tuple[list[int], list[int]]:
    """A client's running cases, and its steps that have not begun."""
    running = sa.and_(cases.c.client_id == client, cases.c.state != CaseState.CLOSED)
    waiting = sa.and_(steps.c.client_id == client, steps.c.status.in_(NOT_BEGUN))
    return (
        list(connection.scalars(sa.select(cases.c.id).where(running).order_by(cases.c.id))),
        list(connection.scalars(sa.select(steps.c.id).where(waiting).order_by(steps.c.id))),
    )
