"""Play several weeks of an office: a ledger every morning, a cycle, people at work, a summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from time import monotonic

from incasso.contract.text import in_a_row, text
from incasso.demo.office import RESPONSIBLE, furnish, ready_folder
from incasso.demo.play_people import work
from incasso.demo.play_summary import MEDIA, CameIn, Summary
from incasso.demo.play_telling import (
    a_step,
    a_story,
    a_why,
    open_items,
    refused,
    to_do,
    what_came_back,
    what_left,
)
from incasso.demo.portfolio import Portfolio
from incasso.demo.world import world
from incasso.domain.calendar import Calendar
from incasso.domain.ledger.states import RunStatus
from incasso.domain.office.actor import CLOCK
from incasso.locale import localize, reading_language
from incasso.services.hub.hub import Hub, build_hub
from incasso.services.ledger.sync import SyncReport, sync
from incasso.services.office.actors import person_named
from incasso.services.running.cycle import CycleReport, run

SEED = 2026
START = date(2026, 9, 1)
WEEKS = 6


def play(
    folder: Path,
    seed: int = SEED,
    start: date = START,
    weeks: int = WEEKS,
    echo: Callable[[str], None] = lambda _: None,
    *,
    clients: int = 300,
    installments: int = 1500,
) -> Summary:
    """Makes a ready office in the folder and plays its business days; asks nothing.

    Equal arguments give the same days, whatever day it really is. `echo` gets a line per day.
    Raises ConfigurationError if the folder holds something that is no demo.
    """
    began = monotonic()
    config = ready_folder(folder)
    clock = _Clock()
    portfolio = Portfolio(seed, start, clients=clients, installments=installments)
    days = list(business_days(start, weeks))
    diary = _Told()
    clock.begin(start)
    with world(folder, seed, clock.now) as around:
        around.open()
        with build_hub(config, now=clock.now) as hub:
            furnish(hub, start)
            for day in days:
                clock.begin(day)
                portfolio.write(folder / "ledger", day, with_bad_rows=True)
                around.morning()
                diary.morning(list(_morning(hub, day, echo)))
                if day != days[-1]:  # the last day is left as an office finds it in the morning
                    diary.handled += work(hub, Random(f"{seed}/{day}"), day)
                echo(diary.line(day))
            return diary.summary(hub, folder, days, monotonic() - began)


def business_days(start: date, weeks: int) -> Iterator[date]:
    """The working days of so many weeks."""
    calendar = Calendar()
    for place in range(7 * weeks):
        if calendar.is_working(day := start + timedelta(days=place)):
            yield day


def _morning(hub: Hub, day: date, echo: Callable[[str], None]) -> Iterator[CycleReport]:
    """The day's cycle; a person checks and confirms what the drop guard stopped."""
    report = run(hub, CLOCK, day, really_send=True)
    yield report
    stopped = [each for each in report.syncs if each.status == RunStatus.STOPPED]
    for each in stopped:
        stop = text("read stopped, then confirmed: {why}", why=in_a_row(each.reasons))
        echo(f"{day:%d/%m}  {_here(stop)}")
        confirmed = sync(hub, person_named(hub, RESPONSIBLE), each.source, day, confirm=True)
        yield CycleReport(on=day, syncs=[confirmed])
    if stopped:
        yield run(hub, CLOCK, day, really_send=True)


class _Clock:
    """The hub's clock: 8:30 of the day played, then one second later at each call."""

    def __init__(self) -> None:
        self._instant = datetime(2000, 1, 1, tzinfo=UTC)

    def begin(self, day: date) -> None:
        """Starts a new day."""
        self._instant = datetime.combine(day, time(7, 30), UTC)

    def now(self) -> datetime:
        """The next instant, never the same twice, so that the order of events is visible."""
        self._instant += timedelta(milliseconds=1)
        return self._instant


class _Told:
    """The sums of the daily reports."""

    def __init__(self) -> None:
        self.handled = 0
        self.rows: Counter[str] = Counter()
        self.carried_out: Counter[str] = Counter()
        self.agreements: Counter[str] = Counter()
        self.first_read = 0
        self.clients = 0
        self._today: Counter[str] = Counter()
        self._sent: Counter[str] = Counter()
        self._wrong: list[str] = []

    def morning(self, reports: list[CycleReport]) -> None:
        """Add one day's cycle, and what came after it."""
        self._today, self._sent, self._wrong = Counter(), Counter(), []
        for report in reports:
            for each in report.syncs:
                self._add(each)
            self._wrong += [f"{each.part}: {each.reason}" for each in report.failures]
            if report.planned is not None:
                self.agreements.update(kept=report.planned.kept, broken=report.planned.broken)
            if report.dispatched is not None:
                self.carried_out.update(report.dispatched.carried_out)
                self._sent.update(report.dispatched.accepted)
        self.rows.update(self._today)

    def _add(self, report: SyncReport) -> None:
        counts = report.counts
        if report.status == RunStatus.FAILED:
            self._wrong += report.reasons
        if not report.good:
            return
        if not self.first_read:
            self.clients, self.first_read = counts.clients_read, counts.new
        self._today.update(new=counts.new, paid=counts.paid, unpaid=counts.unpaid)

    def line(self, day: date) -> str:
        """One line about the day; errors replace the part that failed."""
        if self._wrong:
            return f"{day:%d/%m}  {_here(in_a_row(self._wrong))}"
        line = text(
            "new items {new}, paid {paid}, unpaid {unpaid}   left: {messages}",
            new=f"{self._today['new']:>4}",
            paid=f"{self._today['paid']:>3}",
            unpaid=f"{self._today['unpaid']:>2}",
            messages=_in_words(self._sent) or "-",
        )
        return f"{day:%d/%m}  {_here(line)}"

    def summary(self, hub: Hub, folder: Path, days: list[date], seconds: float) -> Summary:
        """Everything together, as of the last day."""
        last = days[-1]
        open_count, open_total = open_items(hub, last)
        return Summary(
            folder=folder,
            first=days[0],
            last=last,
            days=len(days),
            seconds=seconds,
            came_in=CameIn(
                clients=self.clients,
                installments=self.first_read,
                new=self.rows["new"] - self.first_read,
                paid=self.rows["paid"],
                unpaid=self.rows["unpaid"],
                open_items=open_count,
                open_total=open_total,
            ),
            left=what_left(hub),
            came_back=what_came_back(hub),
            carried_out=dict(self.carried_out),
            handled=self.handled,
            to_do=to_do(hub),
            quarantined=refused(hub),
            why=a_why(hub, last),
            kept=self.agreements["kept"],
            broken=self.agreements["broken"],
            story=a_story(hub, last),
            leaving=a_step(hub, last),
        )


def _in_words(accepted: Mapping[str, int]) -> str:
    return ", ".join(
        f"{count} {_here(MEDIA.get(medium, medium))}" for medium, count in accepted.items()
    )


def _here(words: str) -> str:
    return localize(words, reading_language())
