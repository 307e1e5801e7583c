"""The page about speed says what each row of the bench compares, and its goal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bench.__main__ import CASES
from bench.machine import write_results
from bench.measure import Measured
from bench.trial import POSTGRES, SQLITE, Row, cpu_milliseconds, milliseconds, ratio, speed_up

PAGE = Path(__file__).parents[2] / "docs/reference/speed.md"


def _page() -> str:
    return PAGE.read_text(encoding="utf-8")


def _described() -> dict[str, tuple[str, str]]:
    """Case and goal by the name of the row."""
    found = re.findall(r"^\| ([^|]+) \| `(\w+)` \|.*\| ([^|]+) \|$", _page(), re.M)
    return {row: (case, goal) for row, case, goal in found}


def test_every_case_is_described() -> None:
    assert {case for case, _ in _described().values()} == set(CASES)


def test_every_goal_is_on_the_page() -> None:
    described = _described()
    for name, case in CASES.items():
        for row, goals in case.goals.items():
            of_case, said = described[row]
            assert of_case == name
            assert all(goal.words in said for goal in goals.values()), (row, said)


def _row(hub: float, plain: float, items: int = 1) -> Row:
    took = [
        Measured(seconds=seconds, cpu=seconds, peak_mb=1.0, facts={}) for seconds in (hub, plain)
    ]
    return Row(name="x", hub=took[0], plain=took[1], items=items)


def test_a_goal_is_reached_up_to_its_bound() -> None:
    assert ratio(2, postgresql=4)[SQLITE].reached(_row(2.0, 1.0))
    assert not ratio(2, postgresql=4)[SQLITE].reached(_row(3.0, 1.0))
    assert ratio(2, postgresql=4)[POSTGRES].reached(_row(3.0, 1.0))
    # Two workers took 5 s for what one did in 10: twice as fast.
    assert speed_up(2)[SQLITE].reached(_row(5.0, 10.0))
    assert not speed_up(2)[SQLITE].reached(_row(6.0, 10.0))
    assert milliseconds(100)[SQLITE].reached(_row(1.0, 9.0, items=10))
    assert not milliseconds(99)[SQLITE].reached(_row(1.0, 9.0, items=10))
    assert not cpu_milliseconds(250)[SQLITE].reached(_row(0.3, 9.0))


def test_results_stand_between_their_marks(tmp_path: Path) -> None:
    page = tmp_path / "speed.md"
    page.write_text(_page(), encoding="utf-8")
    write_results(page, "| first |\n")
    write_results(page, "| second |\n")
    text = page.read_text(encoding="utf-8")
    assert text.count("| second |") == 1 and "| first |" not in text
    assert text.partition("## Results")[0] == _page().partition("## Results")[0]
    page.write_text("no marks", encoding="utf-8")
    with pytest.raises(ValueError, match="no place for results"):
        write_results(page, "")
