"""What else clients have open: credits that lower what is asked, and dues that come next."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.contract.ledger import DocumentKind, PaymentMethod
from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.iters import Mode
from incasso.domain.recovery.states import StepStatus
from incasso.domain.sending.delivery import OVER
from incasso.store.records import columns_of, records
from incasso.store.tables.columns import quoted
from incasso.store.tables.ledger import installments
from incasso.store.tables.recovery import steps
from incasso.store.tables.sending import deliveries


class OpenItem(msgspec.Struct, frozen=True):
    """An open installment that is not among those a message asks for."""

    id: int
    client_id: int
    key: str
    document_kind: DocumentKind
    document_number: str
    document_date: date | None
    installment_number: int
    due_date: date
    amount: int
    residual: int
    currency: str
    payment_method: PaymentMethod
    unpaid_on: date | None
    bill_number: str


class DaysMessage(msgspec.Struct, frozen=True):
    """A message to a client that may leave on a day, or did."""

    step_id: int
    client_id: int
    iter_version_id: int
    currency: str
    due_on: date
    total: int
    """What its installments owe, minor units."""
    left: bool
    credits: list[int] | None
    """Which credits it showed, if it left."""


def open_credits(connection: Connection, client_ids: Collection[int]) -> list[OpenItem]:
    """Open credit notes and advances that the last complete read still brought."""
    query = sa.select(*columns_of(OpenItem, installments)).where(
        installments.c.client_id.in_(client_ids),
        # As literals, so that the index of open credits serves.
        installments.c.residual < sa.literal_column("0"),
        _OPEN,
        installments.c.absences == 0,
    )
    return records(connection, OpenItem, query.order_by(installments.c.due_date, installments.c.id))


def open_debts(connection: Connection, client_ids: Collection[int], until: date) -> list[OpenItem]:
    """Open debts of these clients that are due by that day; an extension may put off each."""
    query = sa.select(*columns_of(OpenItem, installments)).where(
        installments.c.client_id.in_(client_ids),
        installments.c.residual > 0,
        installments.c.due_date <= until,
        _OPEN,
        installments.c.absences == 0,
    )
    return records(connection, OpenItem, query.order_by(installments.c.due_date, installments.c.id))


def days_messages(
    connection: Connection, client_ids: Collection[int], on: date
) -> Sequence[DaysMessage]:
    """The messages to these clients that are ready to leave by that day, or left on it."""
    ready = sa.and_(
        steps.c.status == StepStatus.READY,
        steps.c.mode.in_((Mode.AUTO, Mode.APPROVE)),
        steps.c.due_on <= on,
    )
    went = sa.and_(
        steps.c.status != StepStatus.READY,
        deliveries.c.id.is_not(None),
        deliveries.c.on_date == on,
    )
    live = sa.and_(deliveries.c.step_id == steps.c.id, deliveries.c.status.not_in(OVER))
    query = (
        sa.select(
            steps.c.id,
            steps.c.client_id,
            steps.c.iter_version_id,
            steps.c.currency,
            steps.c.due_on,
            steps.c.total,
            steps.c.status != StepStatus.READY,
            deliveries.c.set_off,
        )
        .join(deliveries, live, isouter=True)
        .where(steps.c.client_id.in_(client_ids), steps.c.action == Action.SEND)
        .where(sa.or_(ready, went))
    )
    return records(connection, DaysMessage, query)


_OPEN: Final = installments.c.status == sa.literal_column(quoted(InstallmentStatus.OPEN))
