"""Installments as planning reads them: their own numbers, and what they share with their like."""

from __future__ import annotations

from collections.abc import Collection, Set
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.contract.ledger import DocumentKind
from incasso.domain.ledger.states import InstallmentStatus
from incasso.store.recovery.facts_clients import RuleColumns
from incasso.store.sql_ids import among, near, raw_rows
from incasso.store.tables.ledger import installments

CREDITS: Final = (DocumentKind.CREDIT_NOTE, DocumentKind.ADVANCE)


class DueInstallment(msgspec.Struct, frozen=True, gc=False):
    """One installment of a page."""

    id: int
    client_id: int
    residual: int
    is_credit: bool
    currency: str
    shared: tuple[Any, ...]
    """The fields of `Shared`, as the driver gives them: equal ones decide equally."""


class Shared(msgspec.Struct, frozen=True):
    """What an installment may have in common with many others; days as the driver gives them."""

    currency: str
    status: str
    document_kind: str
    payment_method: str
    due_date: Any
    unpaid_on: Any
    presented_on: Any
    iter_override: str | None
    absent: bool
    finished: str
    reminded_on: Any
    reminders: int
    erp_hold: str
    area: str
    depot: str
    agent: str


class InstallmentReader:
    """Reads the installments of a page."""

    def __init__(self, used: RuleColumns, *, lock: bool) -> None:
        table = installments
        credit = sa.or_(table.c.document_kind.in_(CREDITS), table.c.residual < 0)
        special: dict[str, sa.ColumnElement[Any]] = {
            "absent": table.c.absences > 0,
            "area": used.column("area", table.c.area),
            "depot": used.column("depot", table.c.depot),
            "agent": used.column("agent", table.c.agent),
        }
        shared = (special.get(name, table.c.get(name)) for name in Shared.__struct_fields__)
        own: list[sa.ColumnElement[Any]] = [table.c.id, table.c.client_id, table.c.residual, credit]
        query = sa.select(*own, *shared)
        # A change made meanwhile asks for a review, which the page must not undo.
        self.query = query.with_for_update(of=table) if lock else query

    def read(self, connection: Connection, where: sa.ColumnElement[bool]) -> list[DueInstallment]:
        """The installments that a condition names."""
        return [
            DueInstallment(row[0], row[1], row[2], row[3], row[4], row[4:])
            for row in raw_rows(connection, self.query.where(where))
        ]

    def rest_of_clients(
        self, connection: Connection, clients: Collection[int], known: Set[int]
    ) -> list[DueInstallment]:
        """What else these clients have open."""
        table = installments
        open_ones = table.c.status == InstallmentStatus.OPEN
        found = self.read(
            connection, sa.and_(among(connection, table.c.client_id, clients), open_ones)
        )
        return [one for one in found if one.id not in known]


def clients_with_credits(connection: Connection, clients: Set[int]) -> set[int]:
    """Those of these clients who have an open credit note or advance."""
    table = installments
    query = sa.select(table.c.client_id).where(
        near(connection, table.c.client_id, clients),
        table.c.residual < 0,
        table.c.status == InstallmentStatus.OPEN,
    )
    return set(connection.scalars(query)) & clients
