"""Agreements with clients: make one, find those in force, end them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.money import decimals
from incasso.domain.recovery.states import AgreementKind, AgreementStatus
from incasso.store.records import columns_of, records
from incasso.store.tables import recovery
from incasso.store.tables.recovery import agreement_dates, agreements, case_events


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """One hold, promise, plan, dispute or extension; without an installment it binds the client.

    Amounts in minor units. `dates` are the payments of a promise or plan, earliest first.
    """

    kind: AgreementKind
    source_id: int
    client_id: int
    installment_id: int | None
    from_on: date
    until_on: date
    made_by: str
    made_on: date
    reason: str = ""
    department: str = ""
    owner: str = ""
    amount: int | None = None
    residual_then: int | None = None
    currency: str = "EUR"
    dates: tuple[tuple[date, int], ...] = ()


def make(connection: Connection, new: Agreement) -> int:
    """Write an agreement; one of the same kind on the same subject gives way to it. Its id."""
    same = sa.and_(
        agreements.c.client_id == new.client_id,
        agreements.c.kind == new.kind,
        agreements.c.installment_id.is_not_distinct_from(new.installment_id),
    )
    _end_where(connection, same, on=new.made_on, by=new.made_by)
    values = {name: getattr(new, name) for name in new.__dataclass_fields__ if name != "dates"}
    insert = sa.insert(agreements).values(values).returning(agreements.c.id)
    made = int(connection.execute(insert).scalar_one())
    if new.dates:
        rows = [{"agreement_id": made, "due_on": day, "amount": cents} for day, cents in new.dates]
        connection.execute(sa.insert(agreement_dates), rows)
    return made


class InForce(msgspec.Struct, frozen=True):
    """An agreement that holds; without an installment it binds the client."""

    id: int
    kind: AgreementKind
    installment_id: int | None


def in_force(
    connection: Connection,
    client: int,
    installments: Collection[int] | None,
    kinds: Sequence[AgreementKind],
) -> list[InForce]:
    """Active agreements of a client, or only those on some of its installments."""
    query = sa.select(*columns_of(InForce, agreements)).where(
        agreements.c.client_id == client,
        agreements.c.status == AgreementStatus.ACTIVE,
        agreements.c.kind.in_(kinds),
    )
    if installments is not None:
        query = query.where(agreements.c.installment_id.in_(installments))
    return records(connection, InForce, query.order_by(agreements.c.id))


def end(connection: Connection, ids: Collection[int], *, on: date, by: str) -> None:
    """Release agreements: they no longer hold, and who ended them is kept."""
    _end_where(connection, agreements.c.id.in_(ids), on=on, by=by)


def tolerance(connection: Connection, cases: Collection[int | None], currency: str) -> int:
    """How much the iters of some cases let a payment differ from the debt, minor units."""
    versions = recovery.iter_versions
    query = (
        sa.select(versions.c.definition)
        .join(recovery.cases, recovery.cases.c.iter_version_id == versions.c.id)
        .where(recovery.cases.c.id.in_([case for case in cases if case is not None]))
    )
    given = (Decimal(str(iter.get("tolerance", 0))) for iter in connection.scalars(query))
    return int(max(given, default=Decimal(0)).scaleb(decimals(currency)))


def note_on_cases(
    connection: Connection,
    cases: Iterable[int],
    *,
    on: date,
    what: str,
    who: str,
    why: str,
    stage: str = "",
    step: int | None = None,
) -> None:
    """Write the same event into the history of several cases."""
    same = {"on_date": on, "what": what, "stage": stage, "step_id": step, "who": who, "why": why}
    rows = [{"case_id": case, **same} for case in cases]
    if rows:
        connection.execute(sa.insert(case_events), rows)


def _end_where(
    connection: Connection, condition: sa.ColumnElement[bool], *, on: date, by: str
) -> None:
    connection.execute(
        sa.update(agreements)
        .where(condition, agreements.c.status == AgreementStatus.ACTIVE)
        .values(status=AgreementStatus.RELEASED, ended_on=on, ended_by=by)
    )
