"""When a stage may come, and in which order: for every ledger, iter and course of acts."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from incasso.contract.errors import IncassoError
from incasso.domain.acts.act import Act
from incasso.domain.acts.agreements import Dispute, Extend, Hold, Promise, Release
from incasso.domain.acts.stages import Skip
from incasso.domain.acts.steps import Approve, Done, Move, Reject
from incasso.domain.calendar import Calendar
from incasso.domain.recovery.iters import Iter, Mode
from incasso.domain.recovery.timing import not_before
from incasso.services.recovery.simulate import carry_out
from incasso.store.ledger.overdue import effective_due_date
from incasso.store.tables.ledger import installments
from incasso.store.tables.recovery import cases, step_cases, steps
from tests.doing import do, people
from tests.profiles import tries
from tests.recovery.ledgers import Ledger, fill, iters, ledgers, small_office
from tests.recovery.office import Office, after, letters, stage

ITALY = Calendar("IT", "")
DAYS = 40


class Doing(msgspec.Struct, frozen=True):
    """Something that happens on a day: to an installment of the ledger, or to its step."""

    day: int
    what: str
    place: int
    length: int


AGREED = ("extend", "hold", "promise", "dispute", "release", "put off", "move", "skip")
PUT_OFF = ("extend", "put off")
WITH_STEPS = ("approve", "reject", "reject until", "done")
doings = st.lists(
    st.builds(
        Doing,
        day=st.integers(0, DAYS - 1),
        what=st.sampled_from((*AGREED, *PUT_OFF, *PUT_OFF, *WITH_STEPS, *WITH_STEPS)),
        place=st.integers(0, 9),
        length=st.integers(0, 15),
    ),
    max_size=25,
)


@st.composite
def chains(draw: st.DrawFn) -> Iter:
    """Stages counted from one another, most of them automatic: a course that acts interrupt."""
    rest = draw(st.lists(st.integers(0, 6), min_size=2, max_size=3))
    modes = st.sampled_from([Mode.AUTO, Mode.AUTO, Mode.APPROVE])
    more = (
        after(f"t{n}", days, mode=draw(modes), working_days=draw(st.booleans()))
        for n, days in enumerate(rest)
    )
    return letters(stage("s0", draw(st.integers(-3, 3))), *more, net_credits=False)


def agree(office: Office, one: Doing, known: list[int], on: date) -> None:
    """Before the day is planned."""
    if one.place >= len(known):
        return
    subject, until = f"R{one.place + 1}", on + timedelta(days=one.length)
    if one.what == "put off":
        office.change(known[one.place], due_date=until)
        return
    acts: dict[str, Act] = {
        "extend": Extend(subject=subject, to=until, why="x"),
        "hold": Hold(subject=subject, until=until, why="x"),
        "promise": Promise(subject=subject, until=until),
        "dispute": Dispute(subject=subject, until=until, why="x"),
        "release": Release(subject=subject),
        "move": Move(subject=subject, to=until),
        "skip": Skip(subject=subject, why="x"),
    }
    with suppress(IncassoError):
        do(office.hub, acts[one.what], on=on)


def work(office: Office, one: Doing, on: date) -> tuple[str, int] | None:
    """After the day is planned: the steps that wait for a person. What was rejected, if it was."""
    wanted = ("ready",) if one.what == "done" else ("proposed",)
    waiting = [step for step in office.steps(*wanted) if step.mode != "auto"]
    if not waiting:
        return None
    step = waiting[one.place % len(waiting)]
    subject = str(step.id)
    acts: dict[str, Act] = {
        "approve": Approve(subject=subject),
        "reject": Reject(subject=subject, why="x"),
        "reject until": Reject(subject=subject, why="x", until=on + timedelta(days=one.length)),
        "done": Done(subject=subject, outcome="x"),
    }
    try:
        do(office.hub, acts[one.what], on=on)
    except IncassoError:
        return None
    return (one.what, step.id) if one.what.startswith("reject") else None


class Watch:
    """Looks at what comes and goes, day by day."""

    def __init__(self, office: Office, procedure: Iter) -> None:
        self.office = office
        self.stages = {one.key: one for one in procedure.stages}
        self.order = list(self.stages)
        self.came: set[tuple[int, int]] = set()
        self.counted: set[int] = set()
        self.rejected: dict[int, str] = {}

    def members(self) -> list[Any]:
        """What is in the steps of the iter; a task beside it, as of a broken promise, is none."""
        return self.office.rows(
            sa.select(
                step_cases.c.step_id,
                step_cases.c.case_id,
                step_cases.c.stage,
                cases.c.skipped,
                steps.c.status,
                effective_due_date().label("due"),
            )
            .select_from(step_cases)
            .join(cases, cases.c.id == step_cases.c.case_id)
            .join(steps, steps.c.id == step_cases.c.step_id)
            .join(installments, installments.c.id == cases.c.installment_id)
            .where(step_cases.c.stage.in_(self.order))
            .order_by(step_cases.c.step_id, step_cases.c.case_id)
        )

    def planned(self, on: date) -> None:
        """What came into a step today."""
        for row in self.members():
            if (row.step_id, row.case_id) in self.came:
                continue
            self.came.add((row.step_id, row.case_id))
            one = self.stages[row.stage]
            assert on >= not_before(one, row.due), (row, on)
            assert not one.working_days or ITALY.is_working(on), (row, on)
            self._never_overtaken(row)

    def _never_overtaken(self, row: Any) -> None:
        asked = self.rejected.get(row.case_id)
        if asked is None:
            return
        if row.stage == asked or asked in row.skipped.split(","):
            del self.rejected[row.case_id]
            return
        assert self.order.index(row.stage) < self.order.index(asked), row

    def left(self, on: date) -> None:
        """What left or was done today."""
        for row in self.members():
            if row.status not in ("done", "counted") or row.step_id in self.counted:
                continue
            assert on >= not_before(self.stages[row.stage], row.due), (row, on)
        self.counted |= {s.id for s in self.office.steps("done", "counted")}

    def reject(self, step: int) -> None:
        """A stage was rejected: for the cases that were in that step."""
        inside = sa.select(step_cases.c.case_id, step_cases.c.stage).where(
            step_cases.c.step_id == step
        )
        self.rejected |= {row.case_id: row.stage for row in self.office.rows(inside)}


@tries(25)
@given(ledgers(), iters() | chains(), doings)
def test_no_stage_before_its_time_or_over_a_rejected_one(
    ledger: Ledger, procedure: Iter, happens: list[Doing]
) -> None:
    """Nothing but a reminder before the effective due date, whoever acts; what is for working days
    begins on them; after a rejection the stage is asked again before any later one."""
    with small_office() as office:
        people(office.store)
        known = fill(office, ledger, procedure)
        watch = Watch(office, procedure)
        for number in range(DAYS):
            on = office.days(number)
            today = [one for one in happens if one.day == number]
            office.on = on
            office.trust(on)
            for one in today:
                if one.what in AGREED:
                    agree(office, one, known, on)
            office.plan(on)
            watch.planned(on)
            for one in today:
                if one.what in WITH_STEPS and (rejected := work(office, one, on)):
                    watch.reject(rejected[1])
            with office.store.write() as connection:
                carry_out(connection, on, "nothing")
            watch.left(on)
