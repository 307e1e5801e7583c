"""What is owed, summed up: by band of lateness, client, agent, area, and by single due date."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.recovery.states import AgreementKind, AgreementStatus
from incasso.store.lists.filters import whose
from incasso.store.lists.listing import Asks, Column, Fields, Filter, Kind, Listing

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause

    from incasso.store.lists.paths import Paths

BANDS: Final = ((1, 30), (31, 60), (61, 90), (91, 180), (181, None))
"""Days late, both ends included: how Italian credit offices split what is past due."""
BAND_NAMES: Final = ("1-30", "31-60", "61-90", "91-180", "181+")
_ALL: Final = ("not_due", *BAND_NAMES, "credits")
_NOT_DUE, _CREDITS = 0, len(_ALL) - 1


def extended(paths: Paths) -> tuple[FromClause, ColumnElement[bool]]:
    """The extension of each installment that has one; a join, because every row is read."""
    import sqlalchemy as sa

    from incasso.store.tables.recovery import agreements

    last = sa.func.max(agreements.c.until_on).label("until_on")
    found = (
        sa.select(agreements.c.installment_id, last)
        .where(
            agreements.c.kind == AgreementKind.EXTENSION,
            agreements.c.status == AgreementStatus.ACTIVE,
        )
        .group_by(agreements.c.installment_id)
        .subquery("extended")
    )
    return found, found.c.installment_id == paths.column("id")


def due_with_extension(paths: Paths) -> ColumnElement[date]:
    """The due date in force, for lists that join `extended`: the later of the two."""
    import sqlalchemy as sa

    extended, due = paths.column("extended.until_on"), paths.column("due_date")
    return sa.type_coerce(sa.case((extended > due, extended), else_=due), sa.Date())


def at_bank(paths: Paths) -> ColumnElement[bool]:
    """Whether the bank may still collect it on the list's business date."""
    from incasso.store.ledger.overdue import is_at_bank

    return is_at_bank(paths.connection, paths.on)


def _came_back(paths: Paths) -> ColumnElement[bool]:
    return paths.column("unpaid_on").is_not(None)


def _band(paths: Paths) -> ColumnElement[int]:
    """The place of its band in `_ALL`; a bill still at the bank is not due yet."""
    import sqlalchemy as sa

    due, on = due_with_extension(paths), paths.on
    ends = [(number, last) for number, (_, last) in enumerate(BANDS, 1) if last is not None]
    return sa.case(
        (paths.column("residual") <= 0, _CREDITS),
        (sa.or_(due >= on, at_bank(paths)), _NOT_DUE),
        *((due >= on - timedelta(days=last), number) for number, last in ends),
        else_=len(BANDS),
    )


def _is_open(paths: Paths) -> ColumnElement[bool]:
    return paths.column("status") == InstallmentStatus.OPEN


def _operator(paths: Paths) -> ColumnElement[str]:
    import sqlalchemy as sa

    return sa.func.coalesce(paths.column("client.operator.login"), "")


OPEN_ITEMS: Final = Listing(
    name="open_items",
    help="",
    table="installments",
    order=("id",),
    only=_is_open,
    dated=True,
    joins={"extended": extended},
    columns=(
        Column("source", sql="source.name"),
        Column("client", sql="client.code"),
        Column("client_name", Kind.PROSE, "client.name"),
        Column("agent", sql="client.agent"),
        Column("area", sql="client.area"),
        Column("depot", sql="client.depot"),
        Column("category", sql="client.category"),
        Column("operator", sql=_operator),
        Column("method", Kind.CODE, "payment_method", words="payment_method"),
        Column("currency"),
        Column("residual", Kind.AMOUNT, currency="currency"),
        Column("due_date", Kind.DAY, due_with_extension),
        Column("at_bank", Kind.FLAG, at_bank),
        Column("returned", Kind.FLAG, _came_back),
        Column("band", Kind.NUMBER, _band),
    ),
    shown="source client client_name due_date residual currency",
    filters=(
        *whose(),
        Filter("seasonal", Asks.FLAG, help="Only seasonal clients.", sql="client.seasonal"),
    ),
)


def _sum(
    belongs: Callable[[ColumnElement[int]], ColumnElement[bool]] | None = None,
) -> Callable[[Paths], ColumnElement[int]]:
    """The sum of all residuals, or of those in some bands."""

    def summed(paths: Paths) -> ColumnElement[int]:
        import sqlalchemy as sa

        residual = paths.column("residual")
        if belongs is not None:
            residual = sa.case((belongs(paths.column("band")), residual), else_=0)
        return sa.func.sum(residual)

    return summed


def _in(place: int) -> Callable[[Paths], ColumnElement[int]]:
    return _sum(lambda band: band == place)


def _count(paths: Paths) -> ColumnElement[int]:
    import sqlalchemy as sa

    return sa.func.count()


_late = _sum(lambda band: band.between(_NOT_DUE + 1, _CREDITS - 1))


def _with_late(paths: Paths, only: bool) -> ColumnElement[bool] | None:
    return _late(paths) > 0 if only else None


_CURRENCY: Final = Column("currency")
_COUNTED: Final = Column("count", Kind.NUMBER, _count)
_TOTAL: Final = Column("total", Kind.AMOUNT, _sum(), currency="currency")
_BANDED: Final = (
    Column("overdue", Kind.AMOUNT, _late, currency="currency"),
    *(
        Column(name, Kind.AMOUNT, _in(place), currency="currency")
        for place, name in enumerate(_ALL)
    ),
)
_FILTERS: Final = (
    *OPEN_ITEMS.filters,
    Filter("late_only", Asks.SWITCH, help="Only who is late.", where=_with_late),
)


def _key(name: str) -> Column:
    """A column of the open items, as their sums have it."""
    return replace(OPEN_ITEMS.column(name), sql="")


def _sums(name: str, *keys: str) -> Listing:
    """Sums by one column of the open items; `keys` identify its values."""
    return Listing(
        name=f"overdue by {name}",
        help="Sum credits by total: by band of lateness, client, agent or area.",
        over=OPEN_ITEMS,
        grouped=(*keys, "currency"),
        order=(*keys, "currency"),
        dated=True,
        columns=(*map(_key, keys), _CURRENCY, _COUNTED, _TOTAL, *_BANDED),
        shown=" ".join((name, *keys[2:], "currency", "count", "total", "not_due", *BAND_NAMES)),
        filters=_FILTERS,
    )


def _band_name(row: Fields, paths: Paths) -> str:
    return _ALL[row["band"]]


_BY_BAND: Final = Listing(
    name="overdue by band",
    help="Sum credits by total: by band of lateness, client, agent or area.",
    over=OPEN_ITEMS,
    grouped=("band", "currency"),
    order=("band", "currency"),
    dated=True,
    columns=(Column("band", Kind.CODE, made=_band_name), _CURRENCY, _COUNTED, _TOTAL),
    shown="band currency count total",
    filters=_FILTERS,
)
"""From not due to the latest."""

OVERDUE_BY: Final = {
    "band": _BY_BAND,
    "source": _sums("source", "source"),
    "client": _sums("client", "source", "client", "client_name"),
    **{
        name: _sums(name, name)
        for name in ("agent", "area", "depot", "category", "operator", "method")
    },
}
"""What credits may be summed by."""


def _overdue_days(row: Fields, paths: Paths) -> int:
    return 0 if row["at_bank"] else max(0, (paths.on - row["due_date"]).days)


DUE: Final = Listing(
    name="due",
    help="Sum credits by client and single due date.",
    over=OPEN_ITEMS,
    grouped=("source", "client", "client_name", "due_date", "currency", "at_bank"),
    order=("source", "client", "due_date", "currency", "at_bank"),
    dated=True,
    columns=(
        *map(_key, ("source", "client", "client_name", "due_date")),
        Column("overdue_days", Kind.NUMBER, sql=None, made=_overdue_days),
        _CURRENCY,
        _COUNTED,
        _TOTAL,
        replace(_key("at_bank"), hidden=True),
    ),
    shown="source client client_name due_date overdue_days count total currency",
    filters=whose(),
)
"""Bills still at the bank stand apart."""


def _owed_where(key: str) -> Callable[[Paths], ColumnElement[int]]:
    """The sum of what is owed by the items that have a mark."""

    def summed(paths: Paths) -> ColumnElement[int]:
        import sqlalchemy as sa

        marked = sa.and_(paths.column(key), paths.column("residual") > 0)
        return sa.func.sum(sa.case((marked, paths.column("residual")), else_=0))

    return summed


_owed = _sum(lambda band: band != _CREDITS)

EXPOSURE: Final = Listing(
    name="exposure",
    help="Sum up by client: open, past due, came back, at the bank, credits.",
    over=OPEN_ITEMS,
    grouped=("source", "client", "client_name", "currency"),
    order=("source", "client", "currency"),
    dated=True,
    columns=(
        *map(_key, ("source", "client", "client_name")),
        _CURRENCY,
        _COUNTED,
        Column("owed", Kind.AMOUNT, _owed, currency="currency"),
        Column("overdue", Kind.AMOUNT, _late, currency="currency"),
        Column("returned", Kind.AMOUNT, _owed_where("returned"), currency="currency"),
        Column("at_bank", Kind.AMOUNT, _owed_where("at_bank"), currency="currency"),
        Column("credits", Kind.AMOUNT, _in(_CREDITS), currency="currency"),
        _TOTAL,
    ),
    shown="source client client_name currency owed overdue returned at_bank credits total",
    filters=_FILTERS,
)
"""By source, client and currency; `total` is what is owed less credits.

One client is read by index. All of them cost a look at every open item of the scope, about two
seconds for a million.
"""
