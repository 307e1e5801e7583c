"""Make a hub ready: database, first administrator, built-in texts."""

from __future__ import annotations

from typing import Final

import msgspec
from sqlalchemy import Connection

from incasso.contract.text import Text
from incasso.services.office.office import Office
from incasso.services.proof.anchoring import catch_up, establish
from incasso.services.sending.texts import install_texts
from incasso.store.migrate import upgrade
from incasso.store.office import people
from incasso.store.proof import journal
from incasso.store.proof.journal import Event

ADMINISTRATOR: Final = "admin"

SETUP: Final = "setup"
"""Who makes the first administrator. Not `sealed_rows.SEALER`: its events say that there is a key,
and a database that is behind its anchor gets none."""


class SetupReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was made; all of it empty the second time."""

    revision: str
    administrator: str = ""
    """Login of the administrator made now; empty if there was a user already."""
    texts: int = 0
    """Built-in texts published now."""
    key: bool = False
    """Whether the hub's own key was made now."""
    unprotected: tuple[Text, ...] = ()
    """Why places took no copy of the journal's anchor."""


def init(
    office: Office, *, login: str = ADMINISTRATOR, name: str = "", email: str = ""
) -> SetupReport:
    """Create or upgrade the database and furnish what an empty office lacks.

    Running it again, or after an upgrade of the program, adds only what is missing; what the office
    wrote stays. The contact policy needs no row: the conduct code's numbers hold until the office
    writes its own. The administrator has no password until somebody sets one, so nobody can enter
    with a default. Raises SchemaError for a database that is not ours.
    """
    revision = upgrade(office.store)
    made = False
    with office.store.write() as connection:
        if not people.has_any(connection):
            made = True
            people.add(
                connection,
                login=login,
                name=name or "Amministratore",
                email=email,
                role="administrator",
                password_hash="",
                at=office.now(),
            )
            _sealed(office, connection, login)
    texts = install_texts(office)
    key = establish(office)
    return SetupReport(
        revision=revision,
        administrator=login if made else "",
        texts=texts,
        key=key,
        unprotected=tuple(catch_up(office.store)),
    )


def _sealed(office: Office, connection: Connection, login: str) -> None:
    """The journal says who was added, so that `verify` knows the row from one put in by hand."""
    event = Event(
        kind="user.added",
        actor=SETUP,
        on=office.today(),
        subject=f"user {login}",
        facts={"role": "administrator"},
    )
    journal.record(connection, [event], at=office.now())
