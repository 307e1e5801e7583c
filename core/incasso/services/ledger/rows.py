"""Records from a connector as rows of the staging tables: digest, minor units, dates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
from xxhash import xxh3_128_digest

from incasso.contract.ledger import (
    ClientRecord,
    DocumentRecord,
    InstallmentRecord,
    PaymentRecord,
)
from incasso.domain.money import to_minor

_encode = msgspec.msgpack.Encoder().encode

Day = Callable[[date], Any]


def fingerprint(record: ClientRecord | InstallmentRecord) -> bytes:
    """The connector's own digest, else one of everything the record says; 16 bytes at most."""
    given = record.fingerprint
    if not given:
        try:
            return xxh3_128_digest(_encode(record))
        except UnicodeEncodeError:
            return b""  # its text is no text; the row is about to be refused for it
    return given if len(given) <= 16 else xxh3_128_digest(given)


def installment_row(
    record: InstallmentRecord, print_: bytes, day: Day, own_currency: str
) -> tuple[Any, ...]:
    """Client code, then the values of `INSTALLMENT_COLUMNS`; `day` makes what the driver stores.

    `own_currency` is the company's.
    """
    currency, residual = record.currency, to_minor(record.residual, record.currency)
    amount, document_date = record.amount, record.document_date
    whole: int | None = residual
    if amount is not record.residual:
        whole = None if amount is None else to_minor(amount, currency)
    unpaid_on, presented_on = record.unpaid_on, record.presented_on
    base, reminded_on = record.base_residual, record.reminded_on
    return (
        record.client,
        record.key,
        record.document_kind.value,
        record.document_number,
        document_date and day(document_date),
        record.installment_number,
        day(record.due_date),
        whole,
        residual,
        currency,
        record.payment_method.value,
        unpaid_on and day(unpaid_on),
        presented_on and day(presented_on),
        record.agent,
        record.depot,
        record.area,
        record.notes,
        record.document,
        record.bill_number,
        None if base is None else to_minor(base, own_currency),
        reminded_on and day(reminded_on),
        record.reminders,
        record.erp_hold,
        print_,
    )


def client_row(record: ClientRecord, print_: bytes, own_currency: str) -> tuple[Any, ...]:
    """The values of `CLIENT_COLUMNS`; an ERP keeps credit limits in the company's own currency."""
    values = {name: getattr(record, name) for name in ClientRecord.__struct_fields__}
    limit = record.credit_limit
    values["credit_limit"] = None if limit is None else to_minor(limit, own_currency)
    values["fingerprint"] = print_
    return tuple(values.values())


def document_row(record: DocumentRecord) -> dict[str, Any]:
    """The columns of `documents`, without source and client."""
    values = msgspec.structs.asdict(record)
    del values["client"]
    total = None if record.total is None else to_minor(record.total, record.currency)
    digest = xxh3_128_digest(_encode(record))
    return {**values, "kind": record.kind.value, "total": total, "fingerprint": digest}


def payment_row(record: PaymentRecord) -> dict[str, Any]:
    """The columns of `payments`, without source and client."""
    values = msgspec.structs.asdict(record)
    del values["client"]
    values["amount"] = to_minor(record.amount, record.currency)
    values["kind"], values["payment_method"] = record.kind.value, record.payment_method.value
    return {**values, "fingerprint": xxh3_128_digest(_encode(record))}
