"""The keys of all open installments, with a count that shows whether their rows are the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from incasso_mago4.cents import signed_cents
from incasso_mago4.database.mago import Mago
from incasso_mago4.database.open_items import around, in_scope
from incasso_mago4.fingerprints import counted


class Key(NamedTuple):
    """One installment in scope, without its rows."""

    item: int
    number: int
    rows: int
    cents: int
    changed: datetime | None
    """The last change of any part of it."""
    since: datetime

    @property
    def key(self) -> str:
        """As the hub knows it."""
        return f"{self.item}|{self.number}"

    @property
    def counted(self) -> bytes:
        """The first bytes of its fingerprint, if its rows are what they were."""
        return counted(self.rows, self.cents)

    @property
    def is_new(self) -> bool:
        """Whether something of it was written since."""
        return self.changed is not None and self.changed >= self.since


def keys(mago: Mago, since: datetime) -> Iterator[Key]:
    """Every key in scope, item by item."""
    for item, number, rows, cents, *marks in mago.rows(statement(mago, since), at_once=10_000):
        changed = max((mark for mark in marks if isinstance(mark, datetime)), default=None)
        yield Key(item, number, rows, int(cents or 0), changed, since)


def statement(mago: Mago, since: datetime | None = None) -> sa.Select[Any]:
    """One row for each installment; a deleted row shows only in the count."""
    tables = around(mago.schema)
    item, number = tables["item"], tables["number"]
    cents = sa.func.sum(signed_cents(tables["amount"], tables["sign"]))
    marks = [sa.func.max(column) for column in tables.changes]
    return (
        sa.select(item, number, sa.func.count(), cents, *marks)
        .select_from(tables.joined)
        .where(*in_scope(mago.schema, tables.header, mago.settings, mago.on, since))
        .group_by(item, number)
        .order_by(item, number)
    )
