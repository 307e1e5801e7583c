"""Records from a connector: their digest, and documents and payments as rows of their tables."""

from __future__ import annotations

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


def fingerprint(record: ClientRecord | InstallmentRecord) -> bytes:
    """The connector's own digest, else one of everything the record says; 16 bytes at most."""
    given = record.fingerprint
    if not given:
        try:
            return xxh3_128_digest(_encode(record))
        except UnicodeEncodeError:
            return b""  # its text is no text; the row is about to be refused for it
    return given


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
