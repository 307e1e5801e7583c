"""Identify open items: keys for files without a key column, and rows that appear twice."""

from __future__ import annotations

from dataclasses import dataclass, field

import xxhash

from incasso.api import DocumentKind, InstallmentRecord, Problem

_LONGEST = 128
NO_KEY = Problem(code="missing", field="key", message="there is no key")


def derived_key(record: InstallmentRecord) -> str:
    """The same row gives the same key tomorrow, whatever was paid meanwhile.

    Client, kind, number and date of the document, then the installment number if there is one
    beyond the first, else the due date.
    """
    parts = [record.client]
    if record.document_kind is not DocumentKind.INVOICE:
        parts.append(record.document_kind)
    parts.append(record.document_number or "-")
    if record.document_date is not None:
        parts.append(record.document_date.isoformat())
    number = record.installment_number
    parts.append(f"n{number}" if number > 1 else record.due_date.isoformat())
    return shortened("|".join(parts))


def shortened(key: str) -> str:
    """The key itself, or its beginning and a digest if it is longer than a key may be."""
    if len(key) <= _LONGEST:
        return key
    return f"{key[: _LONGEST - 33]}#{xxhash.xxh3_128_hexdigest(key.encode())}"


@dataclass
class Doubles:
    """The keys of one reading. Rows are remembered by a digest each, not by their text."""

    _rows: dict[str, int] = field(default_factory=dict)
    _times: dict[str, int] = field(default_factory=dict)
    _digests: set[bytes] = field(default_factory=set)

    def repeated(self, key: str, row: int) -> Problem | None:
        """A complaint if an earlier row bears the same key: the first stays, which one is right
        only the ERP knows."""
        first = self._rows.setdefault(key, row)
        if first == row:
            return None
        return duplicate(key, first)

    def numbered(self, key: str, digest: bytes, row: int) -> str | Problem:
        """A derived key, made unique: the second row of the same document and day ends in `#2`.

        A row equal to an earlier one in every cell is taken for a doubled row: were it a second
        debt, dunning it late is better than dunning a debt that does not exist.
        """
        if digest in self._digests:
            return Problem(
                code="doubled_row",
                field="key",
                message=f"the row repeats row {self._rows.get(key, row)} in every cell",
                hint="if both debts are real, give the rows different document numbers",
            )
        self._digests.add(digest)
        times = self._times[key] = self._times.get(key, 0) + 1
        self._rows.setdefault(key, row)
        return key if times == 1 else shortened(f"{key}#{times}")


def duplicate(key: str, first: int) -> Problem:
    """Two rows claim to be the same installment."""
    return Problem(
        code="duplicate_key",
        field="key",
        message=f"{key} is already in row {first}",
        hint="an installment stands in one row only; the first one was taken",
    )
