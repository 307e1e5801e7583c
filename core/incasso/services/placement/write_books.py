"""Writes back what changed in the books of placements: entries, and reports that are decided."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection

from incasso.domain.placement.book import Book
from incasso.domain.placement.problems import ReturnProblem
from incasso.domain.placement.states import UpdateStanding
from incasso.locale.returns import refusal_text
from incasso.services.placement.fates import Moment, Origin
from incasso.store.placement import books as store
from incasso.store.placement import refusals, updates
from incasso.store.placement.refusals import NewRefusal


def write_entries(
    connection: Connection,
    provider: str,
    books: Mapping[int, Book],
    new: Mapping[str, int],
    remittances: Mapping[str, str],
    moment: Moment,
) -> None:
    """The entries of all books; `new`: the numbers of reports that were just stored."""
    entries = [entry for book in books.values() for entry in book.entries]
    if not entries:
        return
    known = updates.known(connection, provider, {each.cause for each in entries} - new.keys())
    numbers = {**{name: each.id for name, each in known.items()}, **new}
    store.write_entries(
        connection,
        [
            store.NewEntry(
                entry=each,
                update_id=numbers.get(each.cause),
                remittance=remittances.get(each.cause, ""),
            )
            for each in entries
        ],
        at=moment.at,
    )
    touched = {each.row for each in entries}
    rows = [row for book in books.values() for row in book.rows.values()]
    store.write_unmet(connection, [row for row in rows if row.row in touched], moment.on)


def settle_earlier(
    connection: Connection,
    origin: Origin,
    books: Mapping[int, Book],
    new: Collection[str],
    moment: Moment,
) -> None:
    """Reports that waited before and are decided now; the provider hears of those refused."""
    told: list[NewRefusal] = []
    for place, book in books.items():
        for name, decision in book.settled.items():
            if name in new:
                continue
            problem = decision.problem or ""
            updates.settle(connection, place, name, decision.standing, problem)
            if decision.standing is UpdateStanding.REFUSED and decision.problem:
                corrects = book.reports[name].corrects
                told.append(_refusal(origin, name, decision.problem, corrects, moment))
    refusals.keep(connection, told)


def _refusal(
    origin: Origin, name: str, problem: ReturnProblem, corrects: str, moment: Moment
) -> NewRefusal:
    return NewRefusal(
        provider=origin.provider,
        arrival_id=origin.arrival,
        cause=f"{origin.sha256}::{name}:{problem}",
        line=None,
        update_id=name,
        code=problem,
        message=refusal_text(problem, {"corrects": corrects}),
        kept=False,
        on_date=moment.on,
    )
