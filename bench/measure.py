"""Run one measured job in a process of its own: seconds, CPU and peak memory, nothing left over."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.slow import SlowStatements, Statement


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What one job took."""

    seconds: float
    cpu: float
    """Of the process and those that it started and ended; a database server has its own."""
    peak_mb: float
    facts: dict[str, object]
    slow: list[Statement] = field(default_factory=list)

    def count(self, name: str) -> int:
        """A number among the facts."""
        return int(str(self.facts[name]))


class Stopwatch:
    """Times the part of a job that counts; set-up stays outside."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.cpu = 0.0
        self.statements = SlowStatements()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Add the time spent inside."""
        with self.statements.heard():
            started, used, by_others = time.perf_counter(), time.process_time(), _of_children()
            yield
            self.seconds += time.perf_counter() - started
            self.cpu += time.process_time() - used + _of_children() - by_others


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def report(watch: Stopwatch, **facts: object) -> None:
    """Print a job's figures for the parent process; the last line it prints."""
    figures = {
        "seconds": watch.seconds,
        "cpu": watch.cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "facts": facts,
        "slow": watch.statements.slowest(),
    }
    print(json.dumps(figures))


def job(module: str, *arguments: str) -> Measured:
    """Run `python -m module arguments` and read what it reports.

    Raises RuntimeError with the job's own words if it fails.
    """
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{module} {' '.join(arguments)} failed:\n{done.stderr[-4000:]}")
    told = json.loads(done.stdout.strip().splitlines()[-1])
    return Measured(**told | {"slow": [Statement(*one) for one in told["slow"]]})


def run_named(jobs: Mapping[str, Callable[..., None]], arguments: list[str]) -> None:
    """The other side of `Trial.run`: NAME FOLDER SERVER and what the job takes besides."""
    name, where, server, *rest = arguments
    started: Any = jobs[name]
    started(Path(where), server, *rest)
