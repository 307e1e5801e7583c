"""An office with some thousand installments, as large as it must be for a walk to be a bad plan."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from incasso.domain.recovery.iters import Iter
from incasso.store.engine import Store
from incasso.store.recovery import agenda
from incasso.store.tables.ledger import clients, installments
from tests.recovery.office import TODAY, Office, after, call, letters, stage
from tests.summing import sum_up

CLIENTS, EACH = 600, 5
FIRST_DUE = 25
"""Installments fall due from so many days before today to so many days after it."""

PROCEDURE: Iter = letters(stage("one", 1), after("two", 6), call("phone", 3))


def filled(store: Store) -> Office:
    """The first day is planned, on which half of it is due; then 2 % fall due on each day."""
    office = Office(store)
    office.publish(PROCEDURE)
    with store.write() as connection:
        connection.execute(
            sa.insert(clients),
            [
                {
                    "source_id": office.source,
                    "code": f"C{number:04}",
                    "name": f"Ditta {number}",
                    "email": f"c{number}@example.it" if number % 9 else "",
                    "country": "IT",
                }
                for number in range(CLIENTS)
            ],
        )
        owners = connection.scalars(sa.select(clients.c.id).order_by(clients.c.id)).all()
        connection.execute(
            sa.insert(installments),
            [
                {
                    "source_id": office.source,
                    "client_id": owner,
                    "key": f"R{owner}-{number}",
                    "due_date": TODAY + timedelta(days=(owner * 7 + number * 11) % 50 - FIRST_DUE),
                    "amount": 10_000,
                    "residual": -500 if owner % 40 == 0 and not number else 10_000,
                    "payment_method": "transfer",
                }
                for owner in owners
                for number in range(EACH)
            ],
        )
        agenda.review_new(connection, office.source, 0, office.on)
        sum_up(connection, office.on)
    office.plan()
    with store.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
    return office
