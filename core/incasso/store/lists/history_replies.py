"""What clients wrote, in their history: out of its own table, for no journal holds the words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.store.lists.history_rows import (
    OF_THE_DAY,
    Client,
    HistoryRow,
    Span,
    of_ledger,
    theirs,
)
from incasso.store.tables.replies import replies

RECEIVED: Final = "message.received"


def written_by(connection: Connection, known: Sequence[Client], span: Span) -> Iterator[HistoryRow]:
    """What these clients wrote on those days, and what programs answered for them."""
    whose = {each.id: each for each in known}
    for row in connection.execute(_written(known, span)):
        facts = {
            "reply": row.id,
            "kind": str(row.kind),
            "sender": row.sender,
            "subject": row.subject,
            "preview": row.preview,
            "step": str(row.step_id or ""),
            "delivery": row.delivery_id or "",
        }
        named = f"reply {row.id}"
        told = of_ledger(
            whose[row.client_id], row.on_date, RECEIVED, named, None, "", facts, OF_THE_DAY
        )
        yield msgspec.structs.replace(told, at=row.at)


def _written(known: Sequence[Client], span: Span) -> sa.Select[Any]:
    table = replies.c
    query = sa.select(replies).where(theirs(table.client_id, known), span.holds(table.on_date))
    return query.order_by(table.id)
