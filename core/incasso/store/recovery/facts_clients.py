"""What decisions know of clients: most are alike, so they share one class and its facts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.contract.media import AddressForm, Medium
from incasso.domain.calendar import Calendar
from incasso.domain.recovery.facts import Facts, Rulebook
from incasso.domain.sending.language import language_of
from incasso.store.sql_ids import packed, raw_columns, raw_rows
from incasso.store.tables.ledger import clients, sources


def _has_address(form: AddressForm, column: str) -> sa.ColumnElement[bool]:
    """Whether a client has an address of that form, as `reach.addresses` sees it."""
    match form:
        case AddressForm.MAIL:
            return clients.c[column].contains("@")
        case AddressForm.NUMBER:
            return clients.c[column] != ""
        case AddressForm.POSTAL:
            return sa.and_(clients.c.name != "", clients.c[column] != "", clients.c.city != "")


def _bits() -> Iterator[tuple[int, tuple[str, ...], sa.ColumnElement[bool]]]:
    """One bit for all media that share an address."""
    media: dict[tuple[AddressForm, str], list[str]] = {}
    for medium in Medium:
        media.setdefault((medium.traits.form, medium.traits.address), []).append(medium.value)
    for place, (key, names) in enumerate(media.items()):
        yield 1 << place, tuple(names), _has_address(*key)


# Which media reach a client, as bits that the database itself adds up: asking Python for the
# addresses of 200,000 clients costs a second.
_BITS = tuple(_bits())


class SourceView(msgspec.Struct, frozen=True):
    """A source as decisions see it."""

    id: int
    name: str
    trusted: bool
    country: str
    calendar: Calendar
    bank_grace_days: int
    promise_grace_days: int


class ClientClass(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Clients that every rule treats alike; `facts` are those already met among them."""

    source: SourceView
    code: str
    excluded: bool
    seasonal: bool
    category: str
    area: str
    depot: str
    agent: str
    rating: str
    iter_override: str
    media: frozenset[str]
    language: str
    facts: dict[Hashable, Facts] = msgspec.field(default_factory=dict)


class ClientView(msgspec.Struct, frozen=True):
    """One client: its class, and who works it."""

    id: int
    kind: ClientClass
    operator_id: int | None
    code: str = ""


class ClientKinds(NamedTuple):
    """Some clients: the class of each, and who works it, if anybody does."""

    kinds: Mapping[int, ClientClass]
    operators: Mapping[int, int]


class RuleColumns:
    """Which columns the rules look at: what they do not look at is not read.

    A rule on areas makes clients of different areas differ; without one they are alike.
    """

    def __init__(self, rules: Rulebook) -> None:
        matches = [version.iter.match for version in rules.iters]
        self.area = any(match.areas for match in matches)
        self.depot = any(match.depots for match in matches)
        self.agent = any(match.agents for match in matches)
        self.rating = any(match.ratings for match in matches)
        self.seasonal = any(match.seasonal is not None for match in matches)
        excluded = rules.exclusions
        self.payment_method = bool(excluded.payment_methods) or any(
            match.payment_methods for match in matches
        )
        self.media = frozenset(
            channel.value
            for version in rules.iters
            for stage in version.iter.stages
            for channel in stage.channels
        )
        """What a case that opens may be written by."""
        self.category = bool(excluded.categories) or any(match.categories for match in matches)
        self.code = bool(excluded.clients) or any(
            match.clients or match.client_from or match.client_to for match in matches
        )

    def column(self, name: str, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        """The column if a rule looks at it, else the usual value under its name."""
        return column if getattr(self, name) else sa.literal(_USUAL.get(name, "")).label(name)


_USUAL: Final = {"seasonal": False, "payment_method": "other"}
"""Of the columns that no rule looks at; the others are empty."""


def read_sources(
    connection: Connection, trusted: Callable[[str, date | None, datetime | None], bool]
) -> dict[int, SourceView]:
    """Every source, with whether its last good sync may be relied upon."""
    return {
        row.id: SourceView(
            id=row.id,
            name=row.name,
            trusted=trusted(row.name, row.last_good_sync_on, row.last_good_sync_at),
            country=row.country or "IT",
            calendar=Calendar(row.country or "IT", row.province),
            bank_grace_days=row.bank_grace_days,
            promise_grace_days=row.promise_grace_days,
        )
        for row in connection.execute(_SOURCES)
    }


_SOURCES: Final = sa.select(
    *(
        sources.c[name]
        for name in "id name last_good_sync_on last_good_sync_at country province "
        "bank_grace_days promise_grace_days".split()
    )
)


class ClientReader:
    """Reads clients into classes; the classes live as long as the reader.

    With `media` nothing else is asked of their addresses: where no other medium can be chosen,
    more clients are alike.
    """

    def __init__(
        self,
        sources: Mapping[int, SourceView],
        eye: RuleColumns,
        media: frozenset[str] | None = None,
    ) -> None:
        self.sources = sources
        self.classes = _Classes(self._class)
        self._kinds: dict[Hashable, ClientClass] = {}
        seen = [name for name in _OF_RULES if getattr(eye, name)]
        self._names = (*_Alike._fields[: -len(_OF_RULES)], *seen)
        bits = sum(
            (
                sa.case((holds, bit), else_=0)
                for bit, names, holds in _BITS
                if media is None or media.intersection(names)
            ),
            start=sa.literal(0),
        )
        self.query = sa.select(
            clients.c.id,
            clients.c.operator_id,
            clients.c.source_id,
            bits.label("bits"),
            clients.c.language,
            clients.c.country,
            sa.or_(clients.c.excluded, clients.c.office_excluded).label("excluded"),
            clients.c.iter_override,
            *(clients.c[name] for name in seen),
        )

    def read(self, connection: Connection, ids: Collection[int]) -> dict[int, ClientView]:
        """These clients, by id."""
        rows = raw_rows(connection, self._of(connection, ids))
        return {row[0]: ClientView(row[0], self.classes[row[2:]], row[1]) for row in rows}

    def read_kinds(self, connection: Connection, ids: Collection[int]) -> ClientKinds:
        """The same clients, column by column: an object for each of a page costs as much as what
        is then done with it."""
        found, operators, *alike = raw_columns(connection, self._of(connection, ids))
        kinds = map(self.classes.__getitem__, zip(*alike, strict=True))
        working = zip(found, operators, strict=True)
        return ClientKinds(
            dict(zip(found, kinds, strict=True)),
            {client: operator for client, operator in working if operator is not None},
        )

    def _of(self, connection: Connection, ids: Collection[int]) -> sa.Select[Any]:
        return self.query.where(packed(connection, clients.c.id, ids))

    def forget(self) -> None:
        """Make room: drop the classes with their facts."""
        self.classes.clear()
        self._kinds.clear()

    def _class(self, values: tuple[Any, ...]) -> ClientClass:
        """Countries that are written to in one language make no difference."""
        row = _Alike(**dict(zip(self._names, values, strict=True)))
        source = self.sources[row.source_id]
        language = language_of(row.language, row.country, source.country)
        alike = row._replace(language=language, country="")
        if alike not in self._kinds:
            self._kinds[alike] = self._new_class(alike, source)
        return self._kinds[alike]

    def _new_class(self, row: _Alike, source: SourceView) -> ClientClass:
        return ClientClass(
            source=source,
            code=row.code,
            excluded=bool(row.excluded),
            seasonal=bool(row.seasonal),
            category=row.category,
            area=row.area,
            depot=row.depot,
            agent=row.agent,
            rating=row.rating,
            iter_override=row.iter_override or "",
            media=_media(row.bits),
            language=row.language,
        )


class _Classes(dict[tuple[Any, ...], ClientClass]):
    """Classes by what was read of their clients; one that is new is made when it is looked up."""

    def __init__(self, made: Callable[[tuple[Any, ...]], ClientClass]) -> None:
        super().__init__()
        self._made = made

    def __missing__(self, values: tuple[Any, ...]) -> ClientClass:
        """Make it."""
        found = self[values] = self._made(values)
        return found


class _Alike(NamedTuple):
    """What clients of one class have in common, as read."""

    source_id: int
    bits: int
    language: str
    country: str
    excluded: bool
    iter_override: str | None
    category: str = ""
    area: str = ""
    depot: str = ""
    agent: str = ""
    rating: str = ""
    seasonal: bool = False
    code: str = ""


_OF_RULES: Final = ("category", "area", "depot", "agent", "rating", "seasonal", "code")
"""The last of these, read if some rule looks at them."""


@lru_cache(maxsize=64)
def _media(bits: int) -> frozenset[str]:
    return frozenset(name for bit, names, _ in _BITS if bits & bit for name in names)
