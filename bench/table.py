"""The figures on paper: a line as soon as each is known, the whole table at the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from rich.console import Console
from rich.table import Table

from bench.slow import Statement
from bench.trial import MOST_MEMORY, Goals, Row, Trial

HEADINGS: Final = (
    "case",
    "database",
    "N",
    "plain s",
    "hub s",
    "ratio",
    "CPU s",
    "CPU ratio",
    "goal",
    "reached",
    "each",
    "MB",
)


class Line(NamedTuple):
    """A row with where it was measured."""

    row: Row
    kind: str
    size: int
    goals: Goals

    @property
    def cells(self) -> tuple[str, ...]:
        """What the table shows of it, under `HEADINGS`."""
        row, goal = self.row, self.goals.get(self.kind)
        small = row.hub.peak_mb <= MOST_MEMORY
        return (
            row.name,
            self.kind,
            f"{self.size:,}",
            f"{row.plain.seconds:.3f}",
            f"{row.hub.seconds:.3f}",
            f"{row.ratio:.2f}",
            f"{row.hub.cpu:.3f}",
            "–" if row.cpu_ratio is None else f"{row.cpu_ratio:.2f}",
            goal.words if goal else "",
            ("yes" if goal.reached(row) else "no") if goal else "",
            _short(row.each),
            f"{row.hub.peak_mb:.0f}" + ("" if small else f" > {MOST_MEMORY:.0f}"),
        )


def _short(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds >= 0.001 else f"{seconds * 1e6:.1f} µs"


class Figures:
    """All lines of a run."""

    def __init__(self, console: Console) -> None:
        self.lines: list[Line] = []
        self._console = console

    def add(self, trial: Trial, row: Row, goals: Mapping[str, Goals]) -> None:
        """Print a line as soon as it is known, with its slow statements."""
        line = Line(row, trial.kind, trial.size, goals.get(row.name, {}))
        self.lines.append(line)
        told = dict(zip(HEADINGS, line.cells, strict=True))
        self._say(
            f"{told['case']:20} {told['database']:10} {told['N']:>9}  plain {told['plain s']:>8} s"
            f"  hub {told['hub s']:>8} s  ratio {told['ratio']:>5} (CPU {told['CPU ratio']:>5})"
            f"  {told['goal']:12} {told['reached']:3}  {told['each']:>9} each  {told['MB']:>4} MB"
            f"  hub {row.hub.facts} plain {row.plain.facts}"
        )
        for statement in row.hub.slow:
            self._say(_told(statement))

    def _say(self, words: str) -> None:
        self._console.print(words, highlight=False, markup=False, soft_wrap=True)

    def close(self) -> None:
        """The whole table once more."""
        table = Table(*HEADINGS)
        for line in self.lines:
            table.add_row(*line.cells)
        self._console.print(table)

    def markdown(self) -> str:
        """The table as a page of documentation has it."""
        rows = [HEADINGS, tuple("---" for _ in HEADINGS), *(line.cells for line in self.lines)]
        return "".join(f"| {' | '.join(cells)} |\n" for cells in rows)


def _told(statement: Statement) -> str:
    return (
        f"    {statement.seconds:8.3f} s in {statement.runs:,} runs,"
        f" slowest {statement.slowest * 1000:.0f} ms: {statement.sql[:300]}"
    )
