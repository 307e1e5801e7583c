"""Find out who acts, and refuse who is unknown, disabled or not permitted."""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import Connection

from incasso.contract.errors import IncassoError
from incasso.contract.text import Text, text
from incasso.domain.acts.permission import may
from incasso.domain.acts.work import WHO_MAY, Work
from incasso.domain.office.actor import Actor, ActorKind, Role, person
from incasso.locale.work_labels import WORK
from incasso.services.office.office import Office
from incasso.store.office import acting
from incasso.store.proof import journal

MOST_NAMED: Final = 12


class ActorError(IncassoError):
    """The actor may not do this; nothing was changed."""


def person_named(office: Office, login: str) -> Actor:
    """The person with this login. Raises ActorError if it is unknown or disabled."""
    with office.store.read() as connection:
        return _person(connection, login.strip())


def administrator(office: Office) -> Actor:
    """The administrator that `init` made. Raises ActorError if there is none who may work."""
    with office.store.read() as connection:
        login = acting.first_administrator(connection)
        if login is None:
            raise ActorError(text("Say who acts: `--by LOGIN`."))
        return _person(connection, login)


def present(connection: Connection, actor: Actor) -> Actor:
    """The actor as they stand now: role and scope may have changed since they came.

    Raises ActorError for somebody unknown or disabled.
    """
    return _person(connection, actor.name) if actor.kind is ActorKind.PERSON else actor


def admit(connection: Connection, actor: Actor, work: Work) -> Actor:
    """The actor as they stand now, if they may do this work. Raises ActorError."""
    now = present(connection, actor)
    need_role(now, WHO_MAY[work], WORK[work])
    return now


def begin(office: Office, actor: Actor, work: Work, on: date) -> None:
    """Let a person start what the clock usually does; the journal keeps who did.

    Raises ActorError.
    """
    if actor.kind is ActorKind.CLOCK:
        return
    with office.store.write() as connection:
        now = admit(connection, actor, work)
        begun = journal.Event(kind=f"{work}.begun", actor=now.name, on=on)
        journal.record(connection, [begun], at=office.now())


def need_role(actor: Actor, roles: frozenset[Role], what: Text) -> None:
    """Raises ActorError unless somebody may do what these roles may; `what` is an infinitive."""
    if may(actor, roles):
        return
    raise ActorError(
        text(
            "{who} is {role} and may not {what}: that is for {roles}.",
            who=actor.name,
            role=actor.role or actor.kind,
            what=what,
            roles=[role.value for role in Role if role in roles],
        )
    )


def _person(connection: Connection, login: str) -> Actor:
    if not login:
        raise ActorError(text("Say who acts: `--by LOGIN`."))
    found = acting.person(connection, login)
    if found is None:
        known = acting.working(connection)
        raise ActorError(
            text(
                "Nobody is called {login}: {known} may act, see `incasso users list`.",
                login=login,
                known=known[:MOST_NAMED] or text("nobody yet"),
            )
        )
    if not found.active:
        raise ActorError(
            text("{login} is disabled: `incasso users list` shows who may act.", login=login)
        )
    return person(found.login, found.role, found.scope)
