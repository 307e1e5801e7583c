"""Change a ledger by given shares: what the bench needs to measure a second sync."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal

import msgspec
import xxhash

from incasso.contract.ledger import InstallmentRecord

_CERTAIN = 1 << 32


def change(
    rows: Iterable[InstallmentRecord],
    *,
    changed: float = 0.05,
    new: float = 0.02,
    gone: float = 0.02,
    seed: int = 0,
) -> Iterator[InstallmentRecord]:
    """The same ledger some days later: shares of its rows changed, new and gone.

    What happens to a row depends on its key and the seed only. A changed row loses a third of its
    residual; a new one is a copy under another key, due a month later.
    """
    if min(changed, new, gone) < 0 or changed + gone > 1 or new > 1:
        raise ValueError("shares are fractions, and a row cannot both change and go")
    for row in rows:
        roll = xxhash.xxh32_intdigest(row.key.encode(), seed) / _CERTAIN
        if roll < gone:
            pass
        elif roll < gone + changed:
            paid = (row.residual / 3).quantize(Decimal("0.01"))
            yield msgspec.structs.replace(row, residual=row.residual - paid)
        else:
            yield row
        if xxhash.xxh32_intdigest(row.key.encode(), seed + 1) / _CERTAIN < new:
            yield msgspec.structs.replace(
                row,
                key=f"{row.key}-N{seed}",
                document_number=f"{row.document_number}-N{seed}",
                due_date=row.due_date + timedelta(days=30),
            )
