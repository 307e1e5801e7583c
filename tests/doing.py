"""Act in a test as somebody of the office."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from incasso.contract.text import Text
from incasso.domain.acts.act import Act
from incasso.domain.office.actor import Role
from incasso.services.acts import perform
from incasso.services.office.actors import person_named
from incasso.services.office.office import Office
from incasso.store.engine import Store
from incasso.store.tables.office import users

MONDAY = date(2026, 11, 23)


def do(office: Office, act: Act, by: str = "anna", on: date = MONDAY) -> Text:
    """Perform an act; the sentence it answers."""
    return perform(office, person_named(office, by), act, on).sentence


def people(store: Store, role: Role = Role.CREDIT_MANAGER, *logins: str) -> None:
    """Somebody who works here: `people(store, Role.OPERATOR, "luca")`; anna unless told."""
    with store.write() as connection:
        for login in logins or ("anna",):
            connection.execute(sa.insert(users).values(login=login, role=role.value))
