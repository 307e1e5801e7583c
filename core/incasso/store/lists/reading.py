"""Read a list: the one place where its query is built, and where the actor's scope narrows it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Row, Select

from incasso.domain.office.actor import Scope
from incasso.store.lists.listing import Asks, Column, Fields, Filter, Kind, Listing
from incasso.store.lists.paths import Paths
from incasso.store.lists.rows import money, pages
from incasso.store.lists.scoping import in_scope
from incasso.store.tables.columns import Code
from incasso.store.tables.ledger import sources

Wanted: TypeAlias = Mapping[str, Any]
"""Values of filters, by the filter's name."""


def read_list(
    connection: Connection,
    listing: Listing,
    scope: Scope,
    *,
    on: date | None = None,
    also: Iterable[str] = (),
    **wanted: Any,
) -> Generator[Fields]:
    """The rows of a list that the scope lets through, streamed in the list's order.

    `also` names hidden columns to keep in the rows. Raises TypeError for a filter that the list
    has not, and for a list as of a day without one.
    """
    paths, query = _query(connection, listing, scope, on, wanted)
    query = query.order_by(*(paths.in_order(paths.column(path)) for path in listing.order))
    return _rows(paths, paths.joined(query), scope, wanted, frozenset(also))


def _query(
    connection: Connection, listing: Listing, scope: Scope, on: date | None, wanted: Wanted
) -> tuple[Paths, Select[Any]]:
    """The columns of the rows wanted, of those the scope lets through; not yet joined.

    The columns are the fields, in their order: a row becomes a dict in one step.
    """
    filters = {each.name: each for each in listing.filters}
    if strangers := wanted.keys() - filters.keys():
        raise TypeError(f"{listing.name} have no filter {', '.join(sorted(strangers))}")
    if listing.over is not None:
        return _summed(connection, listing, scope, on, wanted)
    paths = Paths(connection, listing, on)
    query = sa.select(*(_selected(paths, column) for column in listing.columns))
    query = query.where(in_scope(paths, scope), *_conditions(paths, listing.filters, wanted))
    return paths, query if listing.only is None else query.where(listing.only(paths))


def _summed(
    connection: Connection, listing: Listing, scope: Scope, on: date | None, wanted: Wanted
) -> tuple[Paths, Select[Any]]:
    """Sums of another list's rows, within the same scope."""
    assert listing.over is not None
    theirs = {each.name for each in listing.over.filters}
    narrowed = {name: value for name, value in wanted.items() if name in theirs}
    inner, rows = _query(connection, listing.over, scope, on, narrowed)
    paths = Paths(connection, listing, on, inner.joined(rows).subquery(listing.over.name))
    own = [each for each in listing.filters if each.name not in theirs]
    query = sa.select(*(_selected(paths, column) for column in listing.columns))
    query = query.group_by(*map(paths.column, listing.grouped))
    return paths, query.having(sa.and_(sa.true(), *_conditions(paths, own, wanted)))


def _selected(paths: Paths, column: Column) -> ColumnElement[Any]:
    if column.sql is None:
        return sa.null().label(column.key)
    return _as_word(paths.expression(column.sql, column.key)).label(column.key)


def _as_word(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A code as the word it is kept as: a list has no use for members of enumerations, and one
    that no member has is searched for in vain instead of being a mistake."""
    return sa.type_coerce(column, sa.Text()) if isinstance(column.type, Code) else column


def _conditions(
    paths: Paths, filters: Iterable[Filter], wanted: Wanted
) -> list[ColumnElement[bool]]:
    found = (_condition(paths, each, wanted.get(each.name)) for each in filters)
    return [condition for condition in found if condition is not None]


def _condition(paths: Paths, one: Filter, value: Any) -> ColumnElement[bool] | None:
    if one.asks is Asks.SWITCH:
        value = bool(value)
    if value is None or value == ():
        return None
    if one.where is not None:
        return one.where(paths, value)
    return _compared(_as_word(paths.expression(one.sql, one.name)), one.asks, value)


def _compared(column: ColumnElement[Any], asks: Asks, value: Any) -> ColumnElement[bool]:
    condition: ColumnElement[bool]
    match asks:
        case Asks.ONE_OF:
            condition = column.in_(value)
        case Asks.FIRST_DAY:
            condition = column >= value
        case Asks.LAST_DAY:
            condition = column <= value
        case _:
            condition = column == value
    return condition


def _rows(
    paths: Paths, query: Select[Any], scope: Scope, wanted: Wanted, also: frozenset[str]
) -> Generator[Fields]:
    listing = paths.listing
    make = _maker(listing, paths, also)
    for part in _parts(paths, query, scope, wanted.get("source")):
        for page in pages(paths.connection, part):
            yield from make(page)


def _parts(
    paths: Paths, query: Select[Any], scope: Scope, only: str | None
) -> Iterable[Select[Any]]:
    """The query, or one for each source in the order of their names."""
    if not paths.listing.by_source:
        yield query
        return
    found = paths.connection.execute(sa.select(sources.c.id, sources.c.name))
    for key, name in sorted(map(tuple, found), key=lambda source: source[1]):
        if only in (None, name) and (scope.sources is None or name in scope.sources):
            yield query.where(paths.source_key == key)


Make: TypeAlias = Callable[[Sequence[Row[Any]]], Iterable[Fields]]


def _maker(listing: Listing, paths: Paths, also: frozenset[str]) -> Make:
    """What makes a page of rows into fields, in the order of the columns."""
    names = [column.key for column in listing.columns]
    collected = [(c.key, c.collected) for c in listing.columns if c.collected is not None]
    made = [step for column in listing.columns for step in _steps(column, paths)]
    hidden = [c.key for c in listing.columns if c.hidden and c.key not in also]

    def make(page: Sequence[Row[Any]]) -> Iterable[Fields]:
        rows = [dict(zip(names, row, strict=True)) for row in page]
        for key, collect in collected:
            values = collect(paths.connection, [row["id"] for row in rows])
            for fields in rows:
                fields[key] = values[fields["id"]]
        for fields in rows:
            for key, value in made:
                fields[key] = value(fields)
            for key in hidden:
                del fields[key]
        return rows

    return make


def _steps(column: Column, paths: Paths) -> Iterable[tuple[str, Callable[[Fields], Any]]]:
    """What turns the value read into the one shown."""
    key, made, currency = column.key, column.made, column.currency
    if made is not None:
        yield key, lambda fields: made(fields, paths)
    if column.kind is Kind.AMOUNT and currency:
        yield key, lambda fields: money(fields[key], fields[currency])
