"""Case `sync`: the first load of a ledger, then the next night, against the plain merge."""

from __future__ import annotations

from collections.abc import Iterator

from bench import office
from bench.trial import Row, Trial


def two_nights(trial: Trial) -> Iterator[Row]:
    """Everything is new; the next night 5 % changed, 2 % is new, 2 % gone."""
    office.make(trial.home, trial.size, due="past")
    office.make_changed(trial.home, trial.size)
    plain = trial.run("plain_sync", "installments.csv")
    again = trial.run("plain_sync", "changed.csv")
    hub = trial.run("hub_sync", "installments.csv")
    yield Row(name="first sync", hub=hub, plain=plain, items=trial.size)
    hub = trial.run("hub_sync", "changed.csv")
    yield Row(name="sync, 9 % differ", hub=hub, plain=again, items=trial.size)
