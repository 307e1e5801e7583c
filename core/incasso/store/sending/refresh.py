"""What the ERP says about single installments just before a message about them leaves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec.structs import replace
from sqlalchemy import Connection

from incasso.contract.ledger import InstallmentRecord
from incasso.domain.ledger.returned_bills import Bill, bank_dates
from incasso.domain.ledger.states import InstallmentStatus, RecordKind
from incasso.domain.money import to_minor
from incasso.store.ledger import sources, totals
from incasso.store.ledger.remembering import forget
from incasso.store.records import columns_of, records
from incasso.store.recovery import agenda
from incasso.store.seals import reseal
from incasso.store.tables.columns import quoted
from incasso.store.tables.ledger import installments
from incasso.store.tables.recovery import cases, step_cases, steps


class OpenInstallment(msgspec.Struct, frozen=True):
    """The ledger fields of an installment that the recheck may change."""

    id: int
    key: str
    currency: str
    residual: int
    due_date: date
    unpaid_on: date | None
    presented_on: date | None
    bill_number: str
    reminded_on: date | None
    reminders: int
    erp_hold: str


def installments_of(connection: Connection, step_ids: Sequence[int]) -> dict[str, OpenInstallment]:
    """Open installments of the steps by their key in the ERP, and the open credits of the steps'
    clients: a credit that was used meanwhile would be taken off twice. The steps are of one source.
    """
    fields = columns_of(OpenInstallment, installments)
    asked = (
        sa.select(*fields)
        .join(cases, cases.c.installment_id == installments.c.id)
        .join(
            step_cases,
            sa.and_(step_cases.c.case_id == cases.c.id, step_cases.c.step_id == cases.c.step_id),
        )
        .where(step_cases.c.step_id.in_(step_ids), installments.c.status == InstallmentStatus.OPEN)
    )
    credits = sa.select(*fields).where(
        installments.c.client_id.in_(sa.select(steps.c.client_id).where(steps.c.id.in_(step_ids))),
        # As literals, so that the index of open credits serves.
        installments.c.residual < sa.literal_column("0"),
        installments.c.status == sa.literal_column(quoted(InstallmentStatus.OPEN)),
    )
    return {
        each.key: each
        for query in (asked, credits)
        for each in records(connection, OpenInstallment, query)
    }


def update(
    connection: Connection,
    known: OpenInstallment,
    record: InstallmentRecord,
    on: date,
    *,
    tells_returns: bool = True,
) -> bool:
    """Takes over what decides whether and how much to ask; planning decides again on `on`.

    `tells_returns`: the ERP itself reports which bills came back. False: nothing had changed.
    """
    residual = to_minor(record.residual, known.currency)
    presented_on, unpaid_on = record.presented_on, record.unpaid_on
    if unpaid_on is None and not tells_returns:
        was = Bill(
            due_date=known.due_date, presented_on=known.presented_on, unpaid_on=known.unpaid_on
        )
        presented_on, unpaid_on = bank_dates(
            was, residual=residual, presented_on=presented_on, on=on
        )
    fresh = {
        "residual": residual,
        "due_date": record.due_date,
        "unpaid_on": unpaid_on,
        "presented_on": presented_on,
        "bill_number": record.bill_number,
        "reminded_on": record.reminded_on,
        "reminders": record.reminders,
        "erp_hold": record.erp_hold,
    }
    if replace(known, **fresh) == known:
        return False
    if residual == 0:
        fresh |= {"status": InstallmentStatus.PAID, "closed_on": on}
    _set(connection, known.id, fresh, on)
    return True


def close(connection: Connection, installment: int, status: InstallmentStatus, on: date) -> None:
    """The ERP no longer has it open."""
    _set(connection, installment, {"status": status, "closed_on": on}, on)


def doubt(connection: Connection, installment: int, on: date) -> None:
    """The ERP's answer about it is unusable: treated as missing until it is read again."""
    _set(connection, installment, {"absences": 1}, on)


def _set(connection: Connection, installment: int, values: dict[str, Any], on: date) -> None:
    # Without its fingerprint the next sync reads the row anew: else a payment taken back in the
    # ERP would look unchanged, and the item would stay paid.
    forgotten = {**values, "fingerprint": b""}
    this = installments.c.id == installment
    connection.execute(sa.update(installments).where(this), forgotten)
    forget(connection, RecordKind.INSTALLMENT, [installment])
    reseal(connection, installments, this)
    sources.forget_totals(connection, installment)
    agenda.review_on(connection, [installment], on)
    owner = sa.select(installments.c.client_id).where(this)
    totals.changed(connection, connection.scalars(owner).all(), on)
