"""The agreements in force with the clients of a page, and what became of promises and plans."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from datetime import date

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.recovery.agreements import Agreed, Agreement, Judgement, agreed_on, judge
from incasso.domain.recovery.facts import at_most
from incasso.domain.recovery.states import OF_PAYMENTS, AgreementKind, AgreementStatus
from incasso.store.records import columns_of, records
from incasso.store.recovery.facts_clients import SourceView, read_sources
from incasso.store.recovery.iters import read_rules
from incasso.store.sql_ids import among, near
from incasso.store.tables.ledger import installments
from incasso.store.tables.recovery import agreement_dates, agreement_installments, agreements
from incasso.store.written_rows import written


class AgreementRow(msgspec.Struct, frozen=True):
    """An agreement as it is kept."""

    id: int
    source_id: int
    client_id: int
    installment_id: int | None
    kind: AgreementKind
    from_on: date
    until_on: date | None
    amount: int | None
    currency: str
    interest: int | None
    acceleration: bool
    grace_days: int | None
    made_by: str


class Covered(msgspec.Struct, frozen=True):
    """An installment that a promise or plan is about, in minor units."""

    agreement_id: int
    installment_id: int
    residual_then: int
    residual: int
    status: InstallmentStatus

    @property
    def owed(self) -> int:
        """What is open of it now."""
        return max(self.residual, 0) if self.status is InstallmentStatus.OPEN else 0


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """An agreement with where it belongs."""

    id: int
    source_id: int
    client_id: int
    currency: str
    made_by: str
    about: frozenset[int] | None
    """Its installments; null: everything of the client."""
    agreement: Agreement


class Settled(msgspec.Struct, frozen=True):
    """A promise or plan found kept or broken."""

    kept: Kept
    verdict: AgreementStatus
    payment_on: date | None
    """The payment that did not come."""


def read_agreements(
    connection: Connection, clients: Set[int], sources: Mapping[int, SourceView]
) -> dict[int, list[Kept]]:
    """Agreements in force with these clients; promises and plans know what is open now."""
    query = sa.select(*columns_of(AgreementRow, agreements)).where(
        near(connection, agreements.c.client_id, clients),
        agreements.c.status == AgreementStatus.ACTIVE,
    )
    rows = [row for row in records(connection, AgreementRow, query) if row.client_id in clients]
    found: dict[int, list[Kept]] = defaultdict(list)
    for one in _read(connection, rows, sources):
        found[one.client_id].append(one)
    return found


def judgements(connection: Connection, ids: Collection[int]) -> dict[int, Judgement]:
    """What promises and plans wait for, or waited for in vain, by the widest tolerance."""
    query = sa.select(*columns_of(AgreementRow, agreements)).where(
        among(connection, agreements.c.id, ids), agreements.c.kind.in_(OF_PAYMENTS)
    )
    rows = records(connection, AgreementRow, query)
    sources = read_sources(connection, lambda *_: True)
    iters = read_rules(connection).iters
    found = {}
    for one in _read(connection, rows, sources):
        widest = max((at_most(v.iter.tolerance, one.currency) for v in iters), default=0)
        found[one.id] = judge(one.agreement, date.min, widest)
    return found


def _read(
    connection: Connection, rows: Collection[AgreementRow], sources: Mapping[int, SourceView]
) -> Iterator[Kept]:
    judged = [row.id for row in rows if row.kind in OF_PAYMENTS]
    dates, covered = _dates(connection, judged), _covered(connection, judged)
    for row in rows:
        yield _kept(row, sources[row.source_id], dates.get(row.id, ()), covered.get(row.id, ()))


def _kept(
    row: AgreementRow,
    source: SourceView,
    dates: Collection[tuple[date, int]],
    covered: Collection[Covered],
) -> Kept:
    of_payments = row.kind in OF_PAYMENTS
    own = None if row.installment_id is None else frozenset((row.installment_id,))
    agreement = Agreement(
        kind=row.kind,
        from_on=row.from_on,
        until_on=row.until_on,
        amount=row.amount,
        residual_then=sum(one.residual_then for one in covered),
        residual_now=sum(one.owed for one in covered),
        dates=tuple(dates),
        interest=row.interest or 0,
        acceleration=row.acceleration,
        grace_days=source.promise_grace_days if row.grace_days is None else row.grace_days,
        calendar=source.calendar,
    )
    return Kept(
        id=row.id,
        source_id=row.source_id,
        client_id=row.client_id,
        currency=row.currency,
        made_by=row.made_by,
        about=frozenset(one.installment_id for one in covered) if of_payments else own,
        agreement=agreement,
    )


def _dates(connection: Connection, ids: Collection[int]) -> Mapping[int, list[tuple[date, int]]]:
    found: dict[int, list[tuple[date, int]]] = defaultdict(list)
    if ids:
        table = agreement_dates
        query = (
            sa.select(table.c.agreement_id, table.c.due_on, table.c.amount)
            .where(among(connection, table.c.agreement_id, ids))
            .order_by(table.c.agreement_id, table.c.due_on)
        )
        for agreement, due_on, amount in connection.execute(query):
            found[agreement].append((due_on, amount))
    return found


def _covered(connection: Connection, ids: Collection[int]) -> Mapping[int, list[Covered]]:
    found: dict[int, list[Covered]] = defaultdict(list)
    if ids:
        table = agreement_installments
        columns = columns_of(
            Covered, table, residual=installments.c.residual, status=installments.c.status
        )
        query = (
            sa.select(*columns)
            .join(installments, installments.c.id == table.c.installment_id)
            .where(among(connection, table.c.agreement_id, ids))
        )
        for one in records(connection, Covered, query):
            found[one.agreement_id].append(one)
    return found


def agreed_for(kept: Iterable[Kept], installment_id: int, on: date, tolerance: int) -> Agreed:
    """The agreements on one installment: those about it, and those of its client as a whole."""
    mine = [one.agreement for one in kept if one.about is None or installment_id in one.about]
    return agreed_on(mine, on, tolerance)


def settled_by(kept: Iterable[Kept], on: date, tolerance: int) -> Iterator[Settled]:
    """Promises and plans that are kept or broken by now."""
    for one in kept:
        if one.agreement.from_on <= on:
            found = judge(one.agreement, on, tolerance)
            if found.status is not AgreementStatus.ACTIVE:
                yield Settled(one, found.status, found.payment_on)


def write_verdicts(connection: Connection, found: Collection[Settled], on: date) -> None:
    """Mark promises and plans as kept or broken."""
    for verdict in sorted({one.verdict for one in found}):
        ids = [one.kept.id for one in found if one.verdict is verdict]
        connection.execute(
            sa.update(agreements)
            .where(
                among(connection, agreements.c.id, ids),
                agreements.c.status == AgreementStatus.ACTIVE,
            )
            .values(status=verdict, ended_on=on, ended_by="plan")
        )
        for each in ids:
            written(connection, agreements.name, each)
