"""What providers reported of a client, in its history: out of their own table, with the words."""

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
from incasso.store.tables.exchange import exchange_updates
from incasso.store.tables.placement import placements

TOLD: Final = "told"
"""What their kinds begin with, e.g. `told.payment`."""

JOURNALED: Final = "exchange.%"
"""The same in the journal, without the words."""


def reported(connection: Connection, known: Sequence[Client], span: Span) -> Iterator[HistoryRow]:
    """What was reported of these clients for those days, with who said it."""
    whose = {each.id: each for each in known}
    for row in connection.execute(_query(known, span)):
        told = of_ledger(
            whose[row.client_id],
            row.on_date,
            f"{TOLD}.{row.kind}",
            f"report {row.id}",
            row.amount,
            row.currency,
            _facts(row),
            OF_THE_DAY,
        )
        yield msgspec.structs.replace(told, at=row.at, who=row.provider, name=row.provider)


def _facts(row: Any) -> dict[str, Any]:
    facts = {
        "standing": str(row.standing),
        "result": str(row.result),
        "closing": str(row.closing),
        "medium": row.medium,
        "until": str(row.until or ""),
        "corrects": row.corrects,
        "text": row.words,
        "breaks_policy": row.breaks_policy,
        "lot": row.lot,
    }
    return {name: value for name, value in facts.items() if value}


def _query(known: Sequence[Client], span: Span) -> sa.Select[Any]:
    table = exchange_updates.c
    return (
        sa.select(exchange_updates, placements.c.client_id)
        .join(placements, placements.c.id == table.placement_id)
        .where(theirs(placements.c.client_id, known), span.holds(table.on_date))
        .order_by(table.on_date, table.at, table.id)
    )
