"""A throw-away copy of the database, on SQLite, to try days on without touching the real one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection, event

from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.recovery.contact_policy import week_of
from incasso.domain.recovery.states import IN_HAND, AgreementStatus, CaseState
from incasso.store.engine import Store, open_store
from incasso.store.recovery import agenda
from incasso.store.tables import (
    ledger,
    metadata,
    office,
    proof,
    reaching,
    recovery,
    replies,
    sending,
)

PAGE = 5000

# What a decision or its report may look at. History and proof stay where they are.
COPIED: Final[tuple[tuple[sa.Table, sa.ColumnElement[bool] | None], ...]] = (
    (office.users, None),
    (office.office_settings, None),
    (ledger.sources, None),
    (ledger.clients, None),
    (
        ledger.installments,
        sa.or_(ledger.installments.c.status == InstallmentStatus.OPEN, agenda.ON_AGENDA),
    ),
    (recovery.agenda, None),
    (recovery.iters, None),
    (recovery.iter_versions, None),
    (recovery.cases, recovery.cases.c.state != CaseState.CLOSED),
    (
        recovery.steps,
        recovery.steps.c.status.in_(IN_HAND),
    ),
    (recovery.step_cases, None),
    (recovery.agreements, recovery.agreements.c.status == AgreementStatus.ACTIVE),
    (recovery.agreement_dates, None),
    (recovery.agreement_installments, None),
    (recovery.conversations, None),
    (sending.bad_addresses, None),
    (replies.replies, replies.replies.c.client_id.is_not(None)),
    (reaching.consents, None),
    (reaching.client_contacts, None),
    (proof.journal_head, None),
)


@contextmanager
def trial_copy(store: Store, on: date) -> Iterator[Store]:
    """A copy with the same state, for days from that one on, gone at the end. The real database is
    only read."""
    with TemporaryDirectory(prefix="incasso-trial-") as folder:
        path = Path(folder) / "trial.db"
        copy = open_store(f"sqlite:///{path}", store.archive)
        event.listen(copy.engine, "connect", _careless)
        try:
            with store.read() as connection:
                if store.is_sqlite:
                    _back_up(connection, path)
                else:
                    _copy_tables(connection, copy, on)
            yield copy
        finally:
            copy.close()


def _careless(connection: sqlite3.Connection, _record: Any) -> None:
    """This file need not survive a power cut, and its foreign keys may point to nothing."""
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA foreign_keys = OFF")


def _back_up(connection: Connection, path: Path) -> None:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    target = sqlite3.connect(path)
    try:
        driver.backup(target)
    finally:
        target.close()


def _copy_tables(connection: Connection, copy: Store, on: date) -> None:
    metadata.create_all(copy.engine)
    heard = sending.deliveries.c.on_date >= week_of(on)
    sent = sa.and_(sending.deliveries.c.step_id == recovery.steps.c.id, heard)
    for table, wanted in (
        *COPIED,
        (sending.deliveries, heard),
        (recovery.steps, sa.and_(recovery.steps.c.status.not_in(IN_HAND), sa.exists().where(sent))),
    ):
        query = sa.select(table) if wanted is None else sa.select(table).where(wanted)
        found = connection.execute(query.execution_options(yield_per=PAGE))
        for rows in found.mappings().partitions():
            with copy.write() as target:
                target.execute(sa.insert(table), [dict(row) for row in rows])
