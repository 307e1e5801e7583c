"""Write records as canonical CSV files, and the bad rows that a demonstration needs."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from operator import attrgetter
from pathlib import Path

import msgspec

from incasso.contract.ledger import ClientRecord, InstallmentRecord, PersonRecord

_INSTALLMENT_ORDER = (
    "key,client,document_kind,document_number,document_date,installment_number,due_date,amount,"
    "residual,currency,payment_method,unpaid_on,presented_on,agent,depot,area,notes"
).split(",")


def columns(record: type[msgspec.Struct]) -> list[str]:
    """The canonical headings of a record, in the order of the documentation."""
    if record is InstallmentRecord:
        return list(_INSTALLMENT_ORDER)
    return [name for name in record.__struct_fields__ if name != "fingerprint"]


def write_records(
    path: Path,
    record: type[ClientRecord] | type[InstallmentRecord] | type[PersonRecord],
    records: Iterable[ClientRecord | InstallmentRecord | PersonRecord],
    extra: Iterable[Sequence[str]] = (),
) -> int:
    """Write one file, `extra` rows last; how many records were written.

    The file appears under its name only when it is whole, as a reader may open it at any moment.
    """
    names = columns(record)
    cells = attrgetter(*names)
    flags = [at for at, name in enumerate(names) if record.__annotations__[name] == "bool"]
    partial = path.with_name(f".{path.name}.part")
    written = 0
    with partial.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream, lineterminator="\n")
        out.writerow(names)
        for each in records:
            row = list(cells(each))
            for at in flags:
                row[at] = str(row[at]).lower()
            out.writerow(row)
            written += 1
        out.writerows(extra)
    partial.replace(path)
    return written


def bad_rows(on: date, known: InstallmentRecord) -> list[list[str]]:
    """Four rows that a hub must quarantine, each for its own reason; `known` is in the ledger."""
    due = on - timedelta(days=20)
    good = {
        "client": known.client,
        "document_kind": "invoice",
        "document_date": (due - timedelta(days=30)).isoformat(),
        "installment_number": "1",
        "due_date": due.isoformat(),
        "amount": "250.00",
        "residual": "250.00",
        "currency": known.currency,
        "payment_method": "transfer",
    }
    wrong = (
        {"key": "BAD-1", "document_number": "BAD/1", "client": "C999999"},
        {"key": "BAD-2", "document_number": "BAD/2", "due_date": f"{due.year}-02-31"},
        {"key": "BAD-3", "document_number": "BAD/3", "residual": "duecento"},
        {"key": known.key, "document_number": "BAD/4"},
    )
    return [[{**good, **row}.get(name, "") for name in _INSTALLMENT_ORDER] for row in wrong]
