"""The digest of a frozen lot: whoever has its rows can compute it again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from hashlib import sha256

import msgspec

from incasso.domain.placement.names import placement_name, row_name


class FrozenRow(msgspec.Struct, frozen=True):
    """What is fixed of one installment in a lot; money in minor units."""

    placement: int
    row: int
    source: str
    client: str
    key: str
    due_date: date
    currency: str
    residual: int


class Totals(msgspec.Struct):
    """The control totals of a lot while its rows go by."""

    placements: int = 0
    rows: int = 0
    sums: dict[str, int] = msgspec.field(default_factory=dict)
    """Minor units by currency."""
    digest: str = ""


def totals_of(rows: Iterable[FrozenRow]) -> Totals:
    """Totals and SHA-256 of rows in the order of placement and row, read once."""
    found, hashed, last = Totals(), sha256(), 0
    for row in rows:
        hashed.update(_line(row))
        found.placements += row.placement != last
        found.rows += 1
        found.sums[row.currency] = found.sums.get(row.currency, 0) + row.residual
        last = row.placement
    found.digest = hashed.hexdigest()
    return found


def _line(row: FrozenRow) -> bytes:
    fields = (
        placement_name(row.placement),
        row_name(row.row),
        row.source,
        row.client,
        row.key,
        row.due_date.isoformat(),
        row.currency,
        row.residual,
    )
    # As JSON, for a key may hold whatever would part two fields.
    return msgspec.json.encode(fields) + b"\n"
