"""What choosing asks of installments and their clients, beside the facts of a decision."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.placement.states import RowState
from incasso.store.ledger.overdue import is_at_bank
from incasso.store.records import columns_of, records
from incasso.store.sql_ids import among
from incasso.store.tables.ledger import clients, installments, sources
from incasso.store.tables.placement import lots, placement_rows, placements


class LookedAt(msgspec.Struct, frozen=True):
    """One installment, exactly as the ledger has it; money in minor units."""

    id: int
    source_id: int
    client_id: int
    key: str
    residual: int
    currency: str
    payment_method: str
    unpaid_on: date | None
    area: str
    depot: str
    agent: str
    at_bank: bool


class PlacedClient(msgspec.Struct, frozen=True):
    """What choosing and splitting look at of a client."""

    id: int
    source: str
    code: str
    name: str
    is_person: bool
    public_body: bool
    vat: str
    tax_code: str
    address: str
    zip: str
    city: str
    province: str
    country: str
    own_country: str
    """Of the company, for clients without one."""
    email: str
    pec: str
    phone: str
    mobile: str
    agent: str
    depot: str
    area: str
    category: str
    rating: str
    seasonal: bool
    language: str
    contact_person: str
    call_hours: str

    @property
    def named(self) -> str:
        """`acme/C001`."""
        return f"{self.source}/{self.code}"

    @property
    def known(self) -> dict[str, str]:
        """The ways to reach and to tell it."""
        names = ("vat", "tax_code", "address", "zip", "city", "email", "pec", "phone", "mobile")
        return {name: getattr(self, name) for name in names}


def installments_of(connection: Connection, ids: Collection[int], on: date) -> dict[int, LookedAt]:
    """These installments on that day."""
    at_bank = is_at_bank(connection, on)
    columns = columns_of(LookedAt, installments, at_bank=at_bank)
    query = sa.select(*columns).where(among(connection, installments.c.id, ids))
    return {row.id: row for row in records(connection, LookedAt, query)}


def clients_of(connection: Connection, ids: Collection[int]) -> dict[int, PlacedClient]:
    """These clients."""
    others = {"source": sources.c.name, "own_country": sources.c.country}
    query = (
        sa.select(*columns_of(PlacedClient, clients, **others))
        .join(sources, sources.c.id == clients.c.source_id)
        .where(among(connection, clients.c.id, ids))
    )
    return {row.id: row for row in records(connection, PlacedClient, query)}


def in_other_lots(
    connection: Connection, ids: Collection[int], lot: int | None = None
) -> dict[int, str]:
    """Which of these installments are in a lot, with its code; not those of one lot."""
    query = (
        sa.select(placement_rows.c.installment_id, lots.c.code)
        .join(placements, placements.c.id == placement_rows.c.placement_id)
        .join(lots, lots.c.id == placements.c.lot_id)
        .where(among(connection, placement_rows.c.installment_id, ids))
        .where(placement_rows.c.state.in_((RowState.COMPOSED, RowState.PLACED)))
    )
    if lot is not None:
        query = query.where(lots.c.id != lot)
    return dict(connection.execute(query).all())
