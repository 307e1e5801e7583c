"""What a list is: columns, filters and order, declared once for every face that shows it.

The query, the rows and the JSON fields, the command line's options and tables all derive from a
`Listing`. Modules that declare lists import no SQLAlchemy, so that the command line knows its
options without waiting for it: a column or filter names where its value lies by a path.

A path is the name of a column (`due_date`), or leads through foreign keys to one:
`client.operator.login` follows `client_id`, then `operator_id`. The tables on the way are joined
as they are needed. What a path cannot say is a function that makes the expression.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, FromClause

    from incasso.store.lists.paths import Paths

Fields: TypeAlias = dict[str, Any]
"""One row of a list: stable names, dates, Decimal money, None for what is not there."""

Expression: TypeAlias = "Callable[[Paths], ColumnElement[Any]]"
Condition: TypeAlias = "Callable[[Paths, Any], ColumnElement[bool] | None]"
"""A condition of a filter's value; None narrows nothing."""
Joined: TypeAlias = "Callable[[Paths], tuple[FromClause, ColumnElement[bool]]]"
"""A table, or a query under a name, with what joins it to the tables before it."""


CLIENT: Final = "client"
"""Of a filter: what it names is a client."""


class Kind(StrEnum):
    """What a column holds: how a table aligns it, how a page or a spreadsheet writes it."""

    KEY = "key"
    """A code, a key, a login: never broken over two lines."""
    PROSE = "prose"
    """Words, which give way where the terminal is narrow."""
    DAY = "day"
    INSTANT = "instant"
    AMOUNT = "amount"
    NUMBER = "number"
    FLAG = "flag"
    CODE = "code"
    """One of a few values that have words of their own."""
    REASON = "reason"
    """The code of a reason, which the locale makes into words."""
    KEYS = "keys"
    """Several keys."""
    DATA = "data"
    """A structure, for programs."""

    @property
    def is_right(self) -> bool:
        """Whether a table aligns it to the right."""
        return self in (Kind.AMOUNT, Kind.NUMBER)

    @property
    def is_broken(self) -> bool:
        """Whether it may go over several lines; a cut amount would be a wrong amount."""
        return self in (Kind.PROSE, Kind.REASON, Kind.KEYS)


@dataclass(frozen=True)
class Column:
    """A field of every row, in the order of the JSON object."""

    key: str
    kind: Kind = Kind.KEY
    sql: str | Expression | None = ""
    """Where it lies: a path, an expression; empty: the column of that name; None: in no table."""
    currency: str = ""
    """Amounts: the column whose value is their currency."""
    made: Callable[[Fields, Paths], Any] | None = None
    """Makes the value from what was read of the row; an amount still in minor units."""
    collected: Callable[[Connection, Sequence[int]], Mapping[int, Any]] | None = None
    """Reads the values of a page of rows, by their `id`."""
    words: str = ""
    """What heading and values are called in the locale; the key if empty."""
    hidden: bool = False
    """Read for other columns only."""

    @property
    def vocabulary(self) -> str:
        """Under which name the locale knows it."""
        return self.words or self.key


class Asks(StrEnum):
    """What a filter is given, and what it does with it."""

    TEXT = "text"
    """Equal to this."""
    NUMBER = "number"
    FLAG = "flag"
    """Yes, no, or either."""
    SWITCH = "switch"
    """Off unless given."""
    ONE_OF = "one_of"
    """Any of these known words."""
    FIRST_DAY = "first_day"
    LAST_DAY = "last_day"
    LATENESS = "lateness"
    """A first and last day of lateness, both included; without a last: open-ended."""


@dataclass(frozen=True)
class Filter:
    """What a list can be narrowed by; None and () narrow nothing."""

    name: str
    asks: Asks
    help: str
    sql: str | Expression = ""
    """What is compared; the column of the filter's name if empty."""
    where: Condition | None = None
    """Instead of a comparison; a switch has it called when it is off as well."""
    known: Callable[[], Iterable[str]] | None = None
    """The words there are: any other is a mistake, not a list of nothing."""
    among: str = ""
    """Where the names there are lie, as `table.column`, several with blanks; `client`: a client.

    Where the list comes out empty, a name that is neither among them nor `known` is told."""
    option: str = ""
    """On the command line; `--name` if empty."""
    metavar: str = ""
    adds: str = ""
    """Columns that the table shows in addition when it is given."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """A way to sort the pages of a list. On a table that grows an index carries it."""

    name: str
    by: tuple[str, ...]
    """Columns of the list's own table that are never null; together no two rows have the same."""
    by_source: bool = False
    """Sorted by the source's name before all others."""
    within: str = ""
    """A filter whose every value has a stretch of the index; the stretches are merged."""
    where: str = ""
    """The rows that are in it, in the words of its partial index."""


class Belongs(StrEnum):
    """To whom the rows of a list belong: how an actor's scope narrows it."""

    CLIENT = "client"
    """Each row to a client, which `Listing.client` leads to."""
    SOURCE = "source"
    """Each row to a source only: an actor who sees only some clients sees none of them."""
    EVENT = "event"
    """Each row names source and client in words."""
    OFFICE = "office"
    """To the office as a whole: no client's data; whoever may ask sees all of it."""


@dataclass(frozen=True, kw_only=True)
class Listing:
    """One list, whole."""

    name: str
    help: str
    """One sentence for help texts."""
    columns: tuple[Column, ...]
    shown: str
    """Keys of the columns that a table shows unless asked for others, in that order."""
    order: tuple[str, ...]
    """Paths; texts are sorted by their code points on every database."""
    table: str = ""
    """The database table whose rows it lists."""
    base: Callable[[Connection, date], FromClause] | None = None
    """What stands for that table on the business date, with the same columns."""
    over: Listing | None = None
    """Instead of a table: the list whose rows it sums up; it has that list's filters too."""
    grouped: tuple[str, ...] = ()
    """The columns of that list by which it sums."""
    belongs: Belongs = Belongs.CLIENT
    hidden_from: tuple[str, ...] = ()
    """Roles that may not read it, whatever their scope."""
    filters: tuple[Filter, ...] = ()
    client: str = "client"
    """The path to the client; empty: the row itself."""
    source: str = "source"
    """The path to the source."""
    provider: str = ""
    """The path to the key of the provider who may see the row too; empty: none may."""
    by_source: bool = False
    """Sorted by the source's name first, each source read by itself along its own index."""
    orders: tuple[Order, ...] = ()
    """How its pages may be sorted, the first unless asked for another; none: as the list is."""
    only: Callable[[Paths], ColumnElement[bool]] | None = None
    """What every row must fulfil."""
    joins: Mapping[str, Joined] | None = None
    """Tables that no foreign key of ours leads to, by the name that paths begin with."""
    certain: tuple[str, ...] = ()
    """Those of `joins` that have a row for every row: the database may then begin with them."""
    dated: bool = False
    """Whether it depends on a business date."""

    def column(self, key: str) -> Column:
        """The column of that key. Raises KeyError."""
        return next((one for one in self.visible if one.key == key), None) or _missing(key)

    @property
    def visible(self) -> tuple[Column, ...]:
        """The fields of a row."""
        return tuple(column for column in self.columns if not column.hidden)

    @property
    def paged(self) -> tuple[Order, ...]:
        """The orders of its pages. Sums are not read in pages."""
        own = Order(name=self.order[0], by=self.order, by_source=self.by_source)
        return () if self.over is not None else self.orders or (own,)

    def shown_with(self, wanted: Mapping[str, Any]) -> tuple[Column, ...]:
        """The columns that a table shows by default, with what the filters given add."""
        keys = self.shown.split()
        for each in self.filters:
            if each.adds and wanted.get(each.name):
                keys += each.adds.split()
        return tuple(map(self.column, keys))


def _missing(key: str) -> Column:
    raise KeyError(key)
