"""Whose credits they are, what is open of them, what was paid on them, what was agreed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.office.actor import Scope
from incasso.domain.placement.states import PlacementState, RowState
from incasso.domain.recovery.states import AgreementKind, AgreementStatus
from incasso.store.ledger.overdue import effective_due_date
from incasso.store.office.scope import within
from incasso.store.records import columns_of, one_record, records
from incasso.store.tables.history import payments
from incasso.store.tables.ledger import clients, installments, sources
from incasso.store.tables.placement import lots, placement_rows, placements
from incasso.store.tables.recovery import agreement_installments, agreements

_IN_HAND: Final = (PlacementState.HANDED_OVER, PlacementState.WORKING, PlacementState.SUSPENDED)


class DebtorRow(msgspec.Struct, frozen=True):
    """The client, as a court needs it."""

    id: int
    source: str
    code: str
    name: str
    vat: str
    tax_code: str
    is_person: bool
    public_body: bool
    address: str
    zip: str
    city: str
    province: str
    country: str
    email: str
    pec: str
    phone: str
    language: str


class CreditRow(msgspec.Struct, frozen=True):
    """An open installment; below zero it is a credit note or an advance. Minor units."""

    id: int
    source_id: int
    client_id: int
    key: str
    document: str
    document_kind: str
    document_number: str
    document_date: date | None
    installment_number: int
    due_date: date
    payable_by: date
    amount: int
    residual: int
    currency: str
    payment_method: str
    unpaid_on: date | None
    bill_number: str


class PaidRow(msgspec.Struct, frozen=True):
    """What the ERP tells of a payment. Minor units."""

    installment: str
    document_number: str
    paid_on: date
    amount: int
    currency: str
    kind: str


class AgreementRow(msgspec.Struct, frozen=True):
    """A promise, plan or dispute; `installment_id` empty where it binds the client."""

    id: int
    kind: AgreementKind
    status: AgreementStatus
    installment_id: int | None
    made_on: date
    until_on: date | None
    reason: str
    installments: tuple[int, ...] = ()
    """What a promise or plan is about."""


def debtor(connection: Connection, client: int) -> DebtorRow:
    """A client that exists."""
    query = (
        sa.select(*columns_of(DebtorRow, clients, source=sources.c.name))
        .join(sources, sources.c.id == clients.c.source_id)
        .where(clients.c.id == client)
    )
    return one_record(connection, DebtorRow, query)


def open_credits(connection: Connection, client: int) -> list[CreditRow]:
    """Everything open of a client, oldest first."""
    query = (
        sa.select(*columns_of(CreditRow, installments, payable_by=effective_due_date()))
        .where(installments.c.client_id == client)
        .where(installments.c.status == InstallmentStatus.OPEN)
        .order_by(installments.c.due_date, installments.c.id)
    )
    return records(connection, CreditRow, query)


def owing_since(
    connection: Connection, scope: Scope, before: Mapping[str, date]
) -> list[tuple[int, str, str]]:
    """Clients with something open that fell due by a day, which each source has its own of.

    Each with its source and name, in order of source and code.
    """
    old = sa.or_(
        sa.false(),
        *(
            sa.and_(sources.c.name == source, installments.c.due_date <= day)
            for source, day in before.items()
        ),
    )
    query = (
        sa.select(clients.c.id, sources.c.name, clients.c.code)
        .join(sources, sources.c.id == clients.c.source_id)
        .join(installments, installments.c.client_id == clients.c.id)
        .where(installments.c.status == InstallmentStatus.OPEN, installments.c.residual > 0)
        .where(within(scope), old)
        .distinct()
        .order_by(sources.c.name, clients.c.code)
    )
    return [(number, source, code) for number, source, code in connection.execute(query)]


class PlacedRow(msgspec.Struct, frozen=True):
    """A client of whom a provider has something in hand, and one installment of it."""

    client_id: int
    source: str
    code: str
    installment_id: int


def placed_with(connection: Connection, providers: Collection[str]) -> list[PlacedRow]:
    """What these providers have in hand: handed over, and neither back nor closed."""
    rows, of_lot = placement_rows.c, lots.c
    columns = columns_of(
        PlacedRow,
        placement_rows,
        client_id=clients.c.id,
        source=sources.c.name,
        code=clients.c.code,
    )
    query = (
        sa.select(*columns)
        .join(placements, placements.c.id == rows.placement_id)
        .join(lots, of_lot.id == placements.c.lot_id)
        .join(clients, clients.c.id == placements.c.client_id)
        .join(sources, sources.c.id == clients.c.source_id)
        .where(of_lot.provider.in_(sorted(providers)), rows.state == RowState.PLACED)
        .where(placements.c.state.in_(_IN_HAND))
        .order_by(sources.c.name, clients.c.code, rows.installment_id)
    )
    return records(connection, PlacedRow, query)


def source_names(connection: Connection) -> list[str]:
    """Every source that was read once."""
    return sorted(connection.scalars(sa.select(sources.c.name)))


def payments_of(connection: Connection, clients_ids: Collection[int], on: date) -> list[PaidRow]:
    """What the ERP tells up to a day, oldest first."""
    query = (
        sa.select(*columns_of(PaidRow, payments))
        .where(payments.c.client_id.in_(clients_ids), payments.c.gone_on.is_(None))
        .where(payments.c.paid_on <= on)
        .order_by(payments.c.paid_on, payments.c.id)
    )
    return records(connection, PaidRow, query)


def agreements_of(
    connection: Connection, clients_ids: Collection[int], on: date
) -> list[AgreementRow]:
    """Promises, plans and disputes made up to a day, oldest first."""
    kinds = (AgreementKind.PROMISE, AgreementKind.PLAN, AgreementKind.DISPUTE)
    columns = columns_of(AgreementRow, agreements, installments=sa.literal(""))
    query = (
        sa.select(*columns)
        .where(agreements.c.client_id.in_(clients_ids), agreements.c.kind.in_(kinds))
        .where(agreements.c.made_on <= on)
        .order_by(agreements.c.made_on, agreements.c.id)
    )
    about = _named(connection, clients_ids)
    return [
        msgspec.structs.replace(each, installments=about.get(each.id, ()))
        for each in records(connection, AgreementRow, query)
    ]


def _named(connection: Connection, clients_ids: Collection[int]) -> dict[int, tuple[int, ...]]:
    """By agreement the installments that it names."""
    table = agreement_installments
    query = (
        sa.select(table.c.agreement_id, table.c.installment_id)
        .join(agreements, agreements.c.id == table.c.agreement_id)
        .where(agreements.c.client_id.in_(clients_ids))
        .order_by(table.c.agreement_id, table.c.installment_id)
    )
    found: dict[int, tuple[int, ...]] = {}
    for agreement, installment in connection.execute(query):
        found[agreement] = (*found.get(agreement, ()), installment)
    return found
