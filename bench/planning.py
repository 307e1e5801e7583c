"""Cases `first` and `daily`: planning a day, against one statement that inserts the same steps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bench import office
from bench.trial import Row, Trial


def first_day(trial: Trial) -> Iterator[Row]:
    """93 % are due at once."""
    office.make(trial.home, trial.size, due="past")
    trial.run("hub_sync", "installments.csv")
    plain = trial.run("plain_plan", office.START.isoformat())
    hub = trial.run("hub_plan", office.START.isoformat())
    yield Row(name="plan, first day", hub=hub, plain=plain, items=hub.count("opened"))


def ordinary_day(trial: Trial) -> Iterator[Row]:
    """4 % fall due; then the same day once more, with nothing left to plan."""
    office.make(trial.home, trial.size, due="ahead")
    trial.run("hub_sync", "installments.csv")
    trial.run("hub_plan", office.START.isoformat())
    day = (office.START + timedelta(days=2)).isoformat()
    plain = trial.run("plain_plan", day)
    hub = trial.run("hub_plan", day)
    yield Row(name="plan, 4 % due", hub=hub, plain=plain, items=hub.count("opened"))
    plain = trial.run("plain_plan_again", day)
    idle = trial.run("hub_plan", day)
    yield Row(name="plan, nothing due", hub=idle, plain=plain, items=trial.size)
