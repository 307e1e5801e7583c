"""Read a list page by page, the thousandth page as quickly as the first.

Why: a screen or a program that asks over HTTP wants fifty rows at a time. A page begins after the
values by which the last one ended (`places`), never after a number of rows, which would have to be
counted through. The numbers of its rows are found along the index of the order; only then are their
columns read.

Must equal: `reading.read_list` with the same filters, sorted the same way and cut.
`tests/lists/test_paging.py` holds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from heapq import merge
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec
import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Select

from incasso.domain.office.actor import Scope
from incasso.store.lists import places
from incasso.store.lists.listing import Belongs, Fields, Listing, Order
from incasso.store.lists.paths import Paths
from incasso.store.lists.reading import (
    Wanted,
    check_filters,
    compared,
    conditions_of,
    fields_of,
    maker,
    sources_of,
)
from incasso.store.sql_ids import among, raw_rows

LONGEST: Final = 1000
"""Rows of a page at most."""

STRETCHES: Final = (400, 2_000, 6_000, 12_000)
"""How many rows are looked through in a go for those that a filter lets through. After the last
one a page ends with what was found: `next` goes on from there."""

_BEYOND: Final = 2**62
"""No row has such a number."""

_Where: TypeAlias = ColumnElement[bool] | sa.TextClause

_NONE: Final[Wanted] = MappingProxyType({})


class Page(msgspec.Struct, frozen=True):
    """Some rows of a list."""

    rows: list[Fields]
    """Fewer than asked for, or none, where few rows of a long list fit the filters."""
    next: str | None
    """Where the list goes on; None: it ends here."""


class _Found(NamedTuple):
    """The number of a row, and where it stands."""

    place: tuple[Any, ...]
    number: Any


class _Stretch(NamedTuple):
    """What was found of the rows looked through."""

    found: list[_Found]
    looked_to: tuple[Any, ...] | None
    """The place of the last row looked at; None: there are no more."""


def read_page(
    connection: Connection,
    listing: Listing,
    scope: Scope,
    wanted: Wanted = _NONE,
    *,
    on: date | None = None,
    after: str = "",
    limit: int = 50,
    order: str = "",
) -> Page:
    """The rows that the scope and the filters let through, after a place that a page gave.

    `order` names one of the list's; with `-` before it the list is read from its end. Raises
    PlaceError for a spoilt place or one of another list; TypeError for a filter or an order that
    the list has not, and for sums, which are read whole.
    """
    check_filters(listing, wanted)
    walk = _Walk(connection, listing, scope, wanted, on, order, min(max(limit, 1), LONGEST))
    if walk.is_empty:
        return Page([], None)
    found, ended = walk.page(walk.place(after) if after else None)
    rows = _rows(connection, listing, on, [each.number for each in found])
    return Page(rows, None if ended is None else walk.written(ended))


class _Walk:
    """One way through a list."""

    def __init__(
        self,
        connection: Connection,
        listing: Listing,
        scope: Scope,
        wanted: Wanted,
        on: date | None,
        order: str,
        limit: int,
    ) -> None:
        self._connection = connection
        self._listing = listing
        self._scope = scope
        self._wanted = wanted
        self._limit = limit
        self._backwards = order.startswith("-")
        self._order = _order(listing, order.removeprefix("-"))
        self._paths = Paths(connection, listing, on)
        self._conditions = conditions_of(self._paths, scope, wanted)
        self._columns = [self._paths.column(path) for path in self._order.by]
        self._bounds = [
            compared(self._columns[0], asks, value)
            for asks, value in self._paths.bounds.get(self._order.by[0], ())
        ]
        self._key = self._paths.key
        self._name = f"{listing.name} {'-' * self._backwards}{self._order.name}"

    @property
    def is_empty(self) -> bool:
        """Whether a filter names nobody: nothing has to be read for that."""
        return any(isinstance(each, sa.False_) for each in self._conditions)

    @property
    def _is_numbered(self) -> bool:
        return isinstance(self._key.type, sa.Integer)

    def place(self, after: str) -> tuple[Any, ...]:
        """The values of a place. Raises PlaceError."""
        kinds = [_kind(column) for column in self._columns]
        if self._order.by_source:
            kinds.insert(0, str)
        return tuple(places.read(self._name, after, kinds))

    def written(self, place: tuple[Any, ...]) -> str:
        """The same as a text."""
        return places.written(self._name, place)

    def page(self, after: tuple[Any, ...] | None) -> tuple[list[_Found], tuple[Any, ...] | None]:
        """Its rows, and the place where the list goes on if it does."""
        parts = self._by_source(after) if self._order.by_source else self._merged(after)
        found: list[_Found] = []
        for part in parts:
            found += part.found
            if len(found) > self._limit:
                return found[: self._limit], found[self._limit - 1].place
            if part.looked_to is not None:
                return found, part.looked_to
        return found, None

    def _by_source(self, after: tuple[Any, ...] | None) -> Iterator[_Stretch]:
        """Source by source, as long as somebody asks for more."""
        known = sources_of(self._connection, self._scope, self._wanted)
        for name, key in reversed(known) if self._backwards else known:
            own: tuple[Any, ...] | None = None
            if after is not None:
                if (name > after[0]) if self._backwards else (name < after[0]):
                    continue
                own = after[1:] if name == after[0] else None
            part = self._part([self._paths.source_key == key], own)
            found = [_Found((name, *each.place), each.number) for each in part.found]
            ended = None if part.looked_to is None else (name, *part.looked_to)
            yield _Stretch(found, ended)

    def _merged(self, after: tuple[Any, ...] | None) -> Iterator[_Stretch]:
        """The whole list, or one part for each value of `within`."""
        parts = [self._part(own, after) for own in self._stretches()]
        ends = [part.looked_to for part in parts if part.looked_to is not None]
        end = (max(ends) if self._backwards else min(ends)) if ends else None
        found = list(merge(*(part.found for part in parts), reverse=self._backwards))
        if end is not None:
            # Beyond it other parts may have rows that nobody has looked at.
            found = [
                each
                for each in found
                if (each.place >= end if self._backwards else each.place <= end)
            ]
        yield _Stretch(found, end)

    def _stretches(self) -> Iterator[list[_Where]]:
        name = self._order.within
        if not name:
            yield []
            return
        (one,) = (each for each in self._listing.filters if each.name == name)
        assert one.known is not None
        for value in self._wanted.get(name) or one.known():
            yield [self._paths.column(name) == value]

    def _part(self, own: list[_Where], after: tuple[Any, ...] | None) -> _Stretch:
        """At least a row more than a page, if there is one."""
        if self._order.where:
            own = [*own, sa.text(f"({self._order.where})")]
        if self._paths.finds:
            return _Stretch(self._from_few(own, after), None)
        narrowed = [each for each in self._conditions if not isinstance(each, sa.True_)]
        if self._listing.belongs is Belongs.OFFICE or not narrowed:
            query = self._sorted(self._numbers(self._columns, own), self._columns, after)
            return _Stretch(self._asked(self._paths.joined(query), self._limit + 1), None)
        return self._looked_through(own, after)

    def _from_few(self, own: list[_Where], after: tuple[Any, ...] | None) -> list[_Found]:
        """An index has the rows: they are read whatever their number, then sorted."""
        query = self._numbers([c.label(f"by_{n}") for n, c in enumerate(self._columns)], own)
        # Materialized: else the limit tempts PostgreSQL to walk in the order of the page.
        few = self._paths.joined(query).cte("few").prefix_with("MATERIALIZED")
        columns = [few.c[f"by_{number}"] for number in range(len(self._columns))]
        sorted_ = self._sorted(sa.select(*columns, few.c.number), columns, after)
        return self._asked(sorted_, self._limit + 1)

    def _looked_through(self, own: list[_Where], after: tuple[Any, ...] | None) -> _Stretch:
        """Along the index, a stretch at a time: no plan is so bad that it walks through more."""
        base = self._paths.base
        bare = sa.select(self._key).select_from(base).where(*own, *self._bounds)
        found: list[_Found] = []
        for length in STRETCHES:
            query = self._sorted(bare, self._columns, after).limit(length)
            # As the driver gives them: thousands of rows pass here to find fifty.
            stretch = [number for (number,) in raw_rows(self._connection, query)]
            found += self._let_through(stretch)
            if len(stretch) < length:
                return _Stretch(found, None)
            ((after, _),) = self._placed(stretch[-1:])
            if len(found) > self._limit:
                break
        return _Stretch(found, after)

    def _let_through(self, stretch: Sequence[Any]) -> list[_Found]:
        """Those of the rows that fulfil the conditions, as many as a page needs."""
        if not stretch:
            return []
        theirs = among(self._connection, self._key, stretch)
        query = self._paths.joined(sa.select(self._key).where(theirs, *self._conditions))
        good = {number for (number,) in raw_rows(self._connection, query)}
        return self._placed([each for each in stretch if each in good][: self._limit + 1])

    def _placed(self, numbers: Sequence[Any]) -> list[_Found]:
        """These rows with their places."""
        query = sa.select(*self._columns, self._key).select_from(self._paths.base)
        rows = self._connection.execute(query.where(among(self._connection, self._key, numbers)))
        places = {number: tuple(place) for *place, number in rows}
        return [_Found(places[number], number) for number in numbers]

    def _numbers(self, columns: Sequence[ColumnElement[Any]], own: list[_Where]) -> Select[Any]:
        return sa.select(*columns, self._key.label("number")).where(*own, *self._conditions)

    def _sorted(
        self,
        query: Select[Any],
        columns: Sequence[ColumnElement[Any]],
        after: tuple[Any, ...] | None,
    ) -> Select[Any]:
        """In the order, from the place on."""
        keys = [self._paths.in_order(column) for column in columns]
        if after is None and columns[0] is self._key and self._is_numbered:
            # Without a bound SQLite reads and sorts a whole index that holds nothing but the ids.
            query = query.where(self._key < _BEYOND if self._backwards else self._key > -1)
        if after is not None:
            here = [
                sa.literal(value, own.type) for value, own in zip(after, self._columns, strict=True)
            ]
            mine, theirs = _together(keys), _together(here)
            query = query.where(mine < theirs if self._backwards else mine > theirs)
        return query.order_by(*(key.desc() for key in keys) if self._backwards else keys)

    def _asked(self, query: Select[Any], most: int) -> list[_Found]:
        rows = self._connection.execute(query.limit(most))
        return [_Found(tuple(place), number) for *place, number in rows]


def _kind(column: ColumnElement[Any]) -> type:
    """The Python type of its values."""
    stored = column.type
    if isinstance(stored, sa.TypeDecorator):
        stored = stored.impl_instance
    return stored.python_type


def _together(values: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
    """Compared as one: both databases enter an index by its first columns."""
    return values[0] if len(values) == 1 else sa.tuple_(*values)


def _order(listing: Listing, name: str) -> Order:
    for order in listing.paged:
        if name in ("", order.name):
            return order
    raise TypeError(f"{listing.name} have no pages by {name or 'anything'}")


def _rows(
    connection: Connection, listing: Listing, on: date | None, numbers: Sequence[Any]
) -> list[Fields]:
    """The fields of these rows, in this order."""
    if not numbers:
        return []
    paths = Paths(connection, listing, on)
    key = paths.key
    query = sa.select(*fields_of(paths), key.label("row_number"))
    query = query.where(among(connection, key, numbers))
    found: dict[Any, Sequence[Any]] = {
        row[-1]: row[:-1] for row in connection.execute(paths.joined(query))
    }
    return list(maker(paths)([found[number] for number in numbers if number in found]))
