"""Planning's agenda: the next day on which each installment must be looked at.

No other module writes `installments.look_on`. Whatever changes a fact asks for a review, which can
bring a day forward but never put it off: a day put off by somebody who has not looked hides a
stage that is due. Only planning, which has looked, says when to look next.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.recovery.states import AgreementStatus, CaseState
from incasso.store.sql_ids import among
from incasso.store.tables.ledger import installments
from incasso.store.tables.recovery import agreement_installments, agreements, cases

_look_on: Final = installments.c.look_on
_OPEN: Final = installments.c.status == InstallmentStatus.OPEN

ON_AGENDA: Final = _look_on.is_not(None)
"""Planning will look at it some day, even if nothing changes."""


def is_due(on: date, table: sa.FromClause = installments) -> sa.ColumnElement[bool]:
    """Planning has to look at it on that day; `table` may be an alias of the installments."""
    condition: sa.ColumnElement[bool] = table.c.look_on <= on
    return condition


def due_of_client(client: int, on: date) -> sa.ColumnElement[bool]:
    """What planning has to look at of one client on that day."""
    return sa.and_(installments.c.client_id == client, is_due(on))


def review_on(
    connection: Connection, ids: Collection[int] | sa.Select[tuple[int]], on: date
) -> int:
    """Planning looks at these installments on that day at the latest. How many were brought
    forward."""
    if isinstance(ids, sa.Select):
        return review_where(connection, installments.c.id.in_(ids), on)
    return review_where(connection, among(connection, installments.c.id, ids), on) if ids else 0


def review_steps(connection: Connection, step_ids: Collection[int], on: date) -> int:
    """The same for the installments whose cases are in these steps."""
    inside = sa.select(cases.c.installment_id).where(among(connection, cases.c.step_id, step_ids))
    return review_on(connection, inside, on) if step_ids else 0


def review_client(connection: Connection, client: int, on: date) -> int:
    """The same for everything open of a client."""
    return review_where(connection, sa.and_(installments.c.client_id == client, _OPEN), on)


def review_where(connection: Connection, condition: sa.ColumnElement[bool], on: date) -> int:
    """The same for the installments that a condition names."""
    later = sa.or_(_look_on.is_(None), _look_on > on)
    change = sa.update(installments).where(condition, later).values(look_on=on)
    return connection.execute(change).rowcount


def review_uncased(connection: Connection, on: date) -> int:
    """New iters may be meant for any open debt without a running case. How many were brought
    forward."""
    running = sa.exists().where(
        cases.c.installment_id == installments.c.id, cases.c.state != CaseState.CLOSED
    )
    return review_where(connection, sa.and_(_OPEN, installments.c.residual > 0, ~running), on)


def review_all(connection: Connection, on: date) -> int:
    """Rules that running cases follow too have changed: everything open is looked at again."""
    return review_where(connection, sa.and_(_OPEN, installments.c.residual > 0), on)


def review_postponed(connection: Connection, source_id: int, on: date) -> int:
    """Planning that met an untrusted ledger today said tomorrow; it may look today after all."""
    postponed = _look_on == on + timedelta(days=1)
    return review_where(
        connection, sa.and_(installments.c.source_id == source_id, _OPEN, postponed), on
    )


def review_bills(connection: Connection, source_id: int, on: date) -> int:
    """How long the source's bills are left to the bank has changed."""
    presented = sa.and_(_OPEN, installments.c.presented_on.is_not(None))
    return review_where(connection, sa.and_(installments.c.source_id == source_id, presented), on)


def review_promised(connection: Connection, source_id: int, on: date) -> int:
    """How long the source's promised payments may be on their way has changed."""
    covered = (
        sa.select(agreement_installments.c.installment_id)
        .join(agreements, agreements.c.id == agreement_installments.c.agreement_id)
        .where(agreements.c.source_id == source_id, agreements.c.status == AgreementStatus.ACTIVE)
    )
    return review_on(connection, covered, on)


def reviewed(on: date) -> Mapping[str, Any]:
    """The same among other values of an UPDATE of installments that changes facts in bulk."""
    return {"look_on": sa.case((_look_on < on, _look_on), else_=sa.literal(on))}


def first_look(on: date) -> Mapping[str, Any]:
    """Among the values of an INSERT: what is new is looked at on that day."""
    return {"look_on": sa.literal(on)}


def looked_at(connection: Connection, next_looks: Mapping[date | None, Collection[int]]) -> None:
    """For planning alone, after it has looked: the day of the next look, which may be a later one;
    None: nothing to expect until something changes."""
    for day, ids in next_looks.items():
        if ids:
            these = among(connection, installments.c.id, ids)
            connection.execute(sa.update(installments).where(these).values(look_on=day))
