"""No page of a list and no search walks through a table that grows, on either database.

Every list's first page and the one after it, forwards and backwards, those of one client, of the
clients of an agent, within scopes; and what people search for.
"""

from __future__ import annotations

from typing import Any

from bench.reading_fill import fill
from bench.reading_rows import TODAY
from sqlalchemy import Connection

from incasso.domain.office.actor import Scope
from incasso.store.engine import Store
from incasso.store.lists.index import LISTS
from incasso.store.lists.listing import Listing
from incasso.store.lists.paging import read_page
from incasso.store.lists.search import search
from tests.plans.watch import Walk, watching

SMALL = {"iters", "users", "tokens", "assignment", "templates", "balances"}
"""What they show does not grow with the ledger; of the balances all that differ are read."""

NOT_FILLED = {
    "providers", "lots", "placements", "placed", "left_out", "notices", "batches", "arrivals",
    "updates", "refusals", "entries", "differences", "ended",
}  # fmt: skip
"""Lists of lots: the filled ledger has no lots yet, and of an empty table a plan says nothing."""

SCOPES = (
    Scope.everything(),
    Scope(agents=frozenset({"A7"})),
    Scope(operator="op5"),
    Scope(sources=frozenset({"beta"})),
)
FEW: dict[str, list[dict[str, Any]]] = {
    "installments": [{"status": ("gone",)}, {"due_from": TODAY}],
    "deliveries": [{"status": ("uncertain",)}, {"step": 7}],
    "delivery-news": [{"delivery": "D10000007"}],
    "steps": [{"status": ("failed", "ready")}],
}
"""What few rows fit and an index finds. Of partial indexes that hold nothing else all is read."""

WHOLE = {
    "ix_quarantine_waiting",
    "ix_conversations_call_back_on",
    "ix_agreements_until_on",
    "uq_order_blocks_active",
    "ix_order_blocks_erp",
}
"""Indexes of the few rows that somebody still has to see to, which may be read from end to end."""

TYPED = ("rossi", "C100007", "FT 12/2026", "2026/12", "1.234,56", "011 1000013", "K7/1", "srl")


def _pages(connection: Connection, listing: Listing) -> None:
    names = {each.name for each in listing.filters}
    whose = {"client": "C100007", "agent": "A7", "depot": "D3", "area": "area 3"}
    asked: list[dict[str, Any]] = [{name: whose[name]} for name in whose.keys() & names]
    for order in listing.paged:
        for way in (order.name, f"-{order.name}"):
            _two(connection, listing, {}, order=way)
        for wanted in (*asked, *FEW.get(listing.name, ())):
            _two(connection, listing, wanted, order=order.name)
        for scope in SCOPES:
            read_page(connection, listing, scope, on=TODAY, limit=5, order=order.name)


def _two(connection: Connection, listing: Listing, wanted: dict[str, Any], **more: Any) -> None:
    page = read_page(connection, listing, SCOPES[0], wanted, on=TODAY, limit=5, **more)
    if page.next:
        more["after"] = page.next
        read_page(connection, listing, SCOPES[0], wanted, on=TODAY, limit=5, **more)


def _is_hashed(walk: Walk) -> bool:
    """PostgreSQL reads once which promises were made again: as many as people make."""
    return walk.table == "agreements" and "AS again" in walk.statement


def test_pages_and_searches_walk_through_no_table_that_grows(store: Store) -> None:
    fill(store, 12_000)
    with watching(store) as watch, store.read() as connection:
        for listing in LISTS:
            if listing.paged and listing.name not in SMALL | NOT_FILLED:
                _pages(connection, listing)
        for typed in TYPED:
            for scope in SCOPES[:2]:
                search(connection, scope, typed)
    assert watch.statements > 500
    walks = {
        f"{walk.how} of {walk.table}: {' '.join(walk.statement.split())}"
        for walk in watch.walks
        if not WHOLE.intersection(walk.how.split()) and not _is_hashed(walk)
    }
    assert not walks, "\n".join(sorted(walks))
