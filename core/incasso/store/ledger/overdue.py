"""What is overdue, as conditions on `installments`."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from incasso.domain.ledger.installment_status import BANK_GRACE_DAYS, Standing
from incasso.store.tables import recovery
from incasso.store.tables.ledger import installments

BANK_GRACE = timedelta(days=BANK_GRACE_DAYS)
"""A presented bill comes back days after its due date, or not at all: DESIGN §3.2 rule 1."""
AT_BANK = Standing.AT_BANK.value
"""What an ERP whose bank takes longer says of a bill it still waits for (`erp_hold`)."""


def effective_due_date() -> ColumnElement[Any]:
    """The due date with its extension, if there is one."""
    extended = (
        sa.select(sa.func.max(recovery.agreements.c.until_on))
        .where(
            recovery.agreements.c.installment_id == installments.c.id,
            recovery.agreements.c.kind == "extension",
            recovery.agreements.c.status == "active",
        )
        .correlate(installments)
        .scalar_subquery()
    )
    return sa.type_coerce(sa.func.coalesce(extended, installments.c.due_date), sa.Date())


def is_overdue(on: date) -> ColumnElement[bool]:
    """Open, owed and past its effective due date; a bill at the bank has some days' grace."""
    return sa.and_(
        installments.c.status == "open",
        installments.c.residual > 0,
        installments.c.due_date < on,
        effective_due_date() < on,
        ~at_the_bank(on, effective_due_date()),
    )


def at_the_bank(on: date, due: ColumnElement[date]) -> ColumnElement[bool]:
    """Presented and within its grace days, or as the ERP says."""
    return sa.or_(
        installments.c.erp_hold == AT_BANK,
        sa.and_(
            installments.c.presented_on.is_not(None),
            installments.c.unpaid_on.is_(None),
            due >= on - BANK_GRACE,
        ),
    )
