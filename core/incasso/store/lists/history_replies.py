"""What clients wrote, in their history: out of its own table, for no journal holds the words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

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


def written_by(known: Sequence[Client], span: Span) -> sa.Select[Any]:
    """What these clients wrote on those days, and what programs answered for them."""
    table = replies.c
    query = sa.select(replies).where(theirs(table.client_id, known), span.holds(table.on_date))
    return query.order_by(table.id)


def told_of(rows: Iterable[sa.Row[Any]], known: Sequence[Client]) -> Iterator[HistoryRow]:
    """The rows of that query, as the history tells them."""
    whose = {each.id: each for each in known}
    for row in rows:
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
