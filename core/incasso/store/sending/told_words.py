"""What channels said of messages, as sentences that a reader of another language understands.

The journal keeps them as plain English, because its hash is taken over what was written down.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.store.tables.sending import deliveries, delivery_events

AT_ONCE: Final = 500


def told_words(connection: Connection, names: Collection[str]) -> dict[tuple[str, str], str]:
    """By delivery and its plain English, the sentence of each note and reason."""
    found: dict[tuple[str, str], str] = {}
    rest = iter(names)
    while some := list(islice(rest, AT_ONCE)):
        found |= {(name, str.__str__(words)): words for name, words in _of(connection, some)}
    return found


def _of(connection: Connection, names: Collection[str]) -> Iterator[tuple[str, str]]:
    notes = sa.select(delivery_events.c.delivery_id, delivery_events.c.note).where(
        delivery_events.c.delivery_id.in_(names)
    )
    reasons = sa.select(deliveries.c.id, deliveries.c.reason).where(deliveries.c.id.in_(names))
    for query in (notes, reasons):
        yield from ((name, words) for name, words in connection.execute(query) if words)
