"""How late clients pay: days beyond the due date by amount, and how that changes.

An item counts once its due date, with its extension, has passed. It is late up to the day of its
last payment as the ERP tells it, else the day on which the hub saw it paid; what is unpaid, up to
the business date. Paid in time or early is 0 days. A paid item weighs its amount, an open one its
residual. Bills that the bank still has, credits, and items of which nobody knows when they were
paid (paid already when first seen) do not count.

The trend looks at both half years alike: what fell due in the half year, as it stood at its end.
Otherwise every client would seem to pay sooner and sooner, because what fell due lately cannot be
late for long.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from incasso.domain.ledger.punctuality import MONTHS_COMPARED, average_days, months_before, trend
from incasso.domain.ledger.states import InstallmentStatus
from incasso.store.lists.credits import at_bank, due_with_extension, extended
from incasso.store.lists.filters import whose
from incasso.store.lists.listing import Column, Fields, Kind, Listing

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from incasso.store.lists.paths import Paths


def _last_payment(paths: Paths) -> ColumnElement[Any]:
    import sqlalchemy as sa

    from incasso.store.tables.history import payments
    from incasso.store.tables.ledger import installments

    last = sa.select(sa.func.max(payments.c.paid_on)).where(
        payments.c.client_id == installments.c.client_id,
        payments.c.installment == installments.c.key,
        payments.c.gone_on.is_(None),
    )
    return last.correlate(installments).scalar_subquery()


def _paid_on(paths: Paths) -> ColumnElement[Any]:
    """The day it was paid; null while it is open, or where nobody knows."""
    import sqlalchemy as sa

    seen = paths.column("first_seen_on")
    closed = sa.case(
        (sa.or_(seen.is_(None), paths.column("closed_on") > seen), paths.column("closed_on"))
    )
    paid = sa.func.coalesce(_last_payment(paths), closed)
    when = sa.case((paths.column("status") == InstallmentStatus.PAID, paid))
    return sa.type_coerce(when, sa.Date())


def _weight(paths: Paths) -> ColumnElement[int]:
    import sqlalchemy as sa

    is_paid = paths.column("status") == InstallmentStatus.PAID
    return sa.case((is_paid, paths.column("amount")), else_=paths.column("residual"))


def _counts(paths: Paths) -> ColumnElement[bool]:
    import sqlalchemy as sa

    status = paths.column("status")
    is_open = sa.and_(status == InstallmentStatus.OPEN, ~at_bank(paths))
    is_paid = sa.and_(status == InstallmentStatus.PAID, _paid_on(paths).is_not(None))
    return sa.and_(
        paths.column("due_date") < paths.on,
        due_with_extension(paths) < paths.on,
        _weight(paths) > 0,
        sa.or_(is_open, is_paid),
    )


_DUE_ITEMS: Final = Listing(
    name="due_items",
    help="",
    table="installments",
    order=("id",),
    only=_counts,
    dated=True,
    joins={"extended": extended},
    columns=(
        Column("source", sql="source.name"),
        Column("client", sql="client.code"),
        Column("client_name", Kind.PROSE, "client.name"),
        Column("currency"),
        Column("weight", Kind.NUMBER, _weight),
        Column("due", Kind.DAY, due_with_extension),
        Column("paid_on", Kind.DAY, _paid_on),
    ),
    shown="source client due paid_on",
    filters=whose(),
)


def _days_late(paths: Paths, end: date) -> ColumnElement[int]:
    """How late it was as things stood on that day."""
    import sqlalchemy as sa

    due, paid = paths.column("due"), paths.column("paid_on")
    last = sa.literal(end, sa.Date())
    until = sa.case((sa.and_(paid.is_not(None), paid < last), paid), else_=last)
    if paths.connection.dialect.name == "postgresql":
        days: ColumnElement[Any] = sa.type_coerce(until - due, sa.Integer())
    else:
        days = sa.cast(sa.func.julianday(until) - sa.func.julianday(due), sa.Integer())
    return sa.case((days > 0, days), else_=0)


def _ends(on: date) -> tuple[date, date, date]:
    """The business date, half a year before it, and a year before it."""
    half = months_before(on, MONTHS_COMPARED)
    return on, half, months_before(on, 2 * MONTHS_COMPARED)


def _weighted(half_year: int | None = None) -> Callable[[Paths], ColumnElement[Any]]:
    """Days times amount, of all items or of those due in the last half year (0) or before (1)."""

    def summed(paths: Paths) -> ColumnElement[Any]:
        import sqlalchemy as sa

        ends = _ends(paths.on)
        part = paths.column("weight") * _days_late(paths, ends[half_year or 0])
        return sa.func.coalesce(sa.func.sum(sa.case((_within(paths, half_year), part))), 0)

    return summed


def _weights(half_year: int | None = None) -> Callable[[Paths], ColumnElement[Any]]:
    def summed(paths: Paths) -> ColumnElement[Any]:
        import sqlalchemy as sa

        part = sa.case((_within(paths, half_year), paths.column("weight")))
        return sa.func.coalesce(sa.func.sum(part), 0)

    return summed


def _within(paths: Paths, half_year: int | None) -> ColumnElement[bool]:
    import sqlalchemy as sa

    if half_year is None:
        return sa.true()
    ends, due = _ends(paths.on), paths.column("due")
    return sa.and_(due < ends[half_year], due >= ends[half_year + 1])


def _count(paths: Paths) -> ColumnElement[int]:
    import sqlalchemy as sa

    return sa.func.count()


def _average(which: str) -> Callable[[Fields, Paths], float | None]:
    return lambda row, paths: average_days(row[f"weighted{which}"], row[f"weight{which}"])


def _trend(row: Fields, paths: Paths) -> float | None:
    return trend(row["days_late_recent"], row["days_late_before"])


PUNCTUALITY: Final = Listing(
    name="punctuality",
    help="Say how many days late each client pays, by amount, and how that changes.",
    over=_DUE_ITEMS,
    grouped=("source", "client", "client_name", "currency"),
    order=("source", "client", "currency"),
    dated=True,
    columns=(
        Column("source"),
        Column("client"),
        Column("client_name", Kind.PROSE),
        Column("currency"),
        Column("count", Kind.NUMBER, _count),
        Column("amount", Kind.AMOUNT, _weights(), currency="currency"),
        Column("days_late", Kind.NUMBER, sql=None, made=_average("")),
        Column("days_late_recent", Kind.NUMBER, sql=None, made=_average("_recent")),
        Column("days_late_before", Kind.NUMBER, sql=None, made=_average("_before")),
        Column("trend", Kind.NUMBER, sql=None, made=_trend),
        Column("weighted", Kind.NUMBER, _weighted(), hidden=True),
        Column("weight", Kind.NUMBER, _weights(), hidden=True),
        Column("weighted_recent", Kind.NUMBER, _weighted(0), hidden=True),
        Column("weight_recent", Kind.NUMBER, _weights(0), hidden=True),
        Column("weighted_before", Kind.NUMBER, _weighted(1), hidden=True),
        Column("weight_before", Kind.NUMBER, _weights(1), hidden=True),
    ),
    shown="source client client_name count amount currency days_late days_late_recent "
    "days_late_before trend",
    filters=whose(),
)
"""By source, client and currency.

One client is read by index. All of them cost a look at every installment of the scope, paid ones
too: some seconds for a million.
"""
