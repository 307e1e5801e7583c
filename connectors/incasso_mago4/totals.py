"""The ERP's own sums, by the server's arithmetic: what was read must add up to the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from incasso.api import ControlTotals
from incasso_mago4.cents import Cents, signed_cents
from incasso_mago4.codes import BASE_ONLY, BILL_UNPAID, OPENING, REOPENING
from incasso_mago4.installment import Installments, Reading
from incasso_mago4.items import items
from incasso_mago4.mago import Mago
from incasso_mago4.open_items import Around, around, in_scope, rows_of
from incasso_mago4.raw import THREE_DECIMALS

AT_ONCE = 300


class Totals:
    """Sums and counts by currency."""

    def __init__(self) -> None:
        self.items: dict[str, int] = {}
        self.sums: dict[str, Decimal] = {}
        self.doubtful: set[str] = set()
        """Currencies with amounts finer than a cent: rounding differs from server to server."""
        self.newest: datetime | None = None
        """The last change of any row in scope, by the server's clock."""

    def add(self, currency: str, items: int, amount: Decimal) -> None:
        """Some more items."""
        self.items[currency] = self.items.get(currency, 0) + items
        self.sums[currency] = self.sums.get(currency, Decimal(0)) + amount


def totals(mago: Mago, last_change: datetime | None) -> ControlTotals:
    """Number and sum of what is open, per currency; empty if the ledger moved since it was read.

    `last_change` is the last one that the pull saw.
    """
    found = summed(mago)
    if last_change and found.newest and found.newest > last_change:
        return ControlTotals()
    sums = {iso: total for iso, total in found.sums.items() if iso not in found.doubtful}
    return ControlTotals(open_items=sum(found.items.values()), residual=sums)


def summed(mago: Mago) -> Totals:
    """The rows are summed by one statement of the server; bills at the bank or come back, which
    the rows alone do not tell, are added one by one."""
    builder = Installments(mago.settings, mago.on)
    found = Totals()
    for currency, count, cents, finer, *marks in mago.rows(statement(mago)):
        changed = [mark for mark in (*marks, found.newest) if isinstance(mark, datetime)]
        found.newest = max(changed, default=None)
        iso = builder.iso(str(currency or "").strip())
        found.add(iso, int(count), Decimal(int(cents or 0)).scaleb(-2))
        if finer or iso in THREE_DECIMALS:
            found.doubtful.add(iso)
    for reading in beyond_rows(mago, builder):
        record = reading.record
        shown, by_rows = bool(record.residual), bool(reading.by_rows)
        found.add(record.currency, shown - by_rows, reading.beyond_rows)
    return found


def statement(mago: Mago) -> sa.Select[Any]:
    """Open installments in scope by the currency of their rows, with the last change of each."""
    tables = around(mago.schema)
    each = _installments(mago, tables).subquery("i")
    left = sa.case((_settled(mago, each), 0), else_=each.c.cents)
    marks = [sa.func.max(column) for name, column in each.c.items() if name.startswith("mark")]
    return (
        sa.select(
            each.c.currency,
            sa.func.sum(sa.case((left != 0, 1), else_=0)),
            sa.func.sum(left),
            sa.func.max(each.c.finer),
            *marks,
        )
        .group_by(each.c.currency)
        .order_by(each.c.currency)
    )


def currency_of(tables: Around) -> sa.ColumnElement[Any]:
    """The currency of a row, or of its header where the row names none."""
    if not tables.detail.has("Currency"):
        return tables["item_currency"]
    return sa.func.coalesce(sa.func.nullif(tables["currency"], ""), tables["item_currency"])


def _settled(mago: Mago, each: Any) -> Any:
    """Closed by Mago's flag, and what is left is within the tolerance."""
    cents = int(mago.settings.tolerance * 100)
    return sa.and_(each.c.closed == "1", each.c.cents.between(-cents, cents))


def _installments(mago: Mago, tables: Around) -> sa.Select[Any]:
    amount = tables["amount"]
    # A row in the company's currency only counts nothing, and any sign of it is right.
    counted = tables["closing"].not_in(sorted(BASE_ONLY))
    cents = sa.case((counted, signed_cents(amount, tables["sign"])), else_=0)
    opening = sa.and_(tables["row_kind"] == OPENING, tables["closing"] != REOPENING)
    finer = sa.func.abs(amount * 100 - Cents(amount)) > 0.001
    marks = [sa.func.max(each).label(f"mark{n}") for n, each in enumerate(tables.changes)]
    return (
        sa.select(
            sa.func.max(currency_of(tables)).label("currency"),
            sa.func.sum(cents).label("cents"),
            sa.func.min(sa.case((opening, tables.flag("closed")))).label("closed"),
            sa.func.max(sa.case((finer, 1), else_=0)).label("finer"),
            *marks,
        )
        .select_from(tables.joined)
        .where(*in_scope(mago.schema, tables.header, mago.settings, mago.on))
        .group_by(tables["item"], tables["number"])
    )


def beyond_rows(
    mago: Mago, builder: Installments, clients: tuple[str, ...] = ()
) -> Iterator[Reading]:
    """Installments whose bill makes them owe something else than their rows add up to."""
    wanted: list[int] = []
    for (item,) in mago.rows(bills_statement(mago, clients)):
        wanted.append(item)
        if len(wanted) == AT_ONCE:
            yield from _beyond(mago, builder, wanted)
            wanted = []
    if wanted:
        yield from _beyond(mago, builder, wanted)


def _beyond(mago: Mago, builder: Installments, wanted: list[int]) -> Iterator[Reading]:
    statement = rows_of(mago.schema, mago.settings, wanted)
    for item in items(mago.rows(statement)):
        for number in item:
            reading = builder.read(number, item)
            if isinstance(reading, Reading) and reading.beyond_rows:
                yield reading


def bills_statement(mago: Mago, clients: tuple[str, ...] = ()) -> sa.Select[Any]:
    """Items in scope with a bill that was presented or came back."""
    tables = around(mago.schema)
    marks: list[Any] = [
        tables[name] == "1"
        for name, column in (("presented", "Presented"), ("outstanding", "Outstanding"))
        if tables.detail.has(column)
    ]
    if tables.bill:
        marks.append(tables["bill_status"] == BILL_UNPAID)
    where = in_scope(mago.schema, tables.header, mago.settings, mago.on)
    if clients:
        where.append(tables["client"].in_(clients))
    return (
        sa.select(tables["item"])
        .select_from(tables.joined)
        .where(*where, sa.or_(sa.false(), *marks))
        .distinct()
        .order_by(tables["item"])
    )
