"""The book of one placement: takes what the provider reports, in whatever order it comes.

What waits for something else (a reversal before its payment, a payment that does not fit yet) is
tried again whenever the book changes, so that the balance does not depend on the order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import msgspec

from incasso.contract.exchange import ClosingReason, UpdateKind
from incasso.domain.placement.account import RowAccount, allocate, in_order
from incasso.domain.placement.meeting import residual_moved
from incasso.domain.placement.problems import ReturnProblem
from incasso.domain.placement.reports import (
    APPLIED,
    ENDS,
    PAYMENTS,
    TRIED_AGAIN,
    Decision,
    Ended,
    Entry,
    Report,
    refused,
    waits,
)
from incasso.domain.placement.states import EntryKind, PlacementState, UpdateStanding


class _Root(NamedTuple):
    """What a reversal or correction is about in the end."""

    applied: str
    """The payment that is booked; empty: it waits itself."""
    waiting: list[Report]
    """What waits on the way to it."""


@dataclass
class Book:
    """Accounts and reports of one placement, and what has to be written of both."""

    rows: dict[int, RowAccount]
    reports: dict[str, Report] = field(default_factory=dict)
    """Those of money and ends that were taken, and all that wait."""
    standing: dict[str, Decision] = field(default_factory=dict)
    nets: dict[str, dict[int, int]] = field(default_factory=dict)
    """Of each payment: what is booked of it by row and was not taken back."""
    entries: list[Entry] = field(default_factory=list)
    ended: list[Ended] = field(default_factory=list)
    settled: dict[str, Decision] = field(default_factory=dict)
    """Reports that waited before, and are decided now."""

    @property
    def is_over(self) -> bool:
        """Whether every row is back with us."""
        return all(row.taken_back_as for row in self.rows.values())

    @property
    def over_on(self) -> date | None:
        """The day on which the last row came back; None while one is with the provider."""
        days = [row.over_on for row in self.rows.values() if row.taken_back_as]
        return max((day for day in days if day), default=None) if self.is_over else None

    def take(self, report: Report) -> Decision:
        """Judge a report that is new, book it, and try again what waited for it."""
        decision = self._judge(report)
        if decision.standing is not UpdateStanding.REFUSED:
            self.reports[report.id] = report
            self.standing[report.id] = decision
        self.try_again()
        return self.standing.get(report.id, decision)

    def accept(self, report: Report) -> Decision:
        """A person lets a waiting report count although something is wrong with it."""
        problem = self.standing[report.id].problem
        decision = self._judge(report, forced=True)
        if decision.standing is not UpdateStanding.APPLIED:
            return decision
        self._settle(report, Decision(UpdateStanding.APPLIED, problem))
        self.try_again()
        return self.standing[report.id]

    def assign(self, report: Report, row: int) -> Decision:
        """A person says which row a waiting report is about."""
        self.reports[report.id] = msgspec.structs.replace(report, row=row)
        self.try_again()
        return self.standing[report.id]

    def refuse(self, report: Report) -> None:
        """A person says that a waiting report does not count."""
        problem = self.standing[report.id].problem
        self._settle(report, Decision(UpdateStanding.REFUSED, problem))

    def end(
        self,
        rows: Iterable[int],
        state: PlacementState,
        *,
        on: date,
        cause: str,
        closing: ClosingReason | None = None,
        back_as: EntryKind = EntryKind.WITHDRAWN,
    ) -> None:
        """These rows come back to us; what is open on them is withdrawn or ended."""
        own = [self.rows[row] for row in rows if self.rows[row].taken_back_as is None]
        for row in own:
            row.taken_back_as, row.over_on = back_as, on
            self._level(row, on, cause)
        ids = tuple(row.row for row in own)
        self.ended.append(Ended(rows=ids, state=state, closing=closing, on=on, cause=cause))

    def try_again(self) -> None:
        """What waits, until nothing changes any more: each round settles one report at least."""
        while any(self._tried(report) for report in self._waiting()):
            pass

    def ledger_moved(self, row: int, fall: int, credited: int, on: date, cause: str) -> None:
        """The ERP's residual of a row fell by so much; below zero: it rose."""
        for kind, amount in residual_moved(self.rows[row], fall, credited):
            self.entries.append(Entry(row=row, kind=kind, amount=amount, on=on, cause=cause))
        self._level(self.rows[row], on, cause)

    # Judging.

    def _judge(self, report: Report, *, forced: bool = False) -> Decision:
        match report.kind:
            case UpdateKind.PAYMENT:
                return self._payment(report, forced=forced)
            case UpdateKind.REVERSAL:
                return self._reversal(report)
            case UpdateKind.CORRECTION:
                return self._correction(report, forced=forced)
            case UpdateKind.CLOSED | UpdateKind.RETURNED | UpdateKind.REFUSED:
                return self._end(report, forced=forced)
        if self._is_late(report):
            return Decision(UpdateStanding.NOTED, ReturnProblem.AFTER_THE_END)
        return APPLIED

    def _payment(self, report: Report, *, forced: bool) -> Decision:
        if report.amount is None:
            return refused(ReturnProblem.NO_AMOUNT)
        if self._is_late(report) and not forced:
            return waits(ReturnProblem.AFTER_THE_END)
        rows = self._open_to(report)
        shares, rest = self._spread(report, rows)
        if rest and not forced:
            direct = sum(max(row.direct, 0) for row in rows)
            explains = ReturnProblem.SEEN_AS_DIRECT if direct >= rest else None
            return waits(explains or ReturnProblem.MORE_THAN_OPEN)
        if rest:
            self._force(report, shares, rest)
        self._collect(report, shares)
        return APPLIED

    def _open_to(self, report: Report) -> list[RowAccount]:
        """The rows it may be for: those that were not back with us before it happened."""
        rows = self._about(report)
        with_them = [row for row in rows if row.over_on is None or report.on <= row.over_on]
        return with_them or rows

    def _spread(self, report: Report, rows: list[RowAccount]) -> tuple[dict[int, int], int]:
        """By row, and what does not fit.

        A payment that names no row may have come first and lie on the row that this one names:
        so much of this one goes where that one could have gone.
        """
        assert report.amount is not None  # a payment without one was refused
        parts, rest = allocate(report.amount, rows)
        if rest and report.row is not None:
            others = [row for row in self.rows.values() if row.row != report.row]
            swapped = min(rest, self._unnamed_on(report.row))
            more, left = allocate(swapped, others)
            parts, rest = parts + more, rest - swapped + left
        return {part.row.row: part.amount for part in parts}, rest

    def _unnamed_on(self, row: int) -> int:
        nets = self.nets.items()
        return sum(net.get(row, 0) for one, net in nets if self.reports[one].row is None)

    def _force(self, report: Report, shares: dict[int, int], rest: int) -> None:
        """More than fits: it is what we took for a direct payment, or too much was paid."""
        rows = in_order(self._about(report))
        for row in rows:
            was_theirs = min(rest, max(row.direct, 0))
            if was_theirs:
                self._book(row, EntryKind.DIRECT_REVERSED, was_theirs, report.on, report.id)
                row.unmet -= was_theirs  # the ERP shows it already
                shares[row.row] = shares.get(row.row, 0) + was_theirs
                rest -= was_theirs
        if rest:
            shares[rows[-1].row] = shares.get(rows[-1].row, 0) + rest

    def _collect(self, report: Report, shares: Mapping[int, int]) -> None:
        for number, amount in shares.items():
            self._book(self.rows[number], EntryKind.COLLECTED, amount, report.on, report.id)
        self.nets[report.id] = dict(shares)
        for number in shares:
            self._level(self.rows[number], report.on, report.id)

    def _reversal(self, report: Report) -> Decision:
        found = self._root(report)
        if isinstance(found, Decision):
            return found
        amount = self.reports[report.corrects].amount
        if report.amount is not None and report.amount != amount:
            return refused(ReturnProblem.OTHER_AMOUNT)
        self._take_back(found.applied, report)
        self._pass_over(found.waiting)
        return APPLIED

    def _correction(self, report: Report, *, forced: bool) -> Decision:
        """The earlier payment goes, what stands here takes its place."""
        if not report.corrects:
            return refused(ReturnProblem.NO_REFERENCE)
        if report.amount is None:
            return APPLIED  # words about an earlier report; the money stays
        found = self._root(report)
        if isinstance(found, Decision):
            return found
        before = self.nets.get(found.applied, {})
        room = sum(row.room + before.get(row.row, 0) for row in self._about(report))
        if room < report.amount and not forced:
            return waits(ReturnProblem.MORE_THAN_OPEN)
        self._take_back(found.applied, report)
        self._pass_over(found.waiting)
        return self._payment(report, forced=True)

    def _root(self, report: Report) -> _Root | Decision:
        """The payment that is booked, through corrections that still wait, or why there is none."""
        waiting: list[Report] = []
        one = report
        while True:
            wrong = self._unfit_reference(one)
            if wrong is not None:
                return wrong if one is report else waits(ReturnProblem.UNKNOWN_PAYMENT)
            one = self.reports[one.corrects]
            if self.standing[one.id].standing is not UpdateStanding.WAITING:
                return _Root(one.id, waiting)
            if one in waiting:
                return waits(ReturnProblem.UNKNOWN_PAYMENT)  # they name each other
            waiting.append(one)
            if one.kind is not UpdateKind.CORRECTION:
                return _Root("", waiting)

    def _pass_over(self, waiting: Iterable[Report]) -> None:
        """What waited and was taken back, or corrected, never counted."""
        for each in waiting:
            problem = self.standing[each.id].problem
            self._settle(each, Decision(UpdateStanding.NOTED, problem))

    def _unfit_reference(self, report: Report) -> Decision | None:
        """Why what it names cannot be taken back; None: it can."""
        if not report.corrects:
            return refused(ReturnProblem.NO_REFERENCE)
        payment = self.reports.get(report.corrects)
        if payment is None or payment.id == report.id:
            return waits(ReturnProblem.UNKNOWN_PAYMENT)
        if payment.kind not in PAYMENTS or payment.amount is None:
            return refused(ReturnProblem.NOT_A_PAYMENT)
        standing = self.standing[payment.id].standing
        if standing is UpdateStanding.REFUSED:
            return refused(ReturnProblem.UNKNOWN_PAYMENT)
        if standing is not UpdateStanding.WAITING and not self.nets.get(payment.id):
            return refused(ReturnProblem.ALREADY_REVERSED)
        return None

    def _take_back(self, payment: str, report: Report) -> None:
        """All that is booked of a payment."""
        booked = self.nets.pop(payment, {})
        for number, amount in booked.items():
            row = self.rows[number]
            self._book(row, EntryKind.REVERSED, amount, report.on, report.id, payment)
        for number in booked:
            self._level(self.rows[number], report.on, report.id)

    def _end(self, report: Report, *, forced: bool) -> Decision:
        if report.kind is UpdateKind.CLOSED and report.closing is None:
            return refused(ReturnProblem.NO_REASON)
        rows = [row for row in self._about(report) if row.taken_back_as is None]
        if not rows:
            return Decision(UpdateStanding.NOTED, ReturnProblem.AFTER_THE_END)
        is_paid = report.closing is ClosingReason.PAID
        if is_paid and any(row.open > 0 for row in rows) and not forced:
            return waits(ReturnProblem.OPEN_THOUGH_PAID)
        state, back_as = ENDS[report.kind]
        ids = [row.row for row in rows]
        closing = report.closing
        self.end(ids, state, on=report.on, cause=report.id, closing=closing, back_as=back_as)
        return APPLIED

    def _about(self, report: Report) -> list[RowAccount]:
        return [self.rows[report.row]] if report.row is not None else list(self.rows.values())

    def _is_late(self, report: Report) -> bool:
        """Whether it happened after everything it is about was back with us."""
        rows = self._about(report)
        days = [row.over_on for row in rows if row.taken_back_as and row.over_on]
        return len(days) == len(rows) > 0 and report.on > max(days)

    # Booking.

    def _book(
        self,
        row: RowAccount,
        kind: EntryKind,
        amount: int,
        on: date,
        cause: str,
        corrects: str = "",
    ) -> None:
        row.book(kind, amount)
        self.entries.append(
            Entry(row=row.row, kind=kind, amount=amount, on=on, cause=cause, corrects=corrects)
        )

    def _level(self, row: RowAccount, on: date, cause: str) -> None:
        if (found := row.levelling()) is not None:
            self._book(row, found[0], found[1], on, cause)

    def _settle(self, report: Report, decision: Decision) -> None:
        self.standing[report.id] = self.settled[report.id] = decision

    def _waiting(self) -> list[Report]:
        found = [
            report
            for report in self.reports.values()
            if self.standing[report.id].standing is UpdateStanding.WAITING
            and self.standing[report.id].problem in TRIED_AGAIN
        ]
        return sorted(found, key=lambda each: (each.on, each.id))

    def _tried(self, report: Report) -> bool:
        decision = self._judge(report)
        if decision == self.standing[report.id]:
            return False
        self._settle(report, decision)
        return decision.standing is not UpdateStanding.WAITING
