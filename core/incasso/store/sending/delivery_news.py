"""News about deliveries: each piece is stored once, even if the channel repeats it."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.contract.channel import DeliveryUpdate
from incasso.domain.recovery.states import CaseState, StepStatus
from incasso.store.tables.recovery import cases, step_cases, steps
from incasso.store.tables.sending import delivery_events, instance_cursors
from incasso.store.upserting import insert_into


def record(
    connection: Connection, delivery: str, news: DeliveryUpdate, evidence_sha256: str
) -> bool:
    """Write the news; False if it was known already."""
    row = {
        "delivery_id": delivery,
        "update_id": news.update_id,
        "at": news.at,
        "state": news.state,
        "note": news.note,
        "evidence_sha256": evidence_sha256,
    }
    new = (
        insert_into(connection, delivery_events)
        .on_conflict_do_nothing()
        .returning(delivery_events.c.id)
    )
    return connection.execute(new, row).one_or_none() is not None


def cases_still_there(connection: Connection, step: int, stage: str) -> list[int]:
    """Cases of a counted step that have not gone beyond its stage: it can be done again."""
    query = (
        sa.select(cases.c.id)
        .join(step_cases, step_cases.c.case_id == cases.c.id)
        .where(step_cases.c.step_id == step, cases.c.stage == stage)
        .where(cases.c.step_id.is_(None), cases.c.state != CaseState.CLOSED)
    )
    return list(connection.scalars(query.order_by(cases.c.id)))


def reopen(connection: Connection, step: int, case_ids: Collection[int], reason: str) -> None:
    """The step's message did not arrive after all: its cases are in it again, and it failed."""
    connection.execute(sa.update(cases).where(cases.c.id.in_(case_ids)).values(step_id=step))
    connection.execute(
        sa.update(steps).where(steps.c.id == step).values(status=StepStatus.FAILED, reason=reason)
    )


def cursor(connection: Connection, instance: str, hook: str) -> str | None:
    """Where the last collection from an instance stopped."""
    table = instance_cursors.c
    query = sa.select(table.cursor).where(table.instance == instance, table.hook == hook)
    return connection.scalar(query)


def set_cursor(connection: Connection, instance: str, hook: str, cursor: str | None) -> None:
    """Remember where it stopped, in the transaction that wrote what came before."""
    row = {"instance": instance, "hook": hook, "cursor": cursor}
    statement = insert_into(connection, instance_cursors).on_conflict_do_update(
        index_elements=["instance", "hook"], set_={"cursor": cursor}
    )
    connection.execute(statement, row)
