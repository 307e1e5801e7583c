"""The measured jobs of the case `lists`: `python -m bench.reading_jobs JOB FOLDER SERVER KIND`."""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from bench import office, reading_fill, reading_rows
from bench.measure import Stopwatch, report, run_named
from incasso.domain.office.actor import Scope
from incasso.store.engine import Store, open_store
from incasso.store.lists.credits import OVERDUE_BY
from incasso.store.lists.index import LISTS
from incasso.store.lists.listing import Listing
from incasso.store.lists.paging import read_page
from incasso.store.lists.reading import read_list
from incasso.store.lists.search import search
from incasso.store.migrate import upgrade
from incasso.store.tables import metadata
from incasso.store.tables.totals import ITEMS, SUMS

EVERYBODY: Final = Scope.everything()
ON: Final = reading_rows.TODAY
TIMES: Final = 8
"""How often each question is asked, always about somebody else."""
TILES: Final = "tiles"
SLOW: Final = 5
"""So many of the slowest are named."""

Ask = Callable[[Connection, random.Random], object]


class Took(NamedTuple):
    """One question, once."""

    seconds: float
    cpu: float
    """Of this process: of SQLite all there is, of PostgreSQL what the hub does besides."""
    name: str


class Question(NamedTuple):
    """Something that a page asks."""

    name: str
    ask: Ask


def _store(folder: Path, server: str) -> Store:
    return open_store(office.database_url(folder, server), folder / "archive")


def fill(folder: Path, server: str, size: str) -> None:
    """Make the office."""
    store = _store(folder, server)
    upgrade(store)
    watch = Stopwatch()
    with watch.running():
        reading_fill.fill(store, int(size))
    store.close()
    report(watch)


def hub_read(folder: Path, server: str, kind: str) -> None:
    """Ask every question of a kind, each some times."""
    store = _store(folder, server)
    took: list[Took] = []
    dice = random.Random(7)
    with store.read() as connection:
        for question in QUESTIONS[kind](connection):
            question.ask(connection, dice)  # builds the statement once, as a server would have
            for _ in range(TIMES):
                with _timed(took, question.name):
                    question.ask(connection, dice)
    _told(took)
    store.close()


def plain_sums(folder: Path, server: str) -> None:
    """Everything that is kept of clients, added up by currency and nothing else."""
    store = _store(folder, server)
    took: list[Took] = []
    table = metadata.tables["client_totals"]
    sums = [sa.func.sum(table.c[name]) for name in (*SUMS, *ITEMS)]
    query = sa.select(table.c.currency, *sums).group_by(table.c.currency)
    with store.read() as connection:
        for _ in range(TIMES):
            with _timed(took, "sums"):
                connection.execute(query).all()
    _told(took)
    store.close()


def plain_read(folder: Path, server: str, kind: str) -> None:
    """Fifty rows of each list by their keys, and nothing else."""
    store = _store(folder, server)
    took: list[Took] = []
    dice = random.Random(7)
    with store.read() as connection:
        for listing in _paged():
            table = metadata.tables[listing.table]
            (key,) = table.primary_key.columns
            known = connection.scalars(sa.select(key).limit(5000)).all()
            query = sa.select(table).where(key.in_(sa.bindparam("keys", expanding=True)))
            for _ in range(TIMES):
                keys = dice.sample(known, min(50, len(known)))
                with _timed(took, listing.name):
                    connection.execute(query, {"keys": keys}).all()
    _told(took)
    store.close()


@contextmanager
def _timed(took: list[Took], name: str) -> Iterator[None]:
    started, used = time.perf_counter(), time.process_time()
    yield
    took.append(Took(time.perf_counter() - started, time.process_time() - used, name))


def _told(took: list[Took]) -> None:
    took.sort()
    watch = Stopwatch()
    watch.seconds = _of_95(one.seconds for one in took)
    watch.cpu = _of_95(one.cpu for one in took)
    by_cpu = os.environ.get("BENCH_BY_CPU")
    slowest: dict[str, float] = {}
    for one in sorted(took, key=lambda one: one.cpu if by_cpu else one.seconds, reverse=True):
        slowest.setdefault(one.name, one.cpu if by_cpu else one.seconds)
    named = {name: f"{seconds * 1000:.1f}" for name, seconds in list(slowest.items())[:SLOW]}
    report(watch, p50_ms=round(took[len(took) // 2].seconds * 1000, 2), slowest_ms=named)


def _of_95(figures: Iterable[float]) -> float:
    """The least that nineteen of twenty do not exceed."""
    known = sorted(figures)
    return known[(len(known) * 95 + 99) // 100 - 1]


def _paged() -> list[Listing]:
    return [each for each in LISTS if each.paged]


def _first_pages(connection: Connection) -> Iterator[Question]:
    for listing in _paged():
        for order in listing.paged:
            for way in (order.name, f"-{order.name}"):
                yield Question(f"{listing.name} by {way}", _page(listing, order=way))


def _later_pages(connection: Connection) -> Iterator[Question]:
    """The place after fifty pages of a thousand rows, or in the middle of a shorter list."""
    for listing in _paged():
        for order in listing.paged:
            places = _places(connection, listing, order.name)
            if places:
                yield Question(
                    f"{listing.name} by {order.name}, page {len(places) * 20}",
                    _page(listing, order=order.name, after=places[-1]),
                )


def _places(connection: Connection, listing: Listing, order: str) -> list[str]:
    places: list[str] = []
    after: str | None = ""
    while after is not None and len(places) < 50:
        page = read_page(
            connection, listing, EVERYBODY, on=ON, after=after, limit=1000, order=order
        )
        if (after := page.next) is not None:
            places.append(after)
    return places[:50]


def _page(listing: Listing, scope: Scope = EVERYBODY, **more: Any) -> Ask:
    def ask(connection: Connection, dice: random.Random) -> object:
        return read_page(connection, listing, scope, on=ON, **more)

    return ask


def _of_one_client(connection: Connection) -> Iterator[Question]:
    """Of any client, and of the ten that have hundreds of everything."""
    most = int(connection.scalar(sa.text("SELECT count(*) FROM clients")) or 1)
    for listing in _paged():
        if "client" in {each.name for each in listing.filters}:
            yield Question(f"{listing.name} of a client", _of(listing, most))
            yield Question(f"{listing.name} of a big one", _of(listing, reading_rows.BIG))


def _of(listing: Listing, highest: int) -> Ask:
    def ask(connection: Connection, dice: random.Random) -> object:
        wanted = {"client": f"C{100_000 + dice.randint(1, highest)}"}
        return read_page(connection, listing, EVERYBODY, wanted, on=ON)

    return ask


def _narrowed(connection: Connection) -> Iterator[Question]:
    """By what stands on clients, by scopes, and by filters that few rows or many fit."""
    for listing in _paged():
        names = {each.name for each in listing.filters}
        for name, value in (
            ("agent", "A7"),
            ("depot", "D3"),
            ("operator", "op5"),
            ("area", "area 3"),
        ):
            if name in names:
                yield Question(f"{listing.name} --{name}", _page(listing, wanted={name: value}))
        for scope in (Scope(agents=frozenset({"A7"})), Scope(operator="op9"),
                      Scope(sources=frozenset({"beta"}))):  # fmt: skip
            yield Question(f"{listing.name} within {scope}", _page(listing, scope))
    for name, wanted, order in _FILTERS:
        listing = next(each for each in LISTS if each.name == name)
        yield Question(f"{name} {wanted} {order}", _page(listing, wanted=wanted, order=order))


_FILTERS: Final[tuple[tuple[str, dict[str, Any], str], ...]] = (
    ("installments", {"status": ("open",)}, ""),
    ("installments", {"status": ("gone",)}, ""),
    ("installments", {"situation": ("overdue",)}, "due"),
    ("installments", {"situation": ("promised",)}, "due"),
    ("installments", {"unpaid": True}, "due"),
    ("installments", {"held": True}, "due"),
    ("installments", {"band": (31, 60)}, "due"),
    ("installments", {"payment_method": "riba"}, ""),
    ("cases", {"state": ("parked",)}, ""),
    ("cases", {"blocked": True}, "due"),
    ("cases", {"due_from": ON, "due_to": ON}, "due"),
    ("cases", {"operator": "op3", "iter": "riba"}, ""),
    ("steps", {"status": ("ready",)}, ""),
    ("steps", {"status": ("proposed", "ready", "working"), "operator": "op3"}, ""),
    ("steps", {"status": ("failed",)}, ""),
    ("steps", {"action": "call"}, ""),
    ("deliveries", {"status": ("bounced",)}, ""),
    ("deliveries", {"status": ("uncertain",)}, ""),
    ("deliveries", {"sent_from": ON}, ""),
    ("delivery-news", {"waiting": True}, ""),
    ("clients", {"overdue": True}, "name"),
    ("clients", {"blocked": True}, "name"),
    ("clients", {"seasonal": True}, ""),
    ("journal", {"kind": "agreement.made"}, ""),
    ("documents", {"first_on": ON}, ""),
    ("promises", {"due": True}, ""),
    ("promises", {"broken": True}, ""),
    ("callbacks", {"due": True}, ""),
)


def _tiles(connection: Connection) -> Iterator[Question]:
    """What is owed, by everything that a page may sum it by: of the office and of an agent."""
    scopes = {"": EVERYBODY, " of an agent": Scope(agents=frozenset({"A7"}))}
    for name in ("band", "source", "agent", "area", "depot", "category", "operator", "rating"):
        for whose, scope in scopes.items():
            yield Question(f"owed by {name}{whose}", _sum(OVERDUE_BY[name], scope))


def _sum(listing: Listing, scope: Scope) -> Ask:
    def ask(connection: Connection, dice: random.Random) -> object:
        return list(read_list(connection, listing, scope, on=ON))

    return ask


def _searches(connection: Connection) -> Iterator[Question]:
    """What people type: whole words and beginnings, rare ones and those that half have."""
    agent = Scope(agents=frozenset({"A7"}))
    for typed in _TYPED:
        yield Question(f"search {typed}", _search(EVERYBODY, typed))
        yield Question(f"search {typed} of an agent", _search(agent, typed))


_TYPED: Final = (
    "C100777",
    "rossi",
    "Rossi Costruzioni S.r.l.",
    "d'angelo",
    "niccolo caffe",
    "co",
    "a",
    "s.r.l.",
    "figli mario verdi srl",
    "serra vini",
    "IT10000007000",
    "rossi1@ditta1.it",
    "011 1000013",
    "FT 777/2026",
    "000777/2026",
    "2026/777",
    "12",
    "777",
    "1.234,56",
    "nobody of that name",
)


def _search(scope: Scope, typed: str) -> Ask:
    def ask(connection: Connection, dice: random.Random) -> object:
        return search(connection, scope, typed)

    return ask


QUESTIONS: Final[dict[str, Callable[[Connection], Iterator[Question]]]] = {
    "first pages": _first_pages,
    "later pages": _later_pages,
    "of one client": _of_one_client,
    "narrowed": _narrowed,
    "searches": _searches,
    TILES: _tiles,
}

JOBS: Final[dict[str, Callable[..., None]]] = {
    "fill": fill,
    "hub_read": hub_read,
    "plain_read": plain_read,
    "plain_sums": plain_sums,
}

if __name__ == "__main__":
    run_named(JOBS, sys.argv[1:])
