"""What a case of the bench is: it gets a `Trial`, and yields a `Row` for each figure.

A row always compares: the hub's job with the plain way to do the same, measured in the same run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from bench.measure import Measured, job

SQLITE: Final = "sqlite"
POSTGRES: Final = "postgresql"
DATABASES: Final = (SQLITE, POSTGRES)
MOST_MEMORY: Final = 300.0
"""Megabytes a process may take at its peak, whatever the size."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One case on one database at one size, with a folder and an empty database of its own."""

    home: Path
    url: str
    """`sqlite`, or the URL of an empty PostgreSQL database."""
    kind: str
    size: int

    def run(self, name: str, *arguments: str, module: str = "bench.jobs") -> Measured:
        """Run a job in a process of its own: `python -m MODULE NAME HOME URL ARGUMENTS`."""
        return job(module, name, str(self.home), self.url, *arguments)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table."""

    name: str
    hub: Measured
    plain: Measured
    items: int
    """How many things were done; 1 where the seconds are those of one already."""

    @property
    def ratio(self) -> float:
        """Wall time against the plain way; below 1 the hub is faster."""
        return self.hub.seconds / max(self.plain.seconds, 1e-6)

    @property
    def cpu_ratio(self) -> float | None:
        """The same of the processes' own CPU time; none where the plain way took hardly any."""
        return self.hub.cpu / self.plain.cpu if self.plain.cpu >= 0.001 else None

    @property
    def each(self) -> float:
        """Seconds for one item."""
        return self.hub.seconds / max(self.items, 1)


@dataclass(frozen=True)
class Goal:
    """What a row shall reach: the words, and whether a row does."""

    words: str
    reached: Callable[[Row], bool]


Goals: TypeAlias = Mapping[str, Goal]
"""A goal for each database."""


def ratio(most: float, *, postgresql: float | None = None) -> Goals:
    """At most so many times the plain way's wall time."""
    limits = {SQLITE: most, POSTGRES: most if postgresql is None else postgresql}
    return {kind: _at_most(limit) for kind, limit in limits.items()}


def _at_most(limit: float) -> Goal:
    return Goal(f"≤ {limit:g} ×", lambda row: row.ratio <= limit)


def speed_up(least: float) -> Goals:
    """At least so many times as fast as the plain way (one worker against several)."""
    goal = Goal(f"≥ {least:g} × as fast", lambda row: row.ratio <= 1 / least)
    return dict.fromkeys(DATABASES, goal)


def milliseconds(most: float) -> Goals:
    """At most so long for one item, whatever the plain way takes."""
    goal = Goal(f"≤ {most:g} ms", lambda row: row.each * 1000 <= most)
    return dict.fromkeys(DATABASES, goal)


def cpu_milliseconds(most: float) -> Goals:
    """At most so much CPU, whatever the plain way takes."""
    goal = Goal(f"≤ {most:g} ms CPU", lambda row: row.hub.cpu * 1000 <= most)
    return dict.fromkeys(DATABASES, goal)


@dataclass(frozen=True)
class Case:
    """Some rows that are measured together."""

    rows: Callable[[Trial], Iterator[Row]]
    goals: Mapping[str, Goals]
    """By the name of the row; a row that is not named has none."""
    own_size: int | None = None
    """The number of things, where that is not the ledger's: such a case runs once per database."""
    quick_size: int = 10_000
    databases: tuple[str, ...] = DATABASES
    quick_on: tuple[str, ...] = DATABASES
    """Of these, where `make bench-quick` measures it: it must end in two minutes."""
