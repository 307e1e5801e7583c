"""What belongs to installments: agreements, open credits, contacts of the week."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from datetime import date, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.recovery.actions import CONVERSATIONS
from incasso.domain.recovery.agreements import (
    Agreed,
    Agreement,
    agreed_on,
    judge,
)
from incasso.domain.recovery.contact_policy import INTERRUPTING, Contacts
from incasso.domain.recovery.states import OF_PAYMENTS, AgreementStatus
from incasso.store.sql_ids import among, near
from incasso.store.tables.ledger import installments
from incasso.store.tables.recovery import agreement_dates, agreements, conversations
from incasso.store.tables.sending import deliveries


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """An agreement with where it belongs."""

    id: int
    client_id: int
    installment_id: int | None
    currency: str
    new: bool
    """What was open when it was made is not recorded yet."""
    agreement: Agreement


def read_agreements(connection: Connection, clients: Set[int]) -> dict[int, list[Kept]]:
    """Agreements in force with these clients; promises and plans know what is open now."""
    query = sa.select(agreements).where(
        near(connection, agreements.c.client_id, clients),
        agreements.c.status == AgreementStatus.ACTIVE,
    )
    rows = [row for row in connection.execute(query) if row.client_id in clients]
    judged = [row for row in rows if row.kind in OF_PAYMENTS]
    dates = _dates(connection, [row.id for row in judged])
    now = _open_now(connection, judged)
    found: dict[int, list[Kept]] = defaultdict(list)
    for row in rows:
        found[row.client_id].append(_kept(row, dates.get(row.id, ()), now.get(row.id, 0)))
    return found


def _kept(row: Any, dates: Sequence[tuple[date, int]], now: int) -> Kept:
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
        query = sa.select(table).where(among(connection, table.c.agreement_id, ids))
        for row in connection.execute(query.order_by(table.c.agreement_id, table.c.due_on)):
            found[row.agreement_id].append((row.due_on, row.amount))
    return found


def _open_now(connection: Connection, rows: Sequence[Any]) -> dict[int, int]:
    """What is open today of what each promise or plan is about.

    Clients go on buying: what the ledger learned of after the promise is no part of it.
    """
    if not rows:
        return {}
    table = installments
    query = sa.select(
        table.c.id,
        table.c.client_id,
        table.c.currency,
        table.c.residual,
        table.c.status,
        table.c.first_seen_on,
    ).where(among(connection, table.c.client_id, {row.client_id for row in rows}))
    single: dict[int, int] = {}
    whole: dict[tuple[int, str], list[tuple[int, date | None]]] = defaultdict(list)
    for row in connection.execute(query):
        residual = max(row.residual, 0) if row.status == InstallmentStatus.OPEN else 0
        single[row.id] = residual
        whole[row.client_id, row.currency].append((residual, row.first_seen_on))
    return {
        row.id: single.get(row.installment_id, 0)
        if row.installment_id is not None
        else sum(
            residual
            for residual, seen_on in whole[row.client_id, row.currency]
            if seen_on is None or seen_on <= row.made_on
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


def verdicts(
    kept: Iterable[Kept], on: date, tolerance: int
) -> Iterable[tuple[Kept, AgreementStatus]]:
    """Promises and plans that are kept or broken by now."""
    for one in kept:
        if one.agreement.from_on <= on:
            verdict, _ = judge(one.agreement, on, tolerance)
            if verdict is not AgreementStatus.ACTIVE:
                yield one, verdict


def write_verdicts(
    connection: Connection, found: Collection[tuple[Kept, AgreementStatus]], on: date
) -> None:
    """Mark promises and plans as kept or broken."""
    for one, verdict in found:
        table = agreements
        connection.execute(
            sa.update(table)
            .where(table.c.id == one.id, table.c.status == AgreementStatus.ACTIVE)
            .values(status=verdict.value, ended_on=on, ended_by="plan")
        )


def note_residuals(connection: Connection, kept: Iterable[Kept]) -> None:
    """Note what was open when a promise or plan was first looked at: it is judged from there."""
    for one in kept:
        if one.new:
            table = agreements
            update = sa.update(table).where(table.c.id == one.id)
            connection.execute(update.values(residual_then=one.agreement.residual_then))


def clients_with_credits(connection: Connection, clients: Set[int]) -> set[int]:
    """Those of these clients who have an open credit note or advance."""
    table = installments
    query = sa.select(table.c.client_id).where(
        near(connection, table.c.client_id, clients),
        table.c.residual < 0,
        table.c.status == InstallmentStatus.OPEN,
    )
    return set(connection.scalars(query)) & clients


def read_contacts(
    connection: Connection, clients: Set[int], on: date, *, texts_too: bool
) -> dict[int, Contacts]:
    """Conversations of the day and of its week, for whom there were any; messages if capped."""
    monday = on - timedelta(days=on.weekday())
    found: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    talks = sa.select(conversations.c.client_id, conversations.c.on_date).where(
        near(connection, conversations.c.client_id, clients),
        conversations.c.on_date.between(monday, on),
        conversations.c.effective,
        conversations.c.medium.in_(CONVERSATIONS),
    )
    for client, day in connection.execute(talks):
        found[client][0] += day == on
        found[client][1] += 1
    if not texts_too:
        return {client: Contacts(*found[client]) for client in found.keys() & clients}
    texts = sa.select(deliveries.c.client_id, deliveries.c.on_date).where(
        near(connection, deliveries.c.client_id, clients),
        deliveries.c.medium.in_(INTERRUPTING),
        deliveries.c.on_date.between(monday, on),
        deliveries.c.status.in_(("accepted", "delivered")),
    )
    for client, day in connection.execute(texts):
        found[client][2] += day == on
        found[client][3] += 1
    return {client: Contacts(*found[client]) for client in found.keys() & clients}
