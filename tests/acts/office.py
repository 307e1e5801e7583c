"""A small office written straight into the tables, for tests that need no sync and no plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.store.engine import Store
from incasso.store.tables import ledger, office, recovery, sending
from tests.agenda import set_look
from tests.summing import wrote

MONDAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)

TRANSFER: dict[str, Any] = {
    "key": "bonifico",
    "tolerance": "5.00",
    "stages": [
        {"key": "sollecito", "days": 5, "channels": ["email"], "template": "sollecito_1"},
        {
            "key": "telefonata",
            "anchor": "previous",
            "days": 5,
            "action": "call",
            "mode": "manual",
            "advance_on": "done",
        },
        {
            "key": "diffida",
            "anchor": "previous",
            "days": 10,
            "channels": ["pec", "registered"],
            "template": "diffida",
            "mode": "approve",
        },
    ],
}


def insert(connection: Connection, table: sa.Table, **values: Any) -> int:
    """One row; its id."""
    return int(
        connection.execute(sa.insert(table).values(**values).returning(table.c.id)).scalar_one()
    )


def source(connection: Connection, name: str = "acme") -> int:
    """A company."""
    return insert(connection, ledger.sources, name=name)


def client(connection: Connection, source: int, code: str, name: str, **values: Any) -> int:
    """A client with a mail address."""
    values = {"email": f"{code.lower()}@example.it", **values}
    return insert(connection, ledger.clients, source_id=source, code=code, name=name, **values)


def installment(
    connection: Connection, client: int, key: str, cents: int, due: date, **values: Any
) -> int:
    """An open invoice."""
    of_client = sa.select(ledger.clients.c.source_id).where(ledger.clients.c.id == client)
    look_on = values.pop("look_on", None)
    values = {
        "document_number": key.partition("/")[0],
        "amount": cents,
        "payment_method": "transfer",
        **values,
    }
    new = insert(
        connection,
        ledger.installments,
        source_id=connection.scalar(of_client),
        client_id=client,
        key=key,
        due_date=due,
        residual=cents,
        **values,
    )
    set_look(connection, look_on, [new])
    wrote(connection, client, MONDAY)
    return new


def iter_version(connection: Connection, definition: dict[str, Any] = TRANSFER) -> int:
    """A published iter."""
    made = insert(connection, recovery.iters, key=definition["key"])
    return insert(
        connection,
        recovery.iter_versions,
        iter_id=made,
        version=1,
        status="published",
        definition=definition,
    )


def case(connection: Connection, installment: int, version: int, **values: Any) -> int:
    """A running case."""
    table = ledger.installments
    of = connection.execute(sa.select(table).where(table.c.id == installment)).one()
    values = {"state": "open", "opened_on": MONDAY, "next_stage": "sollecito", **values}
    wrote(connection, of.client_id, MONDAY)
    return insert(
        connection,
        recovery.cases,
        source_id=of.source_id,
        client_id=of.client_id,
        installment_id=installment,
        iter_version_id=version,
        **values,
    )


def step(connection: Connection, cases: list[int], **values: Any) -> int:
    """A step that is planned for Monday, with its cases inside."""
    table = recovery.cases
    first = connection.execute(sa.select(table).where(table.c.id == cases[0])).one()
    values = {
        "stage": "sollecito",
        "action": "send",
        "medium": "email",
        "mode": "auto",
        "status": "ready",
        "due_on": MONDAY,
        "language": "it",
        "total": 10000,
        **values,
    }
    made = insert(
        connection,
        recovery.steps,
        source_id=first.source_id,
        client_id=first.client_id,
        iter_version_id=first.iter_version_id,
        **values,
    )
    rows = [
        {"step_id": made, "case_id": case, "stage": values["stage"], "residual": 10000}
        for case in cases
    ]
    connection.execute(sa.insert(recovery.step_cases), rows)
    connection.execute(sa.update(table).where(table.c.id.in_(cases)).values(step_id=made))
    return made


def user(connection: Connection, login: str, **values: Any) -> int:
    """Somebody who works here."""
    return insert(connection, office.users, login=login, **values)


def delivery(connection: Connection, step: int, name: str, **values: Any) -> None:
    """A delivery of a step, accepted by the mail channel."""
    table = recovery.steps
    of = connection.execute(sa.select(table).where(table.c.id == step)).one()
    values = {"status": "accepted", "accepted_at": NOON, "cost": 0, **values}
    insert_values = {
        "id": name,
        "step_id": step,
        "source_id": of.source_id,
        "client_id": of.client_id,
        "medium": of.medium,
        "channel": "mail",
        "to": "c2@example.it",
        "attempts": 1,
        "on_date": MONDAY,
        **values,
    }
    connection.execute(sa.insert(sending.deliveries).values(**insert_values))


@dataclass(frozen=True, kw_only=True)
class Small:
    """Ids of the small office."""

    client: int
    late: int
    later: int
    cases: tuple[int, int]
    step: int
    anna: int


def small_office(store: Store) -> Small:
    """Rossi owes 100.00 and 250.50, both past due and in one ready e-mail."""
    with store.write() as connection:
        rossi = client(connection, source(connection), "C1", "Rossi Srl")
        late = installment(connection, rossi, "F1/1", 10000, date(2026, 10, 1))
        later = installment(connection, rossi, "F2/1", 25050, date(2026, 11, 1))
        version = iter_version(connection)
        cases = (case(connection, late, version), case(connection, later, version))
        return Small(
            client=rossi,
            late=late,
            later=later,
            cases=cases,
            step=step(connection, list(cases), total=35050),
            anna=user(connection, "anna", role="credit_manager"),
        )
