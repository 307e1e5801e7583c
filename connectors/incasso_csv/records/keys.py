"""Keys for the open items of files that have no key column."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import xxhash

from incasso.api import DocumentKind, InstallmentRecord, Problem, text

_LONGEST = 128
NO_KEY = Problem(code="missing", field="key", message=text("there is no key"))


def derived_key(record: InstallmentRecord, *, dated: bool = True) -> str:
    """The same row gives the same key tomorrow, whatever was paid meanwhile.

    Client, kind, number and date of the document, then the installment number if there is one
    beyond the first, else the due date. `dated`: the file gives one of its dates.
    """
    parts = [record.client]
    if record.document_kind is not DocumentKind.INVOICE:
        parts.append(record.document_kind)
    parts.append(record.document_number or "-")
    if record.document_date is not None:
        parts.append(record.document_date.isoformat())
    number = record.installment_number
    due = record.due_date.isoformat() if dated else "-"
    parts.append(f"n{number}" if number > 1 else due)
    return shortened("|".join(parts))


def shortened(key: str) -> str:
    """The key itself, or its beginning and a digest if it is longer than a key may be."""
    if len(key) <= _LONGEST:
        return key
    return f"{key[: _LONGEST - 33]}#{xxhash.xxh3_128_hexdigest(key.encode())}"


@dataclass
class DerivedKeys:
    """Makes derived keys unique within one reading. Rows are kept as digests."""

    _given: dict[bytes, str] = field(default_factory=dict)
    _times: Counter[str] = field(default_factory=Counter)

    def key(self, record: InstallmentRecord, digest: bytes, *, dated: bool = True) -> str:
        """The second row of one document and day, with another amount, ends in `#2`.

        A row equal to an earlier one in every cell gets that one's key, so that the hub counts it
        once and reports it: dunning a second debt late is better than dunning one that never was.
        """
        if earlier := self._given.get(digest):
            return earlier
        key = derived_key(record, dated=dated)
        self._times[key] += 1
        if self._times[key] > 1:
            key = shortened(f"{key}#{self._times[key]}")
        self._given[digest] = key
        return key
