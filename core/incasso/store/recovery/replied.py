"""What clients wrote and nobody has answered yet, as decisions look at it."""

from __future__ import annotations

from collections.abc import Set
from datetime import date, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.recovery.iters import LONGEST_REPLY_WAIT
from incasso.domain.sending.replies import ReplyKind
from incasso.store.sql_ids import near
from incasso.store.tables.replies import replies

_WAITING: Final = sa.text("replies.state IN ('new', 'handed_over')")
"""In the words of the partial index."""


def unanswered(connection: Connection, owners: Set[int], on: date) -> dict[int, date]:
    """By client the last day up to that one on which they wrote what nobody has answered yet, as
    far back as any iter waits for it."""
    table = replies.c
    first = on - timedelta(days=LONGEST_REPLY_WAIT)
    query = sa.select(table.client_id, sa.func.max(table.on_date)).where(
        near(connection, table.client_id, owners),
        _WAITING,
        table.kind == ReplyKind.REPLY,
        table.on_date.between(first, on),
    )
    found = connection.execute(query.group_by(table.client_id))
    return {client: day for client, day in found if client in owners}
