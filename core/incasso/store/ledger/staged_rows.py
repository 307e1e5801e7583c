"""Records as rows of the staging tables: in the order of their columns, days as ISO has them.

A million of them pass here at a first load: these two functions are the only ones that know what
stands where, and `read_columns` of each table names it.
"""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

from incasso.contract.ledger import ClientRecord, InstallmentRecord
from incasso.domain.money import to_minor
from incasso.store.bulk import Values

R = TypeVar("R", ClientRecord, InstallmentRecord)


class Staged(msgspec.Struct, Generic[R], frozen=True):
    """A record that is new or differs from what the ledger has."""

    seq: int
    """In the order of reading."""
    known_id: int | None
    """The row that it changes; None: it is new."""
    record: R
    fingerprint: bytes
    file: str
    row: int | None


def installment_values(staged: Staged[InstallmentRecord], own_currency: str) -> Values:
    """A row of `staged_installments`; `own_currency` is the company's."""
    record = staged.record
    currency, residual = record.currency, to_minor(record.residual, record.currency)
    amount, document_date = record.amount, record.document_date
    whole: int | None = residual
    if amount is not record.residual:
        whole = None if amount is None else to_minor(amount, currency)
    unpaid_on, presented_on = record.unpaid_on, record.presented_on
    base, reminded_on = record.base_residual, record.reminded_on
    return (
        staged.seq,
        staged.known_id,
        record.client,
        record.key,
        record.document_kind.value,
        record.document_number,
        document_date and document_date.isoformat(),
        record.installment_number,
        record.due_date.isoformat(),
        whole,
        residual,
        currency,
        record.payment_method.value,
        unpaid_on and unpaid_on.isoformat(),
        presented_on and presented_on.isoformat(),
        record.agent,
        record.depot,
        record.area,
        record.notes,
        record.document,
        record.bill_number,
        None if base is None else to_minor(base, own_currency),
        reminded_on and reminded_on.isoformat(),
        record.reminders,
        record.erp_hold,
        staged.fingerprint,
        staged.file,
        staged.row,
    )


def client_values(staged: Staged[ClientRecord], own_currency: str) -> Values:
    """A row of `staged_clients`; an ERP keeps credit limits in the company's own currency."""
    values = msgspec.structs.asdict(staged.record)
    limit = staged.record.credit_limit
    values["credit_limit"] = None if limit is None else to_minor(limit, own_currency)
    values["fingerprint"] = staged.fingerprint
    return (staged.seq, staged.known_id, *values.values(), staged.file, staged.row)
