"""The actor at the command line: the person named, else logged in, else the administrator."""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import TYPE_CHECKING

from incasso.cli.output import complain
from incasso.contract.text import text
from incasso.locale.labels import ROLES

if TYPE_CHECKING:
    from incasso.domain.office.actor import Actor, Scope
    from incasso.services.office.office import Office

VARIABLE = "INCASSO_USER"


def acting(office: Office, by: str) -> Actor:
    """The person this command acts as: `--by` or INCASSO_USER, else the one that `[hub.os_users]`
    names for the operating system's user, else the administrator that `init` made, which is said.

    Raises ActorError for somebody unknown or disabled.
    """
    from incasso.services.office.actors import administrator, person_named

    if login := by.strip() or office.config.os_users.get(system_login(), ""):
        return person_named(office, login)
    actor = administrator(office)
    complain(text("Acting as {login}: name another with `--by LOGIN`.", login=actor.name))
    return actor


def started_by(office: Office, by: str) -> Actor:
    """The actor of scheduled work started by hand: a person if one is known, else the clock.

    Raises ActorError for somebody unknown or disabled.
    """
    from incasso.domain.office.actor import CLOCK
    from incasso.services.office.actors import person_named

    login = by.strip() or office.config.os_users.get(system_login(), "")
    return person_named(office, login) if login else CLOCK


def reading_scope(office: Office, by: str = "", hidden_from: Collection[str] = ()) -> Scope:
    """The scope of the reader; the same order of names, without a notice.

    Raises ActorError for somebody unknown or disabled, and for a role from whom this is hidden.
    """
    from incasso.domain.office.actor import Scope
    from incasso.services.office.actors import ActorError

    if (actor := reader(office, by)) is None:
        return Scope.everything()
    if actor.role is not None and actor.role in hidden_from:
        raise ActorError(
            text("{login} ({role}) may not read this.", login=actor.name, role=ROLES[actor.role])
        )
    return actor.scope


def reader(office: Office, by: str = "") -> Actor | None:
    """The person who reads; None: nobody is named, and everything may be read.

    Raises ActorError for somebody unknown or disabled.
    """
    from incasso.services.office.actors import person_named

    named = by.strip() or os.environ.get(VARIABLE, "").strip()
    login = named or office.config.os_users.get(system_login(), "")
    return person_named(office, login) if login else None


def system_login() -> str:
    """The operating system's user; empty if unknown."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container without a user database
        return ""
