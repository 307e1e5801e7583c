"""What clients allowed and refused, as it is written down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.sending.consents import ConsentKind
from incasso.store.recovery.reaching import REFUSED
from incasso.store.tables.reaching import consents
from incasso.store.written_rows import written

BY_CONSENT: Final = "consent"
REPLACED: Final = "replaced"


class NewConsent(msgspec.Struct, frozen=True, kw_only=True):
    """A refusal or a consent, about to be kept."""

    source_id: int
    client_id: int
    kind: ConsentKind
    medium: str
    address: str
    """As `address_key` has it; empty: every address."""
    formal: bool = False
    since: date
    until: date | None = None
    reason: str = ""
    origin: str
    made_by: str
    made_on: date


def record(connection: Connection, new: NewConsent) -> int:
    """Write it down; its id. A refusal in force of the same address must have been ended."""
    table = consents
    values = msgspec.structs.asdict(new)
    made = connection.execute(sa.insert(table).values(values).returning(table.c.id)).scalar_one()
    written(connection, table.name, made)
    return int(made)


def refused(
    connection: Connection, client_id: int, medium: str, address: str | None = None
) -> Sequence[int]:
    """The refusals in force of a medium, by id; of one address only if it is given ("" is the
    refusal of the whole medium)."""
    query = sa.select(consents.c.id).where(
        consents.c.client_id == client_id, consents.c.medium == medium, REFUSED
    )
    if address is not None:
        query = query.where(consents.c.address == address)
    return connection.scalars(query.order_by(consents.c.id)).all()


def end(connection: Connection, ids: Sequence[int], on: date, by: str) -> None:
    """These hold no longer. `by`: `BY_CONSENT` or `REPLACED`."""
    if ids:
        ending = sa.update(consents).where(consents.c.id.in_(ids))
        connection.execute(ending.values(ended_on=on, ended_by=by))
