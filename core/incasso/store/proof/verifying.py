"""What the tables say must be in the archive, and is not."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import date, datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.sending.delivery import DeliveryStatus
from incasso.store.records import columns_of, stream
from incasso.store.tables.ledger import sources
from incasso.store.tables.proof import archive, journal
from incasso.store.tables.recovery import steps
from incasso.store.tables.sending import deliveries, delivery_events

_TRIED = (
    DeliveryStatus.SENDING,
    DeliveryStatus.ACCEPTED,
    DeliveryStatus.DELIVERED,
    DeliveryStatus.QUESTIONED,
    DeliveryStatus.BOUNCED,
    DeliveryStatus.OPTED_OUT,
    DeliveryStatus.UNCERTAIN,
)


def count_left(connection: Connection) -> int:
    """How many deliveries reached the other side, as far as we know."""
    left = sa.select(sa.func.count()).where(deliveries.c.accepted_at.is_not(None))
    return int(connection.scalar(left) or 0)


class LeftDelivery(msgspec.Struct, frozen=True):
    """A message that the other side took, as far as the journal says the same."""

    id: str
    step_id: int
    medium: str
    channel: str
    to: str
    status: DeliveryStatus
    claimed_by: str
    sha256: str
    total: int
    currency: str


def left(connection: Connection) -> Generator[LeftDelivery, None, None]:
    """Every delivery that was accepted. A stream."""
    query = (
        sa.select(
            *columns_of(
                LeftDelivery,
                deliveries,
                total=sa.func.coalesce(deliveries.c.asked, steps.c.total, 0),
                currency=sa.func.coalesce(steps.c.currency, "EUR"),
            )
        )
        .select_from(deliveries)
        .outerjoin(steps, steps.c.id == deliveries.c.step_id)
        .where(deliveries.c.accepted_at.is_not(None))
    )
    return stream(connection, LeftDelivery, query)


def evidence(connection: Connection) -> Iterator[tuple[str, str]]:
    """Delivery and digest of every report that came back. A stream."""
    table = delivery_events.c
    query = sa.select(table.delivery_id, table.evidence_sha256).distinct()
    for row in connection.execute(query.where(table.evidence_sha256 != "")):
        yield row.delivery_id, row.evidence_sha256


def last_read(connection: Connection) -> list[tuple[str, date | None, datetime]]:
    """When each source was last read well: its name, the business day and the instant."""
    columns = (sources.c.name, sources.c.last_good_sync_on, sources.c.last_good_sync_at)
    query = sa.select(*columns).where(sources.c.last_good_sync_at.is_not(None))
    return [(name, on, at) for name, on, at in connection.execute(query)]


def missing(connection: Connection) -> Iterator[str]:
    """The first of each kind of thing whose bytes the archive's table does not know, in words."""
    sent, proof, said = deliveries.c, delivery_events.c, journal.c.facts["sha256"].as_string()
    yield from _first(
        connection,
        "delivery {} left, but the bytes sent are not in the archive",
        sa.select(sent.id).where(sent.status.in_(_TRIED), _absent(sent.sha256)).order_by(sent.id),
    )
    yield from _first(
        connection,
        "the proof of delivery {} is not in the archive",
        sa.select(proof.delivery_id)
        .where(proof.evidence_sha256 != "", _absent(proof.evidence_sha256))
        .order_by(proof.id),
    )
    yield from _first(
        connection,
        "journal event {} names bytes sent that are not in the archive",
        sa.select(journal.c.id)
        .where(journal.c.kind == "delivery.accepted", said != "", _absent(said))
        .order_by(journal.c.id),
    )


def _first(connection: Connection, words: str, query: sa.Select[tuple[object]]) -> Iterator[str]:
    found = connection.execute(query.limit(1)).first()
    if found is not None:
        yield words.format(found[0])


def _absent(sha256: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    return ~sa.exists().where(archive.c.sha256 == sha256)
