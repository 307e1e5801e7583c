"""Providers and price lists in the database, as the office published them last."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, Table

from incasso.contract.text import text
from incasso.domain.placement.prices import PriceList
from incasso.domain.placement.providers import Provider
from incasso.store.recovery.iters import SpoiltRulesError
from incasso.store.tables.parties import price_lists, providers
from incasso.store.written_rows import written

T = TypeVar("T", Provider, PriceList)


def read_providers(connection: Connection, keys: Collection[str] = ()) -> dict[str, Provider]:
    """The providers by key, in its order; with keys only those."""
    return _read(connection, providers, Provider, keys)


def read_price_lists(connection: Connection, keys: Collection[str] = ()) -> dict[str, PriceList]:
    """The price lists by key, in its order; with keys only those."""
    return _read(connection, price_lists, PriceList, keys)


def provider_named(connection: Connection, key: str) -> Provider | None:
    """The provider of that key."""
    return read_providers(connection, [key]).get(key)


def publish_provider(connection: Connection, new: Provider, *, at: datetime, by: str) -> int | None:
    """Publish a provider; None if it is as it was, else how often it was published."""
    return _publish(connection, providers, new, at, by)


def publish_price_list(
    connection: Connection, new: PriceList, *, at: datetime, by: str
) -> int | None:
    """Publish a price list; None if it is as it was, else how often it was published."""
    return _publish(connection, price_lists, new, at, by)


def _read(
    connection: Connection, table: Table, kind: type[T], keys: Collection[str]
) -> dict[str, T]:
    query = sa.select(table.c.key, table.c.definition).order_by(table.c.key)
    if keys:
        query = query.where(table.c.key.in_(keys))
    return {row.key: _as(kind, row.key, row.definition) for row in connection.execute(query)}


def _as(kind: type[T], key: str, kept: Any) -> T:
    """What was kept. Raises SpoiltRulesError."""
    try:
        return msgspec.convert(kept, kind)
    except msgspec.ValidationError:
        raise SpoiltRulesError(
            text(
                "{key} (provider or price list) cannot be read as it stands in the database: "
                "somebody changed it beside the hub. Put back a backup, or write the row as it "
                "was: `incasso verify` says what was altered.",
                key=key,
            )
        ) from None


def _publish(connection: Connection, table: Table, new: T, at: datetime, by: str) -> int | None:
    kept: Any = msgspec.json.decode(msgspec.json.encode(new))
    query = sa.select(table.c.number, table.c.definition).where(table.c.key == new.key)
    last = connection.execute(query.with_for_update()).one_or_none()
    # As values: what a later release adds is its default in what was kept before.
    if last is not None and _as(type(new), new.key, last.definition) == new:
        return None
    values = {"definition": kept, "published_at": at, "published_by": by}
    if last is None:
        number = 1
        connection.execute(sa.insert(table).values(key=new.key, number=number, **values))
    else:
        number = last.number + 1
        change = sa.update(table).where(table.c.key == new.key)
        connection.execute(change.values(number=number, **values))
    written(connection, table.name, new.key)
    return number
