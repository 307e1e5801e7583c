"""How often debtors were spoken with: by the office, and by the providers that say so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.contract.exchange import ActivityResult, UpdateKind
from incasso.domain.recovery.actions import CONVERSATIONS
from incasso.store.tables.exchange import exchange_updates
from incasso.store.tables.placement import placements
from incasso.store.tables.recovery import conversations


def spoken_on(connection: Connection, clients: Collection[int]) -> Counter[tuple[int, date]]:
    """Conversations of these clients by day."""
    found: Counter[tuple[int, date]] = Counter()
    if clients:
        for query in (_by_us(clients), _by_them(clients)):
            found.update((row.client_id, row.on_date) for row in connection.execute(query))
    return found


def _by_us(clients: Collection[int]) -> sa.Select[Any]:
    table = conversations.c
    return sa.select(table.client_id, table.on_date).where(
        table.client_id.in_(list(clients)), table.effective, table.medium.in_(CONVERSATIONS)
    )


def _by_them(clients: Collection[int]) -> sa.Select[Any]:
    table = exchange_updates.c
    return (
        sa.select(placements.c.client_id, table.on_date)
        .join(placements, placements.c.id == table.placement_id)
        .where(placements.c.client_id.in_(list(clients)))
        .where(table.kind == UpdateKind.ACTIVITY, table.result == ActivityResult.REACHED)
        .where(table.medium.in_(CONVERSATIONS))
    )
