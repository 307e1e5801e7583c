"""What belongs to installments: agreements, and what is open of what they are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from datetime import date

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.recovery.agreements import (
    Agreed,
    Agreement,
    agreed_on,
    judge,
)
from incasso.domain.recovery.states import OF_PAYMENTS, AgreementKind, AgreementStatus
from incasso.store.records import columns_of, records
from incasso.store.sql_ids import among, near
from incasso.store.tables.ledger import installments
from incasso.store.tables.recovery import agreement_dates, agreements


class AgreementRow(msgspec.Struct, frozen=True):
    """An agreement as it is kept."""

    id: int
    client_id: int
    installment_id: int | None
    kind: AgreementKind
    from_on: date
    until_on: date | None
    amount: int | None
    residual_then: int | None
    currency: str
    made_on: date


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """An agreement with where it belongs."""

    id: int
    client_id: int
    installment_id: int | None
    currency: str
    new: bool
    """What was open when it was made is not recorded yet."""
    agreement: Agreement


class Settled(msgspec.Struct, frozen=True):
    """A promise or plan found kept or broken."""

    kept: Kept
    verdict: AgreementStatus


def read_agreements(connection: Connection, clients: Set[int]) -> dict[int, list[Kept]]:
    """Agreements in force with these clients; promises and plans know what is open now."""
    query = sa.select(*columns_of(AgreementRow, agreements)).where(
        near(connection, agreements.c.client_id, clients),
        agreements.c.status == AgreementStatus.ACTIVE,
    )
    rows = [row for row in records(connection, AgreementRow, query) if row.client_id in clients]
    judged = [row for row in rows if row.kind in OF_PAYMENTS]
    dates = _dates(connection, [row.id for row in judged])
    now = _open_now(connection, judged)
    found: dict[int, list[Kept]] = defaultdict(list)
    for row in rows:
        found[row.client_id].append(_kept(row, dates.get(row.id, ()), now.get(row.id, 0)))
    return found


def _kept(row: AgreementRow, dates: Sequence[tuple[date, int]], now: int) -> Kept:
    judged = row.kind in OF_PAYMENTS
    agreement = Agreement(
        kind=row.kind,
        from_on=row.from_on,
        until_on=row.until_on,
        amount=row.amount,
        residual_then=now if row.residual_then is None else row.residual_then,
        residual_now=now,
        dates=tuple(dates),
    )
    return Kept(
        id=row.id,
        client_id=row.client_id,
        installment_id=row.installment_id,
        currency=row.currency,
        new=judged and row.residual_then is None,
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


class _OpenPart(msgspec.Struct, frozen=True):
    """What an installment adds to what a client has open."""

    id: int
    client_id: int
    currency: str
    residual: int
    status: InstallmentStatus
    first_seen_on: date | None

    @property
    def owed(self) -> int:
        return max(self.residual, 0) if self.status is InstallmentStatus.OPEN else 0

    def known_on(self, day: date) -> bool:
        return self.first_seen_on is None or self.first_seen_on <= day


def _open_now(connection: Connection, rows: Sequence[AgreementRow]) -> dict[int, int]:
    """What is open today of what each promise or plan is about.

    Clients go on buying: what the ledger learned of after the promise is no part of it.
    """
    if not rows:
        return {}
    query = sa.select(*columns_of(_OpenPart, installments)).where(
        among(connection, installments.c.client_id, {row.client_id for row in rows})
    )
    single: dict[int, int] = {}
    whole: dict[tuple[int, str], list[_OpenPart]] = defaultdict(list)
    for part in records(connection, _OpenPart, query):
        single[part.id] = part.owed
        whole[part.client_id, part.currency].append(part)
    return {
        row.id: single.get(row.installment_id, 0)
        if row.installment_id is not None
        else sum(
            part.owed for part in whole[row.client_id, row.currency] if part.known_on(row.made_on)
        )
        for row in rows
    }


def agreed_for(
    kept: Iterable[Kept], installment_id: int, currency: str, on: date, tolerance: int
) -> Agreed:
    """The agreements on one installment: its own and its client's."""
    return agreed_on(
        [
            one.agreement
            for one in kept
            if one.installment_id == installment_id
            or (one.installment_id is None and _same_money(one, currency))
        ],
        on,
        tolerance,
    )


def _same_money(one: Kept, currency: str) -> bool:
    """A promise of euros says nothing about dollars; a hold binds everything."""
    return one.agreement.kind not in OF_PAYMENTS or one.currency == currency


def settled_by(kept: Iterable[Kept], on: date, tolerance: int) -> Iterator[Settled]:
    """Promises and plans that are kept or broken by now."""
    for one in kept:
        if one.agreement.from_on <= on:
            verdict, _ = judge(one.agreement, on, tolerance)
            if verdict is not AgreementStatus.ACTIVE:
                yield Settled(one, verdict)


def write_verdicts(connection: Connection, found: Iterable[Settled], on: date) -> None:
    """Mark promises and plans as kept or broken."""
    for one in found:
        active = agreements.c.status == AgreementStatus.ACTIVE
        connection.execute(
            sa.update(agreements)
            .where(agreements.c.id == one.kept.id, active)
            .values(status=one.verdict, ended_on=on, ended_by="plan")
        )


def note_residuals(connection: Connection, kept: Iterable[Kept]) -> None:
    """Note what was open when a promise or plan was first looked at: it is judged from there."""
    for one in kept:
        if one.new:
            table = agreements
            update = sa.update(table).where(table.c.id == one.id)
            connection.execute(update.values(residual_then=one.agreement.residual_then))
