"""How often something hard was tried: kills, spoiled inputs. Each run of the tests prints the sums.

A test counts with `tried("kills")`; the counts travel with its report, also from pytest's workers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import pytest

_tally: Counter[str] = Counter()

PROPERTY = "tried"


def tried(what: str, times: int = 1) -> None:
    """So many more of these were tried by the test that runs now."""
    _tally[what] += times


def attach(item: pytest.Item) -> None:
    """Put what the test counted on its report, and begin anew."""
    item.user_properties.extend((PROPERTY, f"{what}: {n}") for what, n in sorted(_tally.items()))
    _tally.clear()


def sums(reports: Iterable[pytest.TestReport]) -> Iterator[tuple[str, int]]:
    """What all tests tried, by name."""
    total: Counter[str] = Counter()
    for report in reports:
        for name, value in report.user_properties:
            if name == PROPERTY:
                what, _, times = str(value).rpartition(": ")
                total[what] += int(times)
    yield from sorted(total.items())
