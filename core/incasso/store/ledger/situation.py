"""How an installment stands on a day, as an expression on `installments`."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection

from incasso.domain.ledger.overdue import AT_BANK
from incasso.domain.ledger.situation import Situation
from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.recovery.states import OF_PAYMENTS, AgreementKind, AgreementStatus
from incasso.store.ledger.overdue import effective_due_date, is_at_bank
from incasso.store.tables.columns import Code
from incasso.store.tables.ledger import installments
from incasso.store.tables.recovery import agreement_installments, agreements

_CLOSED = {
    InstallmentStatus.GONE: Situation.GONE,
    InstallmentStatus.VANISHED: Situation.VANISHED,
    InstallmentStatus.PAID: Situation.PAID,
}


def situation(connection: Connection, on: date) -> ColumnElement[Any]:
    """The `Situation` on that day; the order of the cases is the precedence."""
    table = installments
    held = table.c.erp_hold.not_in(("", AT_BANK))
    cases = [
        *((table.c.status == status, word) for status, word in _CLOSED.items()),
        (table.c.residual < 0, Situation.CREDIT),
        (_agreed(on, AgreementKind.DISPUTE), Situation.DISPUTED),
        (sa.or_(held, _agreed(on, AgreementKind.HOLD)), Situation.HELD),
        (is_at_bank(connection, on), Situation.AT_BANK),
        (_agreed(on, *OF_PAYMENTS), Situation.PROMISED),
        (table.c.unpaid_on.is_not(None), Situation.UNPAID),
        (effective_due_date() < on, Situation.OVERDUE),
    ]
    whens = [(condition, sa.literal(word.value)) for condition, word in cases]
    return sa.type_coerce(
        sa.case(*whens, else_=sa.literal(Situation.NOT_DUE.value)), Code(Situation)
    )


def _agreed(on: date, *kinds: AgreementKind) -> ColumnElement[bool]:
    """Whether such an agreement is in force for it: its own, one that covers it, or one about
    everything of its client. Promises stay in force until they are judged."""
    table, covered = agreements, agreement_installments
    covers = sa.select(covered.c.installment_id).where(covered.c.agreement_id == table.c.id)
    of_this = covers.where(covered.c.installment_id == installments.c.id)
    of_client = sa.and_(
        table.c.installment_id.is_(None),
        sa.or_(of_this.correlate(table, installments).exists(), ~covers.correlate(table).exists()),
    )
    lasts = sa.or_(
        table.c.until_on.is_(None), table.c.until_on >= on, table.c.kind.in_(OF_PAYMENTS)
    )
    return (
        sa.select(table.c.id)
        .where(
            table.c.client_id == installments.c.client_id,
            table.c.status == AgreementStatus.ACTIVE,
            table.c.kind.in_(kinds),
            table.c.from_on <= on,
            lasts,
            sa.or_(table.c.installment_id == installments.c.id, of_client),
        )
        .correlate(installments)
        .exists()
    )
