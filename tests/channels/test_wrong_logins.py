"""A wrong login of any kind stops its channel at the first refusal, and is told with the cure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.channels.every_kind import DAY, KINDS, EveryKind, every_kind
from tests.cli.command import Ended


@dataclass
class Refused:
    """An office all of whose secrets are wrong, after two dispatches and a run."""

    office: EveryKind
    after_first: dict[str, int]
    after_all: dict[str, int]
    dispatches: tuple[Ended, Ended]
    run: Ended
    deliveries: list[dict[str, Any]]
    steps: list[dict[str, Any]]


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Refused]:
    with every_kind(tmp_path_factory.mktemp("refused") / "office") as office:
        for name, server in office.servers.items():
            office.secret(name, server.wrong)
        office.planned()
        first = office.tries("dispatch", "--on", DAY, "--really-send")
        after_first = {name: server.logins() for name, server in office.servers.items()}
        second = office.tries("dispatch", "--on", DAY, "--really-send")
        run = office.tries("run", "--on", DAY, "--really-send")
        after_all = {name: server.logins() for name, server in office.servers.items()}
        steps = office.do("steps", "--format", "json").rows()
        deliveries = office.do("deliveries", "--format", "json").rows()
        yield Refused(office, after_first, after_all, (first, second), run, deliveries, steps)


def test_the_whole_office_is_told_and_goes_on(refused: Refused) -> None:
    for ended in refused.dispatches:
        assert not ended.has_traceback
    assert {row["client"] for row in refused.steps} == set(KINDS)


@pytest.mark.parametrize("name", KINDS)
def test_it_stops_at_the_first_refusal(refused: Refused, name: str) -> None:
    """Repeated failures get a mailbox locked."""
    assert refused.after_first[name] == 1
    assert refused.after_all[name] == 1, "a new process does not try again"


@pytest.mark.parametrize("name", KINDS)
def test_the_message_waits_and_nothing_is_burned(refused: Refused, name: str) -> None:
    assert [row["status"] for row in refused.steps if row["client"] == name] == ["ready"]
    (delivery,) = [row for row in refused.deliveries if row["client"] == name]
    assert (delivery["status"], delivery["attempts"]) == ("queued", 0)


@pytest.mark.parametrize("name", KINDS)
def test_the_operator_is_told_once_with_the_cure(refused: Refused, name: str) -> None:
    first, second = (ended.err for ended in refused.dispatches)
    told = [line for line in first.splitlines() if line.startswith(f"{name} has stopped: ")]
    assert len(told) == 1, first
    assert told[0].endswith(f"with `incasso check {name}`.")
    assert first.count("1 waits: ") == first.count("2 wait: ") == 0, "said with the cure already"
    assert "has stopped" not in second, "from then on only its messages say why they wait"
    assert f"1 waits: {name} is paused: " in second


@pytest.mark.parametrize("name", KINDS)
def test_a_later_run_says_why_it_waits_and_says_it_once(refused: Refused, name: str) -> None:
    """Collecting and sending both find the channel paused."""
    reason = f" {name} is paused: "
    assert refused.run.err.count(reason) == 1, refused.run.err
    assert f"1 waits:{reason}" in refused.run.err
