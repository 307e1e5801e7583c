"""The ERP's own sums, by the server's arithmetic: what was read must add up to the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from incasso.api import ControlTotals, TemporaryError, text
from incasso_mago4.banking import concerns_bank
from incasso_mago4.cents import Cents, signed_cents
from incasso_mago4.codes import BASE_ONLY, OPENING, REOPENING
from incasso_mago4.database.mago import Mago
from incasso_mago4.database.open_items import (
    Surroundings,
    around,
    in_scope,
    rows_with_bills,
    start_of,
)
from incasso_mago4.installment import Installments, Reading
from incasso_mago4.items import items
from incasso_mago4.raw import THREE_DECIMALS

BANK_FLAGS: Final = ("presented", "collected", "outstanding")


class Totals:
    """Sums and counts by currency, and what else the check reports."""

    def __init__(self) -> None:
        self.items: dict[str, int] = {}
        self.sums: dict[str, Decimal] = {}
        self.doubtful: set[str] = set()
        """Currencies with amounts finer than a cent: rounding differs from server to server."""
        self.newest: datetime | None = None
        """The last change of any row in scope, by the server's clock."""
        self.at_bank = 0
        self.at_bank_closed = 0
        self.odd = 0
        """Installments whose flag and whose rows contradict each other."""
        self.odd_items: set[int] = set()
        """Some of their items, as examples."""

    def add(self, currency: str, items: int, amount: Decimal) -> None:
        """Some more items."""
        self.items[currency] = self.items.get(currency, 0) + items
        self.sums[currency] = self.sums.get(currency, Decimal(0)) + amount

    def take(self, iso: str, row: SumRow, marks: Sequence[Any]) -> None:
        """One currency as the server summed it."""
        self.add(iso, int(row.items), Decimal(int(row.cents or 0)).scaleb(-2))
        changed = [mark for mark in (*marks, self.newest) if isinstance(mark, datetime)]
        self.newest = max(changed, default=None)
        if row.finer or iso in THREE_DECIMALS:
            self.doubtful.add(iso)
        self.at_bank += int(row.at_bank)
        self.at_bank_closed += int(row.at_bank_closed)
        self.odd += int(row.odd)
        self.odd_items.update(item for item in (row.first_odd, row.last_odd) if item is not None)


class SumRow(NamedTuple):
    """One currency; after these come the last changes of each table."""

    currency: Any
    items: int
    cents: int | None
    finer: int
    at_bank: int
    at_bank_closed: int
    odd: int
    first_odd: int | None
    last_odd: int | None


def totals(
    mago: Mago, last_change: datetime | None, is_late: Callable[[], bool] = lambda: False
) -> ControlTotals:
    """Number and sum of what is open, per currency.

    Empty if the ledger moved since it was read (`last_change` is the last one that the pull saw),
    or if a server is too busy to add it up in time: a missing sum must not stop a good read.
    """
    try:
        found = summed(mago)
        _add_bills(mago, found, is_late)
    except TemporaryError:
        return ControlTotals()
    if last_change and found.newest and found.newest > last_change:
        return ControlTotals()
    sums = {iso: total for iso, total in found.sums.items() if iso not in found.doubtful}
    return ControlTotals(open_items=sum(found.items.values()), residual=sums)


def summed(mago: Mago) -> Totals:
    """What the rows add up to, by one statement of the server."""
    builder = Installments(mago.settings, mago.on)
    found = Totals()
    width = len(SumRow._fields)
    for row in mago.rows(statement(mago)):
        sums = SumRow._make(row[:width])
        found.take(builder.iso(str(sums.currency or "").strip()), sums, row[width:])
    return found


def _add_bills(mago: Mago, found: Totals, is_late: Callable[[], bool]) -> None:
    """Add bills at the bank or come back, which the rows alone do not tell."""
    builder = Installments(mago.settings, mago.on)
    for reading in beyond_rows(mago, builder, is_late=is_late):
        record = reading.record
        shown, by_rows = bool(record.residual), bool(reading.by_rows)
        found.add(record.currency, shown - by_rows, reading.beyond_rows)


def statement(mago: Mago) -> sa.Select[Any]:
    """Open installments in scope by the currency of their rows, with the last change of each."""
    tables = around(mago.schema)
    each = _installments(mago, tables).subquery("i")
    left = sa.case((_is_settled(mago, each), 0), else_=each.c.cents)
    marks = [sa.func.max(column) for name, column in each.c.items() if name.startswith("mark")]
    waiting = sa.and_(
        each.c.presented == "1",
        each.c.collected == "0",
        each.c.outstanding == "0",
        each.c.due >= start_of(mago.on),
    )
    odd = _odd(mago, each)
    return (
        sa.select(
            each.c.currency,
            _count(left != 0),
            sa.func.sum(left),
            sa.func.max(each.c.finer),
            _count(waiting),
            _count(sa.and_(waiting, each.c.cents == 0)),
            _count(odd),
            sa.func.min(sa.case((odd, each.c.item))),
            sa.func.max(sa.case((odd, each.c.item))),
            *marks,
        )
        .group_by(each.c.currency)
        .order_by(each.c.currency)
    )


def _count(which: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((which, 1), else_=0))


def _odd(mago: Mago, each: Any) -> sa.ColumnElement[bool]:
    """Closed although more than the tolerance is left, or open although nothing is."""
    closed = sa.and_(each.c.closed == "1", sa.not_(_near(mago, each)))
    if not around(mago.schema).detail.has("Closed"):
        return closed
    return sa.or_(closed, sa.and_(each.c.closed == "0", each.c.cents == 0))


def currency_of(tables: Surroundings) -> sa.ColumnElement[Any]:
    """The currency of a row, or of its header where the row names none."""
    if not tables.detail.has("Currency"):
        return tables["item_currency"]
    return sa.func.coalesce(sa.func.nullif(tables["currency"], ""), tables["item_currency"])


def _is_settled(mago: Mago, each: Any) -> Any:
    """Closed by Mago's flag, and what is left is within the tolerance."""
    return sa.and_(each.c.closed == "1", _near(mago, each))


def _near(mago: Mago, each: Any) -> sa.ColumnElement[bool]:
    cents = int(mago.settings.tolerance * 100)
    near: sa.ColumnElement[bool] = each.c.cents.between(-cents, cents)
    return near


def _installments(mago: Mago, tables: Surroundings) -> sa.Select[Any]:
    amount = tables["amount"]
    # A row in the company's currency only counts nothing, and any sign of it is right.
    counted = tables["closing"].not_in(sorted(BASE_ONLY))
    cents = sa.case((counted, signed_cents(amount, tables["sign"])), else_=0)
    opening = sa.and_(tables["row_kind"] == OPENING, tables["closing"] != REOPENING)
    finer = sa.func.abs(amount * 100 - Cents(amount)) > 0.001
    marks = [sa.func.max(each).label(f"mark{n}") for n, each in enumerate(tables.changes)]
    return (
        sa.select(
            tables["item"].label("item"),
            sa.func.max(currency_of(tables)).label("currency"),
            sa.func.sum(cents).label("cents"),
            sa.func.min(sa.case((opening, tables.flag("closed")))).label("closed"),
            *(sa.func.max(tables.flag(name)).label(name) for name in BANK_FLAGS),
            sa.func.max(sa.case((opening, tables["day"]))).label("due"),
            sa.func.max(sa.case((finer, 1), else_=0)).label("finer"),
            *marks,
        )
        .select_from(tables.joined)
        .where(*in_scope(mago.schema, tables.header, mago.settings, mago.on))
        .group_by(tables["item"], tables["number"])
    )


def beyond_rows(
    mago: Mago,
    builder: Installments,
    clients: tuple[str, ...] = (),
    is_late: Callable[[], bool] = lambda: False,
) -> Iterator[Reading]:
    """Installments whose bill makes them owe something else than their rows add up to.

    Raises TemporaryError when it is late.
    """
    for item in items(mago.rows(rows_with_bills(mago.schema, mago.settings, mago.on, clients))):
        if is_late():
            raise TemporaryError(text("bills could not be added up in time"))
        for number in item:
            if not concerns_bank(number, item):
                continue
            reading = builder.read(number, item)
            if isinstance(reading, Reading) and reading.beyond_rows:
                yield reading
