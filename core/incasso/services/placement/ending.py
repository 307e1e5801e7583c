"""What ends at a provider comes back to the office: rows, placement, and the cases that waited."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection

from incasso.domain.money import from_minor
from incasso.domain.placement.book import Book
from incasso.domain.placement.names import placement_name
from incasso.domain.placement.reports import Ended
from incasso.domain.placement.states import PlacementState
from incasso.services.placement.fates import Moment
from incasso.services.placement.matched import Match
from incasso.services.placement.resuming import resume
from incasso.services.placement.write_books import write_entries
from incasso.store.placement import books, matching, standing, updates
from incasso.store.placement.matching import Placed
from incasso.store.proof.journal import Event


def acknowledge(connection: Connection, match: Match, moment: Moment) -> None:
    """The provider has the placement, or the whole lot."""
    if match.placed is not None:
        standing.acknowledge(connection, match.placed.lot_id, match.placed.id, moment.at)
    elif match.lot is not None:
        standing.acknowledge(connection, match.lot.id, None, moment.at)


def take_back(
    connection: Connection,
    provider: str,
    ids: Mapping[int, Collection[int]],
    state: PlacementState,
    moment: Moment,
    cause: str,
) -> list[Event]:
    """Rows come back because we want them or the mandate ended: what is open is withdrawn.

    `ids`: the rows by placement, none for all of them; `cause` is one of its kind. Gives the
    events to journal. Rows that are back already stay as they are.
    """
    updates.take_turn(connection, provider)
    placed = matching.by_number(connection, provider, ids)
    kept = books.read(connection, placed)
    events: list[Event] = []
    for number, book in kept.items():
        book.end(ids[number] or book.rows, state, on=moment.on, cause=cause)
    write_entries(connection, provider, kept, {}, {}, moment)
    for number, book in kept.items():
        for ended in book.ended:
            events += end(connection, placed[number], book, ended, moment)
    return events


def end(
    connection: Connection, placed: Placed, book: Book, ended: Ended, moment: Moment
) -> list[Event]:
    """Rows are back with us; once all are, the placement is over. Gives the events to journal."""
    books.end_rows(connection, ended.rows, ended.on)
    if book.is_over:
        standing.end(connection, placed.id, ended.state, ended.closing, ended.on)
    outcome = resume(connection, placed, ended, moment)
    given_up = sum(book.rows[row].given_up for row in ended.rows)
    return [
        Event(
            kind=f"placement.{ended.state}",
            actor="exchange",
            on=moment.on,
            source=placed.source,
            client=placed.client,
            subject=f"placement {placement_name(placed.id)}",
            facts={
                "lot": placed.lot,
                "rows": len(ended.rows),
                "closing": ended.closing or "",
                "day": str(ended.on),
                "given_up": f"{from_minor(given_up, placed.currency)}",
                "currency": placed.currency,
                "then": outcome,
            },
        )
    ]
