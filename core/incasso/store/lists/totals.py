"""What each client owes by currency, from the sums that are kept; reports by what it has.

Its rows are as many as clients; the open items themselves are `credits.OPEN_ITEMS`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Final

from incasso.domain.ledger.bands import CREDITS, LATE, PLACES
from incasso.store.lists.filters import whose
from incasso.store.lists.listing import Asks, Column, Fields, Filter, Kind, Listing

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, FromClause

    from incasso.store.lists.paths import Paths

SUMS: Final = ("not_due", "late_1", "late_31", "late_61", "late_91", "late_181", "credits")
ITEMS: Final = tuple(f"{name}_items" for name in SUMS)
"""The columns of the table, of each place of `PLACES`."""


def _current(connection: Connection, on: date) -> FromClause:
    from incasso.store.ledger.totals import current

    return current(connection, on)


def _client(paths: Paths) -> tuple[FromClause, ColumnElement[bool]]:
    from incasso.store.tables.ledger import clients

    return clients, clients.c.id == paths.base.c.client_id


def _operator(paths: Paths) -> ColumnElement[str]:
    import sqlalchemy as sa

    return sa.func.coalesce(paths.column("client.operator.login"), "")


def _items(paths: Paths) -> ColumnElement[int]:
    return _added(paths, ITEMS)


def _total(paths: Paths) -> ColumnElement[int]:
    return _added(paths, SUMS)


def _added(paths: Paths, names: tuple[str, ...]) -> ColumnElement[int]:
    first, *rest = map(paths.column, names)
    return sum(rest, first)


CLIENT_TOTALS: Final = Listing(
    name="client_totals",
    help="",
    table="client_totals",
    base=_current,
    order=("client_id", "currency"),
    source="client.source",
    dated=True,
    joins={"client": _client},
    certain=("client",),
    columns=(
        Column("source", sql="client.source.name"),
        Column("client", sql="client.code"),
        Column("client_name", Kind.PROSE, "client.name"),
        Column("agent", sql="client.agent"),
        Column("area", sql="client.area"),
        Column("depot", sql="client.depot"),
        Column("category", sql="client.category"),
        Column("rating", sql="client.rating"),
        Column("operator", sql=_operator),
        Column("currency"),
        *(Column(name, Kind.AMOUNT, currency="currency") for name in SUMS),
        *(Column(name, Kind.NUMBER) for name in ITEMS),
        Column("overdue", Kind.AMOUNT, currency="currency"),
        Column("returned", Kind.AMOUNT, currency="currency"),
        Column("at_bank", Kind.AMOUNT, currency="currency"),
        Column("oldest_overdue_on", Kind.DAY),
        Column("count", Kind.NUMBER, _items),
        Column("total", Kind.AMOUNT, _total, currency="currency"),
    ),
    shown="source client client_name currency overdue total",
    filters=(
        *whose(),
        Filter("seasonal", Asks.FLAG, help="Only seasonal clients.", sql="client.seasonal"),
    ),
)


def sum_of(name: str) -> Callable[[Paths], ColumnElement[int]]:
    """The sum of a column of the totals."""

    def summed(paths: Paths) -> ColumnElement[int]:
        import sqlalchemy as sa

        return sa.func.sum(paths.column(name))

    return summed


def with_late(paths: Paths, only: bool) -> ColumnElement[bool] | None:
    """What remains where only who is late is asked for."""
    return sum_of("overdue")(paths) > 0 if only else None


_PLACED: Final = (*SUMS, *ITEMS)

BY_CURRENCY: Final = Listing(
    name="by_currency",
    help="",
    over=CLIENT_TOTALS,
    grouped=("currency",),
    order=("currency",),
    dated=True,
    columns=(Column("currency"), *(Column(name, sql=sum_of(name)) for name in _PLACED)),
    shown="currency",
    filters=CLIENT_TOTALS.filters,
)
"""One row of each currency, to be turned into one of each band."""


def _places(paths: Paths) -> tuple[FromClause, ColumnElement[bool]]:
    import sqlalchemy as sa

    every = (sa.select(sa.literal(place, sa.Integer()).label("band")) for place in range(len(SUMS)))
    return sa.union_all(*every).subquery("place"), sa.true()


def _at_place(names: tuple[str, ...]) -> Callable[[Paths], ColumnElement[int]]:
    def taken(paths: Paths) -> ColumnElement[int]:
        import sqlalchemy as sa

        values = {place: paths.column(name) for place, name in enumerate(names)}
        return sa.func.sum(sa.case(values, value=paths.column("place.band")))

    return taken


_count = _at_place(ITEMS)


def _with_items(paths: Paths, only_late: bool) -> ColumnElement[bool]:
    """A band in which nothing stands is no row."""
    some = _count(paths) > 0
    late = paths.column("place.band").between(LATE[0], CREDITS - 1)
    return some & late if only_late else some


def _band_name(row: Fields, paths: Paths) -> str:
    return PLACES[row["band"]]


BY_BAND: Final = Listing(
    name="overdue by band",
    help="Sum credits by total: by band of lateness, client, agent or area.",
    over=BY_CURRENCY,
    grouped=("place.band", "currency"),
    order=("place.band", "currency"),
    dated=True,
    joins={"place": _places},
    columns=(
        Column("band", Kind.CODE, "place.band", made=_band_name),
        Column("currency"),
        Column("count", Kind.NUMBER, _count),
        Column("total", Kind.AMOUNT, _at_place(SUMS), currency="currency"),
    ),
    shown="band currency count total",
    filters=(
        *CLIENT_TOTALS.filters,
        Filter("late_only", Asks.SWITCH, help="Only who is late.", where=_with_items),
    ),
)
"""From not due to the latest."""


def has_overdue(paths: Paths, wanted: bool) -> ColumnElement[bool]:
    """Clients with something past due, or those without."""
    import sqlalchemy as sa

    from incasso.store.ledger.totals import current

    totals = current(paths.connection, paths.on)
    late = sa.select(totals.c.client_id).where(totals.c.overdue > 0)
    key = paths.column("id")
    return key.in_(late) if wanted else key.not_in(late)


def of_client(paths: Paths) -> tuple[FromClause, ColumnElement[bool]]:
    """What is kept of the client in its company's own currency."""
    from incasso.store.ledger.totals import current

    totals = current(paths.connection, paths.on)
    own = totals.c.currency == paths.column("source.currency")
    return totals, (totals.c.client_id == paths.column("id")) & own


def owed_by_client(paths: Paths) -> ColumnElement[int]:
    """All that is open but credits; nothing where nothing is."""
    import sqlalchemy as sa

    from incasso.store.tables.totals import SUMS

    first, *rest = (paths.column(f"totals.{name}") for name in SUMS if name != "credits")
    return sa.func.coalesce(sum(rest, first), 0)


def overdue_of_client(paths: Paths) -> ColumnElement[int]:
    """What is past due of it, in the company's own currency."""
    import sqlalchemy as sa

    return sa.func.coalesce(paths.column("totals.overdue"), 0)


def cases_of_client(paths: Paths) -> tuple[FromClause, ColumnElement[bool]]:
    """How many of its cases run."""
    from incasso.store.tables.totals import client_cases

    return client_cases, client_cases.c.client_id == paths.column("id")


def running_cases(paths: Paths) -> ColumnElement[int]:
    """That number; 0 where nothing was ever counted."""
    import sqlalchemy as sa

    return sa.func.coalesce(paths.column("counted.running"), 0)
