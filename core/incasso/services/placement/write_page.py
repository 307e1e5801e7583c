"""Writes what a page of reports changed: reports, entries, ends, refusals, and the journal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from incasso.contract.exchange import PlacementUpdate, UpdateKind
from incasso.contract.ledger import Unreadable
from incasso.contract.text import Text, TextValue, text
from incasso.contract.values import Problem
from incasso.domain.money import from_minor
from incasso.domain.placement.book import Book
from incasso.domain.placement.problems import ReturnProblem
from incasso.domain.placement.reports import Decision
from incasso.domain.placement.states import UpdateStanding
from incasso.locale.returns import refusal_text
from incasso.services.office.office import Office
from incasso.services.placement.ending import acknowledge, end
from incasso.services.placement.evidence import Evidence
from incasso.services.placement.fates import FATES, Fate, Moment, Origin, RowFate
from incasso.services.placement.matched import Match
from incasso.services.placement.write_books import settle_earlier, write_entries
from incasso.store.placement import refusals, standing, updates
from incasso.store.placement.refusals import NewRefusal
from incasso.store.placement.updates import NewUpdate
from incasso.store.proof import archive, journal
from incasso.store.proof.journal import Event

ACTOR: Final = "exchange"
"""Who writes down what a provider says."""

_MOST_RAW: Final = 500


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A report with what was found out about it."""

    line: int | None
    update: PlacementUpdate
    on: date
    digest: str
    match: Match
    amount: int | None
    decision: Decision
    breaks_policy: bool


@dataclass
class PageWriter:
    """Gathers what became of each row, then writes all of it."""

    office: Office
    connection: Connection
    origin: Origin
    books: Mapping[int, Book]
    evidence: Evidence
    moment: Moment
    _taken: dict[str, Taken] = field(default_factory=dict)
    _words: dict[str, Mapping[str, TextValue]] = field(default_factory=dict)
    _refusals: list[NewRefusal] = field(default_factory=list)

    def taken(self, taken: Taken, words: Mapping[str, TextValue]) -> None:
        """It is kept; `words` for the sentence if something is wrong with it."""
        self._taken[taken.update.update_id] = taken
        self._words[taken.update.update_id] = words

    def unreadable(self, line: int | None, item: Unreadable) -> RowFate:
        """A row that the plugin could not read."""
        first = item.problems[0]
        problem = _problem_of(first)
        message = refusal_text(ReturnProblem.UNREADABLE, {"problem": problem})
        row = item.row if line is None else line
        cause = self._cause(row, item.external_id, problem + item.raw)
        self._refuse(ReturnProblem.UNREADABLE, message, row, item.external_id, cause, item.raw)
        return _refused(row, item.external_id, ReturnProblem.UNREADABLE, message)

    def refused(self, taken: Taken, words: Mapping[str, TextValue]) -> RowFate:
        """It cannot be used; its id stays free."""
        assert taken.decision.problem is not None  # a refusal has its code
        message = refusal_text(taken.decision.problem, words)
        name = taken.update.update_id
        cause = self._cause(taken.line, name, taken.digest)
        self._refuse(taken.decision.problem, message, taken.line, name, cause)
        return _refused(taken.line, name, taken.decision.problem, message)

    def id_used_twice(self, line: int | None, item: PlacementUpdate, digest: str) -> RowFate:
        """The id of something else."""
        problem = ReturnProblem.ID_USED_TWICE
        message = refusal_text(problem, {"id": item.update_id})
        self._refuse(problem, message, line, item.update_id, self._cause(line, "", digest))
        return _refused(line, item.update_id, problem, message)

    def final(self, fate: RowFate) -> RowFate:
        """A row's fate once the whole page is taken: what it waited for may have followed."""
        if fate.fate in (Fate.REPEATED, Fate.REFUSED):
            return fate
        decision = self._decision(self._taken[fate.update_id])
        message = self._message(fate.update_id, decision) or ""
        return msgspec.structs.replace(
            fate, fate=FATES[decision.standing], problem=decision.problem, message=message
        )

    def write(self) -> None:
        """Everything, in the caller's transaction."""
        connection, at = self.connection, self.moment.at
        files = [file for each in self._taken.values() for file in self.evidence.of(each.update)]
        archive.note(connection, files, at=at)
        numbers = updates.store(connection, [self._row(each) for each in self._taken.values()])
        settle_earlier(connection, self.origin, self.books, self._taken, self.moment)
        paid_on = {name: each.update.remittance for name, each in self._taken.items()}
        write_entries(connection, self.origin.provider, self.books, numbers, paid_on, self.moment)
        events = [self._event(each) for each in self._taken.values()]
        for name, taken in self._taken.items():
            self._tell_if_wrong(name, taken)
            self._follow(taken)
        for place, book in self.books.items():
            for ended in book.ended:  # of a placement of which nothing was taken, none
                events += end(connection, self._placed(place), book, ended, self.moment)
        refusals.keep(connection, self._refusals)
        journal.record(connection, events, at=at)

    # Reports.

    def _decision(self, taken: Taken) -> Decision:
        """By the book, which may have tried it again; the book knows nothing of mandates."""
        placed = taken.match.placed
        if placed is None or taken.decision.problem is ReturnProblem.PAST_MANDATE:
            return taken.decision
        return self.books[placed.id].standing.get(taken.update.update_id, taken.decision)

    def _row(self, taken: Taken) -> NewUpdate:
        item, match, decision = taken.update, taken.match, self._decision(taken)
        placed = match.placed
        return NewUpdate(
            provider=self.origin.provider,
            update_id=item.update_id,
            arrival_id=self.origin.arrival,
            line=taken.line,
            lot=placed.lot if placed else item.lot,
            ours=item.placement.ours,
            theirs=item.placement.theirs,
            row=item.row,
            placement_id=placed.id if placed else None,
            row_id=match.row,
            kind=item.kind,
            standing=decision.standing,
            at=item.at,
            on_date=taken.on,
            taken_on=self.moment.on,
            amount=taken.amount,
            currency=item.amount.currency if item.amount else "",
            refused=item.refused,
            result=item.result,
            closing=item.closing,
            code=item.code,
            corrects=item.corrects,
            remittance=item.remittance,
            until=item.until,
            medium=item.medium,
            words=item.text,
            evidence=self._files(item),
            problem=decision.problem or "",
            reason=self._message(item.update_id, decision) or "",
            breaks_policy=taken.breaks_policy,
            digest=taken.digest,
        )

    def _files(self, item: PlacementUpdate) -> list[dict[str, Any]] | None:
        found = [
            {"name": each.filename, "sha256": each.sha256, "size": each.size}
            for each in self.evidence.of(item)
        ]
        return found or None

    def _message(self, name: str, decision: Decision) -> Text | None:
        if decision.problem is None:
            return None
        return refusal_text(decision.problem, self._words[name])

    # What follows.

    def _follow(self, taken: Taken) -> None:
        """What a report changes beside the account."""
        placed, theirs = taken.match.placed, taken.update.placement.theirs
        if placed is not None and theirs and not placed.theirs:
            standing.set_theirs(self.connection, placed.id, theirs)
        if taken.update.kind is UpdateKind.ACKNOWLEDGED:
            acknowledge(self.connection, taken.match, self.moment)
        elif taken.update.kind is UpdateKind.DELETED and (lot := _lot_of(taken.match)):
            standing.set_deleted(self.connection, lot, taken.on)

    def _tell_if_wrong(self, name: str, taken: Taken) -> None:
        """The provider hears also of what is kept."""
        decision = self._decision(taken)
        if decision.problem is None or decision.standing is UpdateStanding.APPLIED:
            return
        message = refusal_text(decision.problem, self._words[name])
        cause = self._cause(taken.line, name, taken.digest)
        kept = decision.standing is not UpdateStanding.REFUSED
        self._refuse(decision.problem, message, taken.line, name, cause, kept=kept)

    def _refuse(
        self,
        problem: ReturnProblem,
        message: Text,
        line: int | None,
        name: str,
        cause: str,
        raw: str = "",
        *,
        kept: bool = False,
    ) -> None:
        self._refusals.append(
            NewRefusal(
                provider=self.origin.provider,
                arrival_id=self.origin.arrival,
                cause=cause,
                line=line,
                update_id=name,
                code=problem,
                message=message,
                raw=raw[:_MOST_RAW],
                kept=kept,
                on_date=self.moment.on,
            )
        )

    def _cause(self, line: int | None, name: str, content: str) -> str:
        """The same for the same row of the same file, read again."""
        return f"{self.origin.sha256}:{line or ''}:{name}:{content}"

    def _placed(self, place: int) -> Any:
        return next(
            each.match.placed
            for each in self._taken.values()
            if each.match.placed and each.match.placed.id == place
        )

    def _event(self, taken: Taken) -> Event:
        item, placed, decision = taken.update, taken.match.placed, self._decision(taken)
        return Event(
            kind=f"exchange.{item.kind}",
            actor=ACTOR,
            on=self.moment.on,
            source=placed.source if placed else "",
            client=placed.client if placed else "",
            subject=f"update {item.update_id}",
            facts=dict(self._facts(taken, decision)),
        )

    def _facts(self, taken: Taken, decision: Decision) -> Iterator[tuple[str, Any]]:
        item = taken.update
        yield "provider", self.origin.provider
        yield "day", str(taken.on)
        yield "standing", decision.standing
        yield "digest", taken.digest
        if taken.amount is not None and item.amount is not None:
            yield "amount", f"{from_minor(taken.amount, item.amount.currency)}"
            yield "currency", item.amount.currency
        for name, value in (
            ("problem", decision.problem),
            ("corrects", item.corrects),
            ("closing", item.closing),
            ("row", taken.match.row),
        ):
            if value:
                yield name, value


def _lot_of(match: Match) -> int | None:
    if match.placed is not None:
        return match.placed.lot_id
    return match.lot.id if match.lot else None


def _problem_of(problem: Problem) -> str:
    """With its field; put together as a text, so that it is said in the reader's language."""
    if not problem.field:
        return problem.message
    return text("{field}: {problem}", field=problem.field, problem=problem.message)


def _refused(line: int | None, name: str, problem: ReturnProblem, message: Text) -> RowFate:
    return RowFate(line=line, update_id=name, fate=Fate.REFUSED, problem=problem, message=message)
