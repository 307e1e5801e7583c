"""What records hold before an act changes them, so that the act can be undone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any, Final, TypeAlias

import sqlalchemy as sa
from sqlalchemy import Connection, Table

from incasso.domain.acts.undo import COURSE, Change, LeftStep, Made, Thing
from incasso.store.sql_ids import among
from incasso.store.tables.ledger import client_corrections, clients, installments
from incasso.store.tables.reaching import client_contacts, consents
from incasso.store.tables.recovery import agreements, cases, conversations, step_cases, steps
from incasso.store.tables.replies import replies

TABLES: Final[Mapping[Thing, Table]] = {
    Thing.CLIENT: clients,
    Thing.INSTALLMENT: installments,
    Thing.CASE: cases,
    Thing.STEP: steps,
    Thing.AGREEMENT: agreements,
    Thing.CONTACT: conversations,
    Thing.CORRECTION: client_corrections,
    Thing.CONSENT: consents,
    Thing.CLIENT_CONTACT: client_contacts,
    Thing.REPLY: replies,
}

_DECIDED: Final = ("id", "iter_override", "charges")

Snapshot: TypeAlias = Mapping[int, Mapping[str, Any]]
"""Records by id, each with all its fields."""


def snapshot(connection: Connection, thing: Thing, ids: Collection[int]) -> Snapshot:
    """The records as they stand now."""
    if not ids:
        return {}
    table = TABLES[thing]
    # Of an installment the office decides this; the rest is the ERP's, or planning's. A seal
    # follows from the other columns.
    all_but_seal = [column for column in table.c if column.name != "seal"]
    columns = [table.c[name] for name in _DECIDED] if table is installments else all_but_seal
    query = sa.select(*columns).where(among(connection, table.c.id, ids)).order_by(table.c.id)
    return {row.id: dict(row._mapping) for row in connection.execute(query)}


def made(connection: Connection, thing: Thing, number: int) -> Made:
    """A record that was just made."""
    fields = snapshot(connection, thing, [number])[number]
    return Made(
        thing=thing, id=number, after={name: plain(value) for name, value in fields.items()}
    )


def changes(thing: Thing, before: Snapshot, after: Snapshot) -> list[Change]:
    """The fields that differ, of the records that do."""
    found = []
    for number, was in before.items():
        now = after[number]
        names = [name for name in was if was[name] != now[name]]
        if names:
            names += [name for name in COURSE.get(thing, ()) if name not in names]
            found.append(
                Change(
                    thing=thing,
                    id=number,
                    before={name: plain(was[name]) for name in names},
                    after={name: plain(now[name]) for name in names},
                )
            )
    return found


def left_steps(connection: Connection, case_ids: Collection[int]) -> list[LeftStep]:
    """The places of these cases in the steps they are in."""
    if not case_ids:
        return []
    inside = sa.and_(step_cases.c.case_id == cases.c.id, step_cases.c.step_id == cases.c.step_id)
    query = (
        sa.select(step_cases)
        .join(cases, inside)
        .where(among(connection, cases.c.id, case_ids))
        .order_by(step_cases.c.case_id)
    )
    return [
        LeftStep(
            case=row.case_id,
            step=row.step_id,
            stage=row.stage,
            cycle=row.cycle,
            residual=row.residual,
        )
        for row in connection.execute(query)
    ]


def plain(value: Any) -> Any:
    """A value of a column as JSON keeps it."""
    match value:
        case datetime() | date():
            return value.isoformat()
        case Enum():
            return value.value
        case str():
            return str.__str__(value)  # a Text as its words
    return value
