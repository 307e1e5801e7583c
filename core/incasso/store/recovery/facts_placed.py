"""Which installments are with a provider, or on their way to one: no other step is made for them.

A case says that it is placed, but a new one may open for the same installment while the provider
has it; so decisions look at the placements themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Set

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.placement.states import RowState
from incasso.domain.recovery.facts import Placement
from incasso.store.sql_ids import near
from incasso.store.tables.placement import lots, placement_rows, placements

_LIVE = placement_rows.c.state.in_((RowState.COMPOSED, RowState.PLACED))


def read_placed(connection: Connection, owners: Set[int]) -> Mapping[int, dict[int, Placement]]:
    """By client and installment, where it is placed or in a lot that may leave."""
    query = (
        sa.select(
            placements.c.client_id,
            placement_rows.c.installment_id,
            placement_rows.c.state,
            lots.c.provider,
            lots.c.code,
            placements.c.until,
        )
        .join(placement_rows, placement_rows.c.placement_id == placements.c.id)
        .join(lots, lots.c.id == placements.c.lot_id)
        .where(near(connection, placements.c.client_id, owners), _LIVE)
    )
    found: dict[int, dict[int, Placement]] = {}
    for client, installment, state, provider, lot, until in connection.execute(query):
        if client in owners:
            of_client = found.setdefault(client, {})
            of_client[installment] = Placement(lot, provider, state == RowState.PLACED, until)
    return found
