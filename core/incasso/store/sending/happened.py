"""What happened with clients that a text may speak of: their last payment, promises they broke."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.contract.ledger import PaymentKind
from incasso.domain.recovery.states import AgreementKind, AgreementStatus
from incasso.store.records import columns_of, records
from incasso.store.sql_ids import among
from incasso.store.tables.history import payments
from incasso.store.tables.recovery import agreement_installments, agreements


class LastPayment(msgspec.Struct, frozen=True):
    """The newest day on which money of a client came in, and all of that day; minor units."""

    client_id: int
    currency: str
    paid_on: date
    amount: int


class BrokenPromise(msgspec.Struct, frozen=True):
    """A promise about an installment that was not kept; the amount is null for all of it."""

    installment_id: int
    currency: str
    made_on: date
    until_on: date
    amount: int | None


def last_payments(
    connection: Connection, client_ids: Collection[int], on: date
) -> dict[tuple[int, str], LastPayment]:
    """By client and currency, what the ERP told of up to that day; reversals are taken off."""
    columns = payments.c
    of_a_day = (
        sa.select(
            columns.client_id,
            columns.currency,
            columns.paid_on,
            sa.func.sum(columns.amount).label("amount"),
        )
        .where(among(connection, columns.client_id, client_ids), columns.paid_on <= on)
        .where(columns.kind == PaymentKind.MONEY, columns.gone_on.is_(None))
        .group_by(columns.client_id, columns.currency, columns.paid_on)
        .having(sa.func.sum(columns.amount) > 0)
        .subquery()
    )
    day = of_a_day.c
    newest = sa.func.row_number().over(
        partition_by=(day.client_id, day.currency), order_by=day.paid_on.desc()
    )
    ranked = sa.select(of_a_day, newest.label("place")).subquery()
    query = sa.select(*columns_of(LastPayment, ranked)).where(ranked.c.place == 1)
    found = records(connection, LastPayment, query)
    return {(each.client_id, each.currency): each for each in found}


def broken_promises(
    connection: Connection, installment_ids: Collection[int]
) -> dict[int, BrokenPromise]:
    """By installment, the last promise about it that was broken."""
    query = (
        sa.select(
            *columns_of(
                BrokenPromise, agreements, installment_id=agreement_installments.c.installment_id
            )
        )
        .join(agreements, agreements.c.id == agreement_installments.c.agreement_id)
        .where(among(connection, agreement_installments.c.installment_id, installment_ids))
        .where(
            agreements.c.kind == AgreementKind.PROMISE,
            agreements.c.status == AgreementStatus.BROKEN,
            agreements.c.until_on.is_not(None),
        )
        .order_by(agreements.c.until_on, agreements.c.id)
    )
    return {each.installment_id: each for each in records(connection, BrokenPromise, query)}
