"""Read a list: the one place where its query is built, and where the actor's scope narrows it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, FromClause, Select
from sqlalchemy.sql.visitors import iterate

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
    check_filters(listing, wanted)
    if listing.over is not None:
        return _summed(connection, listing, scope, on, wanted)
    paths = Paths(connection, listing, on)
    query = sa.select(*fields_of(paths)).where(*conditions_of(paths, scope, wanted))
    return paths, query


def fields_of(paths: Paths) -> list[ColumnElement[Any]]:
    """The columns of the fields, in their order."""
    return [_selected(paths, column) for column in paths.listing.columns]


def conditions_of(paths: Paths, scope: Scope, wanted: Wanted) -> list[ColumnElement[bool]]:
    """What the rows of a list must fulfil for this reader and these filters."""
    listing = paths.listing
    only = [] if listing.only is None else [listing.only(paths)]
    return [in_scope(paths, scope), *_conditions(paths, listing.filters, wanted), *only]


def check_filters(listing: Listing, wanted: Wanted) -> None:
    """Raises TypeError for a filter that the list has not."""
    if strangers := wanted.keys() - {each.name for each in listing.filters}:
        raise TypeError(f"{listing.name} have no filter {', '.join(sorted(strangers))}")


def _summed(
    connection: Connection, listing: Listing, scope: Scope, on: date | None, wanted: Wanted
) -> tuple[Paths, Select[Any]]:
    """Sums of another list's rows, within the same scope."""
    assert listing.over is not None
    theirs = {each.name for each in listing.over.filters}
    narrowed = {name: value for name, value in wanted.items() if name in theirs}
    inner, rows = _query(connection, listing.over, scope, on, narrowed)
    own = [each for each in listing.filters if each.name not in theirs]

    def summed(base: FromClause) -> tuple[Paths, Select[Any]]:
        paths = Paths(connection, listing, on, base)
        query = sa.select(*(_selected(paths, column) for column in listing.columns))
        query = query.group_by(*map(paths.column, listing.grouped))
        return paths, query.having(sa.and_(sa.true(), *_conditions(paths, own, wanted)))

    whole = rows.subquery(listing.over.name)
    read = _columns_read(summed(whole)[1], whole)
    rows = rows.with_only_columns(*(rows.selected_columns[name] for name in read))
    return summed(inner.joined(rows).subquery(listing.over.name))


def _columns_read(query: Select[Any], base: FromClause) -> list[str]:
    """The columns that a query reads of what it stands on: others need not be worked out, nor
    what they come from be joined."""
    read = {id(each) for each in iterate(query)}
    return [each.key for each in base.c if id(each) in read]


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
    if one.asks in (Asks.FIRST_DAY, Asks.LAST_DAY) and isinstance(one.sql, str):
        paths.bounds.setdefault(one.sql, []).append((one.asks, value))
    return compared(_as_word(paths.expression(one.sql, one.name)), one.asks, value)


def compared(column: ColumnElement[Any], asks: Asks, value: Any) -> ColumnElement[bool]:
    """The column beside a filter's value."""
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
    make = maker(paths, also)
    for part in _parts(paths, query, scope, wanted):
        for page in pages(paths.connection, part):
            yield from make(page)


def _parts(paths: Paths, query: Select[Any], scope: Scope, wanted: Wanted) -> Iterable[Select[Any]]:
    """The query, or one for each source in the order of their names."""
    if not paths.listing.by_source:
        yield query
        return
    for _, key in sources_of(paths.connection, scope, wanted):
        yield query.where(paths.source_key == key)


def sources_of(connection: Connection, scope: Scope, wanted: Wanted) -> list[tuple[str, int]]:
    """Names and ids of the sources whose rows may be asked for, by name."""
    only = wanted.get("source")
    found = connection.execute(sa.select(sources.c.name, sources.c.id))
    return sorted(
        (name, key)
        for name, key in found
        if only in (None, name) and (scope.sources is None or name in scope.sources)
    )


Make: TypeAlias = Callable[[Sequence[Sequence[Any]]], Iterable[Fields]]


def maker(paths: Paths, also: frozenset[str] = frozenset()) -> Make:
    """What makes a page of rows into fields, in the order of the columns."""
    listing = paths.listing
    names = [column.key for column in listing.columns]
    collected = [(c.key, c.collected) for c in listing.columns if c.collected is not None]
    made = [step for column in listing.columns for step in _steps(column, paths)]
    hidden = [c.key for c in listing.columns if c.hidden and c.key not in also]

    def make(page: Sequence[Sequence[Any]]) -> Iterable[Fields]:
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
