"""The account of a whole lot, to the cent: where each euro of it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.placement.states import EntryKind, RowState
from incasso.store.tables.placement import placement_entries, placement_rows, placements


class LotAccount(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the credits of a lot in one currency; minor units.

    `placed` + `raised` is the sum of all others but `unmet`, `rows` and `rows_out`.
    """

    currency: str
    placed: int
    raised: int
    collected: int
    """By the provider, without what came back."""
    direct: int
    """Paid to us while it was placed."""
    reduced: int
    withdrawn: int
    """Recalled, given back, or not taken on; less what came after all."""
    ended: int
    """Closed by the provider with a reason."""
    open: int
    """Still with the provider; below zero where too much came in."""
    unmet: int
    """Of `collected`, what the ERP does not show yet."""
    rows: int
    rows_out: int
    """Still with the provider."""

    @property
    def is_settled(self) -> bool:
        """Whether the lot may be closed: every row is back, every cent is accounted for."""
        return self.rows_out == 0 and self.open == 0


def of_lot(connection: Connection, lot: int) -> list[LotAccount]:
    """The accounts of a lot, by currency."""
    entries = _entries(connection, lot)
    table = placement_rows.c
    query = (
        sa.select(
            placements.c.currency,
            sa.func.sum(table.residual),
            sa.func.sum(table.unmet),
            sa.func.count(),
            sa.func.sum(sa.case((table.state == RowState.PLACED, 1), else_=0)),
        )
        .join(placements, placements.c.id == table.placement_id)
        .where(placements.c.lot_id == lot, table.state.in_((RowState.PLACED, RowState.OVER)))
        .group_by(placements.c.currency)
        .order_by(placements.c.currency)
    )
    return [_account(entries[row[0]], *row) for row in connection.execute(query)]


def _entries(connection: Connection, lot: int) -> Mapping[str, Mapping[tuple[str, str], int]]:
    """Sums of entries by currency, then by kind and how their rows came back."""
    query = (
        sa.select(
            placements.c.currency,
            placement_entries.c.kind,
            sa.func.sum(placement_entries.c.amount),
        )
        .join(placement_rows, placement_rows.c.id == placement_entries.c.row_id)
        .join(placements, placements.c.id == placement_rows.c.placement_id)
        .where(placements.c.lot_id == lot)
        .group_by(placements.c.currency, placement_entries.c.kind)
    )
    found: defaultdict[str, dict[Any, int]] = defaultdict(dict)
    for currency, kind, amount in connection.execute(query):
        found[currency][kind] = int(amount)
    return found


def _account(
    sums: Mapping[Any, int], currency: str, placed: int, unmet: int, rows: int, out: int
) -> LotAccount:
    def net(kind: EntryKind, back: EntryKind | None = None) -> int:
        return sums.get(kind, 0) - (sums.get(back, 0) if back else 0)

    collected = net(EntryKind.COLLECTED, EntryKind.REVERSED)
    direct = net(EntryKind.DIRECT, EntryKind.DIRECT_REVERSED)
    reduced, raised = net(EntryKind.REDUCED), net(EntryKind.RAISED)
    withdrawn, ended = net(EntryKind.WITHDRAWN), net(EntryKind.ENDED)
    # What came after all belongs to how the row had ended; where both are, it is told of `ended`.
    late = net(EntryKind.REOPENED)
    from_ended = min(late, ended)
    ended, withdrawn = ended - from_ended, withdrawn - (late - from_ended)
    known = collected + direct + reduced + withdrawn + ended
    return LotAccount(
        currency=currency,
        placed=int(placed),
        raised=raised,
        collected=collected,
        direct=direct,
        reduced=reduced,
        withdrawn=withdrawn,
        ended=ended,
        open=int(placed) + raised - known,
        unmet=int(unmet),
        rows=int(rows),
        rows_out=int(out),
    )
