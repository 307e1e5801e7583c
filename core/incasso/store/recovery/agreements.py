"""Agreements with clients: make one, find those in force, end them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.money import decimals
from incasso.domain.recovery.states import OF_PAYMENTS, AgreementKind, AgreementStatus
from incasso.store.records import columns_of, maybe_record, records
from incasso.store.tables import recovery
from incasso.store.tables.ledger import installments
from incasso.store.tables.recovery import (
    agreement_dates,
    agreement_installments,
    agreements,
    case_events,
)
from incasso.store.written_rows import written


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """One hold, promise, plan, dispute or extension; amounts in minor units.

    A hold, dispute or extension is about one installment or, without one, the client. A promise or
    plan is about the installments it covers. `dates` are its payments, earliest first.
    """

    kind: AgreementKind
    source_id: int
    client_id: int
    installment_id: int | None = None
    from_on: date
    until_on: date
    made_by: str
    made_on: date
    reason: str = ""
    department: str = ""
    owner: str = ""
    amount: int | None = None
    currency: str = "EUR"
    method: str = ""
    grace_days: int | None = None
    renews_id: int | None = None
    renewal: int = 0
    down_payment: int | None = None
    interest: int | None = None
    interest_rate: str = ""
    acceleration: bool = True
    code: str = ""
    assignee: str = ""
    approved_by: str = ""
    dates: tuple[tuple[date, int], ...] = ()
    covers: tuple[tuple[int, int], ...] = ()
    """The installments of a promise or plan, each with what is open of it."""


def make(connection: Connection, new: Agreement) -> int:
    """Write an agreement down; its id."""
    beside = ("dates", "covers")
    values = {name: getattr(new, name) for name in new.__dataclass_fields__ if name not in beside}
    insert = sa.insert(agreements).values(values).returning(agreements.c.id)
    made = int(connection.execute(insert).scalar_one())
    written(connection, agreements.name, made)
    if new.dates:
        rows = [{"agreement_id": made, "due_on": day, "amount": cents} for day, cents in new.dates]
        connection.execute(sa.insert(agreement_dates), rows)
        written(connection, agreement_dates.name, made)
    if new.covers:
        covered = [
            {"agreement_id": made, "installment_id": installment, "residual_then": cents}
            for installment, cents in new.covers
        ]
        connection.execute(sa.insert(agreement_installments), covered)
        written(connection, agreement_installments.name, made)
    return made


class InForce(msgspec.Struct, frozen=True):
    """An agreement that holds, and what it is about; null: the client as a whole."""

    id: int
    kind: AgreementKind
    about: frozenset[int] | None
    """Of a promise or plan those that are still open."""
    until_on: date | None = None
    """Last day; the new due date of an extension."""


class _Active(msgspec.Struct, frozen=True):
    id: int
    kind: AgreementKind
    installment_id: int | None
    until_on: date | None


def in_force(
    connection: Connection, client: int, kinds: Collection[AgreementKind]
) -> list[InForce]:
    """Active agreements of a client, oldest first."""
    query = sa.select(*columns_of(_Active, agreements)).where(
        agreements.c.client_id == client,
        agreements.c.status == AgreementStatus.ACTIVE,
        agreements.c.kind.in_(kinds),
    )
    rows = records(connection, _Active, query.order_by(agreements.c.id))
    open_now = _still_open(connection, [row.id for row in rows if row.kind in OF_PAYMENTS])
    return [InForce(row.id, row.kind, _about(row, open_now), row.until_on) for row in rows]


def _about(row: _Active, open_now: Mapping[int, Collection[int]]) -> frozenset[int] | None:
    if row.kind in OF_PAYMENTS:
        return frozenset(open_now.get(row.id, ()))
    return None if row.installment_id is None else frozenset((row.installment_id,))


def _still_open(connection: Connection, ids: Collection[int]) -> Mapping[int, list[int]]:
    table = agreement_installments
    query = (
        sa.select(table.c.agreement_id, table.c.installment_id)
        .join(installments, installments.c.id == table.c.installment_id)
        .where(table.c.agreement_id.in_(ids))
        .where(installments.c.status == InstallmentStatus.OPEN, installments.c.residual > 0)
    )
    found: dict[int, list[int]] = defaultdict(list)
    if ids:
        for agreement, installment in connection.execute(query):
            found[agreement].append(installment)
    return found


def keys_of(connection: Connection, ids: Collection[int]) -> Mapping[int, list[str]]:
    """The keys of what each agreement is about, sorted; none: the client as a whole."""
    table = agreement_installments
    own = (
        sa.select(agreements.c.id, installments.c.key)
        .join(installments, installments.c.id == agreements.c.installment_id)
        .where(agreements.c.id.in_(ids))
    )
    covered = (
        sa.select(table.c.agreement_id, installments.c.key)
        .join(installments, installments.c.id == table.c.installment_id)
        .where(table.c.agreement_id.in_(ids))
    )
    found: dict[int, list[str]] = {number: [] for number in ids}
    for query in (own, covered):
        for number, key in connection.execute(query):
            found[number].append(key)
    return {number: sorted(keys) for number, keys in found.items()}


class Payment(msgspec.Struct, frozen=True):
    """A payment of a promise or plan, minor units."""

    agreement_id: int
    due_on: date
    amount: int
    currency: str


def payments_of(connection: Connection, ids: Collection[int]) -> Mapping[int, list[Payment]]:
    """The payments of each agreement, earliest first."""
    table = agreement_dates
    query = (
        sa.select(*columns_of(Payment, table, currency=agreements.c.currency))
        .join(agreements, agreements.c.id == table.c.agreement_id)
        .where(table.c.agreement_id.in_(ids))
        .order_by(table.c.agreement_id, table.c.due_on)
    )
    found: dict[int, list[Payment]] = {number: [] for number in ids}
    for one in records(connection, Payment, query):
        found[one.agreement_id].append(one)
    return found


def broken_by(connection: Connection, client: int) -> int:
    """How many promises and plans a client has broken."""
    query = sa.select(sa.func.count()).where(
        agreements.c.client_id == client,
        agreements.c.status == AgreementStatus.BROKEN,
        agreements.c.kind.in_(OF_PAYMENTS),
    )
    return int(connection.execute(query).scalar_one())


class Earlier(msgspec.Struct, frozen=True):
    """An agreement that a new one about the same debts renews."""

    id: int
    renewal: int


def earlier(
    connection: Connection, client: int, kind: AgreementKind, about: Collection[int]
) -> Earlier | None:
    """The last promise or plan of that kind about any of these installments that stands or was
    broken; None if this is the first."""
    table = agreement_installments
    same = sa.exists().where(
        table.c.agreement_id == agreements.c.id, table.c.installment_id.in_(about)
    )
    query = (
        sa.select(*columns_of(Earlier, agreements))
        .where(agreements.c.client_id == client, agreements.c.kind == kind, same)
        .where(agreements.c.status.in_((AgreementStatus.ACTIVE, AgreementStatus.BROKEN)))
        .order_by(agreements.c.id.desc())
        .limit(1)
    )
    return maybe_record(connection, Earlier, query)


def end(
    connection: Connection,
    ids: Collection[int],
    *,
    on: date,
    by: str,
    status: AgreementStatus = AgreementStatus.RELEASED,
    **answer: str,
) -> None:
    """End agreements: they no longer hold, and who ended them is kept.

    `answer` is what a dispute was answered: its fields `answer` and `result`.
    """
    connection.execute(
        sa.update(agreements)
        .where(agreements.c.id.in_(ids), agreements.c.status == AgreementStatus.ACTIVE)
        .values(status=status, ended_on=on, ended_by=by, **answer)
    )
    for each in ids:
        written(connection, agreements.name, each)


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
