"""Fingerprints: four bytes that a query can compute, twelve that need the rows."""

from __future__ import annotations

import zlib

import msgspec
import xxhash

from incasso.api import InstallmentRecord
from incasso_mago4.codes import DEBIT
from incasso_mago4.item_rows import STABLE, Rows
from incasso_mago4.raw import LARGEST
from incasso_mago4.rules import Rules

READING = 1
"""Increase it when the same rows give another record, so that every hub reads them again."""

COUNTED = 4

_encode = msgspec.msgpack.Encoder().encode


def seed_of(settings: Rules) -> int:
    """What the settings add to every fingerprint: other settings, other records."""
    parts = (
        READING,
        settings.currency,
        sorted(settings.currencies.items()),
        sorted(settings.payment_methods.items()),
        sorted(settings.notice_days.items()),
        settings.factors,
        settings.closed_bills,
        str(settings.tolerance),
    )
    return xxhash.xxh3_64_intdigest(repr(parts).encode())


def counted(rows: int, cents: int) -> bytes:
    """What `keys.py` can say of an installment without reading it: a deleted payment shows."""
    return zlib.crc32(b"%d:%d" % (rows, cents)).to_bytes(COUNTED)


def count_of(rows: Rows) -> bytes:
    """The same from the rows. A checksum, not an amount: binary floats are good enough."""
    cents = 0
    for row in rows:
        if row.amount is not None and abs(row.amount) < LARGEST:
            found = round(float(row.amount) * 100)
            cents += found if row.sign == DEBIT else -found
    return counted(len(rows), cents)


def print_of(rows: Rows, seed: int) -> bytes:
    """The fingerprint of an installment whose record follows from its own rows alone."""
    encoded = _encode([row[:STABLE] for row in rows])
    return count_of(rows) + xxhash.xxh3_128_digest(encoded, seed)[COUNTED:]


def print_with(rows: Rows, seed: int, record: InstallmentRecord) -> bytes:
    """The fingerprint, record included, where the day or another installment influences it."""
    encoded = _encode(([row[:STABLE] for row in rows], msgspec.structs.astuple(record)))
    return count_of(rows) + xxhash.xxh3_128_digest(encoded, seed)[COUNTED:]
