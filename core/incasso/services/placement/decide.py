"""A person decides about a report that waits: it counts, it does not, or it is about this row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import Connection

from incasso.contract.errors import IncassoError
from incasso.contract.text import Text, text
from incasso.domain.acts.work import Work
from incasso.domain.office.actor import Actor, Scope
from incasso.domain.placement.book import Book
from incasso.domain.placement.names import row_name, row_number
from incasso.domain.placement.problems import ReturnProblem
from incasso.domain.placement.reports import Decision, Report
from incasso.domain.placement.states import UpdateStanding
from incasso.locale.returns import refused_text
from incasso.services.office.actors import admit
from incasso.services.office.office import Office
from incasso.services.placement.ending import end
from incasso.services.placement.fates import Moment, Origin
from incasso.services.placement.write_books import settle_earlier, write_entries
from incasso.store.lists.subjects import client_numbered
from incasso.store.placement import books, matching, refusals, updates
from incasso.store.placement.matching import Placed
from incasso.store.placement.refusals import NewRefusal
from incasso.store.placement.updates import StoredUpdate
from incasso.store.proof import journal
from incasso.store.proof.journal import Event
from incasso.store.recovery import agenda


class ReportError(IncassoError):
    """This cannot be done with the report; nothing was changed."""


class Verdict(StrEnum):
    """What a person decides."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    ROW = "row"


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """A decision about one report, by its number in the list."""

    number: int
    verdict: Verdict
    row: str = ""
    why: str


@dataclass(frozen=True)
class _Case:
    """A report with the book it is in."""

    update: StoredUpdate
    placed: Placed
    book: Book

    @property
    def report(self) -> Report:
        return self.book.reports[self.update.update_id]


def decide(office: Office, actor: Actor, ruling: Ruling, on: date) -> Text:
    """Do it, with its trace in the journal; gives what came of it.

    Raises ActorError, and ReportError if it cannot be done: then nothing is changed.
    """
    if not ruling.why.strip():
        raise ReportError(text("Say why, for the record: `--why`."))
    moment = Moment(on=on, at=office.now())
    with office.store.write() as connection:
        who = admit(connection, actor, Work.EXCHANGE)
        agenda.take_turn(connection)
        case = _case(connection, ruling.number, who.scope)
        decision = _ruled(connection, case, ruling)
        _write(office, connection, case, decision, ruling, who, moment)
    return _said(case, decision, ruling)


def report_numbered(connection: Connection, number: int, scope: Scope) -> StoredUpdate:
    """The report of that number, if the scope shows its client. Raises ReportError."""
    update = updates.numbered(connection, number) if 0 < number < 2**62 else None
    if update is not None and update.client_id is None and scope.is_everything:
        return update
    if update is None or client_numbered(connection, scope, update.client_id or 0) is None:
        raise ReportError(
            text(
                "There is no report {number}: `incasso exchange updates` lists them.",
                number=number,
            )
        )
    return update


def _case(connection: Connection, number: int, scope: Scope) -> _Case:
    update = report_numbered(connection, number, scope)
    if update.standing is not UpdateStanding.WAITING or update.placement_id is None:
        raise ReportError(
            text(
                "Report {number} does not wait for a decision: nothing was changed; see "
                "`incasso exchange updates --waiting`.",
                number=number,
            )
        )
    updates.take_turn(connection, update.provider)
    place = update.placement_id
    placed = matching.by_number(connection, update.provider, [place])[place]
    return _Case(update, placed, books.read(connection, [place])[place])


def _ruled(connection: Connection, case: _Case, ruling: Ruling) -> Decision:
    book, report = case.book, case.report
    match ruling.verdict:
        case Verdict.REFUSE:
            book.refuse(report)
        case Verdict.ACCEPT:
            decision = book.accept(report)
            if decision.standing is not UpdateStanding.APPLIED:
                raise _cannot_count(case, decision)
        case Verdict.ROW:
            row = row_number(ruling.row)
            if row not in book.rows:
                names = [row_name(each) for each in sorted(book.rows)]
                raise ReportError(
                    text("“{row}” is none of {names}: give one.", row=ruling.row, names=names)
                )
            book.assign(report, row)
            updates.set_values(connection, case.update.id, row_id=row)
    return book.standing[report.id]


def _cannot_count(case: _Case, decision: Decision) -> ReportError:
    if decision.problem is ReturnProblem.UNKNOWN_PAYMENT:
        return ReportError(
            text(
                "Report {number} takes back “{payment}”, which has not arrived: wait for it, or "
                "refuse the report.",
                number=case.update.id,
                payment=case.update.corrects,
            )
        )
    return ReportError(
        text(
            "Report {number} cannot count: refuse it, `incasso exchange decide {number} "
            "--refuse --why …`.",
            number=case.update.id,
        )
    )


def _write(
    office: Office,
    connection: Connection,
    case: _Case,
    decision: Decision,
    ruling: Ruling,
    who: Actor,
    moment: Moment,
) -> None:
    update, kept = case.update, {case.placed.id: case.book}
    own = {update.update_id: update.id}
    write_entries(connection, update.provider, kept, own, {}, moment)
    settle_earlier(connection, Origin(provider=update.provider), kept, own, moment)
    updates.settle(
        connection,
        case.placed.id,
        update.update_id,
        decision.standing,
        decision.problem or "",
        who.name,
    )
    if decision.standing is UpdateStanding.REFUSED:
        refusals.keep(connection, [_refusal(case, ruling, moment)])
    events = [
        event
        for ended in case.book.ended
        for event in end(connection, case.placed, case.book, ended, moment)
    ]
    journal.record(connection, [*events, _event(case, decision, ruling, who, moment)], at=moment.at)


def _refusal(case: _Case, ruling: Ruling, moment: Moment) -> NewRefusal:
    return NewRefusal(
        provider=case.update.provider,
        arrival_id=None,
        cause=f"decided:{case.update.id}",
        line=None,
        update_id=case.update.update_id,
        code=case.update.problem,
        message=refused_text(ruling.why),
        kept=False,
        on_date=moment.on,
    )


def _event(case: _Case, decision: Decision, ruling: Ruling, who: Actor, moment: Moment) -> Event:
    return Event(
        kind=f"report.{decision.standing}",
        actor=who.name,
        on=moment.on,
        source=case.placed.source,
        client=case.placed.client,
        subject=f"report {case.update.id}",
        facts={
            "provider": case.update.provider,
            "update": case.update.update_id,
            "problem": case.update.problem,
            "verdict": ruling.verdict.value,
            "row": ruling.row,
            "why": ruling.why,
        },
    )


def _said(case: _Case, decision: Decision, ruling: Ruling) -> Text:
    number = case.update.id
    match decision.standing:
        case UpdateStanding.APPLIED:
            return text("Report {number} counts.", number=number)
        case UpdateStanding.REFUSED:
            return text("Report {number} is refused; the provider will be told.", number=number)
    return text("Report {number} still waits: it does not fit that row either.", number=number)
