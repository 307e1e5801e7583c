"""What is owed, summed up: by band of lateness, client, agent, area, and by single due date."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Final

from incasso.domain.ledger.bands import BAND_NAMES, LATE, PLACES
from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.recovery.states import AgreementKind, AgreementStatus
from incasso.store.lists.filters import whose
from incasso.store.lists.listing import Asks, Column, Fields, Filter, Kind, Listing
from incasso.store.lists.totals import BY_BAND, CLIENT_TOTALS, SUMS, sum_of, with_late

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause

    from incasso.store.lists.paths import Paths


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
    """The place of its band in `PLACES`; a bill still at the bank is not due yet."""
    from incasso.store.ledger.totals_counted import place_of

    residual = paths.column("residual")
    return place_of(residual, due_with_extension(paths), at_bank(paths), paths.on)


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


def _by_item(
    belongs: Callable[[ColumnElement[int]], ColumnElement[bool]] | None = None,
) -> Callable[[Paths], ColumnElement[int]]:
    """The sum of all residuals, or of those in some bands, item by item."""

    def summed(paths: Paths) -> ColumnElement[int]:
        import sqlalchemy as sa

        residual = paths.column("residual")
        if belongs is not None:
            residual = sa.case((belongs(paths.column("band")), residual), else_=0)
        return sa.func.sum(residual)

    return summed


def _in(place: int) -> Callable[[Paths], ColumnElement[int]]:
    return _by_item(lambda band: band == place)


def _count(paths: Paths) -> ColumnElement[int]:
    import sqlalchemy as sa

    return sa.func.count()


_late = _by_item(lambda band: band.between(LATE[0], LATE[-1]))


def _with_late(paths: Paths, only: bool) -> ColumnElement[bool] | None:
    return _late(paths) > 0 if only else None


_HELP: Final = "Sum credits by total: by band of lateness, client, agent or area."
_CURRENCY: Final = Column("currency")
_COUNTED: Final = Column("count", Kind.NUMBER, _count)
_TOTAL: Final = Column("total", Kind.AMOUNT, _by_item(), currency="currency")


def _key(name: str) -> Column:
    """A column of the open items, as their sums have it."""
    return replace(OPEN_ITEMS.column(name), sql="")


def _amount(name: str, sql: Callable[[Paths], ColumnElement[int]]) -> Column:
    return Column(name, Kind.AMOUNT, sql, currency="currency")


def _shown(name: str, keys: tuple[str, ...]) -> str:
    return " ".join(
        (name, *keys[2:], "currency", "count", "total", "not_due", *BAND_NAMES, "credits")
    )


def _sums(name: str, *keys: str) -> Listing:
    """Sums by something of the client, from those that are kept; `keys` identify its values."""
    return Listing(
        name=f"overdue by {name}",
        help=_HELP,
        over=CLIENT_TOTALS,
        grouped=(*keys, "currency"),
        order=(*keys, "currency"),
        dated=True,
        columns=(
            *(replace(CLIENT_TOTALS.column(key), sql="") for key in keys),
            _CURRENCY,
            Column("count", Kind.NUMBER, sum_of("count")),
            _amount("total", sum_of("total")),
            _amount("overdue", sum_of("overdue")),
            *(_amount(place, sum_of(kept)) for place, kept in zip(PLACES, SUMS, strict=True)),
        ),
        shown=_shown(name, keys),
        filters=_FILTERS,
    )


_LATE_ONLY: Final = Filter("late_only", Asks.SWITCH, help="Only who is late.", where=with_late)
_FILTERS: Final = (*CLIENT_TOTALS.filters, _LATE_ONLY)

_BY_METHOD: Final = Listing(
    name="overdue by method",
    help=_HELP,
    over=OPEN_ITEMS,
    grouped=("method", "currency"),
    order=("method", "currency"),
    dated=True,
    columns=(
        _key("method"),
        _CURRENCY,
        _COUNTED,
        _TOTAL,
        _amount("overdue", _late),
        *(_amount(name, _in(place)) for place, name in enumerate(PLACES)),
    ),
    shown=_shown("method", ("method",)),
    filters=(*OPEN_ITEMS.filters, replace(_LATE_ONLY, where=_with_late)),
)
"""The one that nothing of the client tells: it walks through the open items."""

OVERDUE_BY: Final = {
    "band": BY_BAND,
    "source": _sums("source", "source"),
    "client": _sums("client", "source", "client", "client_name"),
    **{
        name: _sums(name, name)
        for name in ("agent", "area", "depot", "category", "operator", "rating")
    },
    "method": _BY_METHOD,
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


def _owed(paths: Paths) -> ColumnElement[int]:
    """All that is open but credits."""
    return sum_of("total")(paths) - sum_of("credits")(paths)


EXPOSURE: Final = Listing(
    name="exposure",
    help="Sum up by client: open, past due, came back, at the bank, credits.",
    over=CLIENT_TOTALS,
    grouped=("source", "client", "client_name", "currency"),
    order=("source", "client", "currency"),
    dated=True,
    columns=(
        *(replace(CLIENT_TOTALS.column(key), sql="") for key in ("source", "client")),
        replace(CLIENT_TOTALS.column("client_name"), sql=""),
        _CURRENCY,
        Column("count", Kind.NUMBER, sum_of("count")),
        _amount("owed", _owed),
        *(_amount(name, sum_of(name)) for name in ("overdue", "returned", "at_bank", "credits")),
        _amount("total", sum_of("total")),
    ),
    shown="source client client_name currency owed overdue returned at_bank credits total",
    filters=_FILTERS,
)
"""By source, client and currency; `total` is what is owed less credits."""
