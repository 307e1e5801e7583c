"""Hooks of the package itself: each is asked alone, and a bad one is only logged."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest

from incasso.contract.general import HubEvent, Objection, PlannedStep
from incasso.contract.hooks import hookimpl
from incasso.contract.media import Medium
from incasso.plugins.broadcast import Broadcast
from incasso.plugins.discovery import inspect_packages
from incasso.plugins.unheard import unheard
from incasso.testing.fakes.registry import package_of

STEP = PlannedStep(
    id="1",
    source="acme",
    client="C001",
    iter="bonifico",
    stage="primo",
    medium=Medium.EMAIL,
    due_on=date(2026, 3, 2),
    installments=("C001-12-1",),
    total=Decimal("120.50"),
    currency="EUR",
)
EVENT = HubEvent(id="e1", kind="delivery.accepted", at=datetime(2026, 3, 2, tzinfo=UTC))

Make = Callable[..., Broadcast]


def package(name: str, hook: str, does: Callable[[Any], Any]) -> ModuleType:
    module = package_of(name)
    if hook == "hub_event":

        @hookimpl
        def heard(event: HubEvent) -> Any:
            return does(event)

    else:

        @hookimpl
        def heard(step: PlannedStep) -> Any:  # type: ignore[misc]
            return does(step)

    setattr(module, hook, heard)
    return module


@pytest.fixture
def among() -> Iterator[Make]:
    """Ask and tell packages that implement one hook."""
    made: list[Broadcast] = []

    def make(hook: str, **packages: Callable[[Any], Any]) -> Broadcast:
        modules = {name: package(name, hook, does) for name, does in packages.items()}
        found = inspect_packages(modules)
        assert found.failures == ()
        made.append(Broadcast(found.packages, patience=0.1))
        return made[-1]

    yield make
    for broadcast in made:
        broadcast.close()


def fails(_: Any) -> Any:
    raise KeyError("x")


def ends(_: Any) -> Any:
    raise SystemExit(1)


def hangs(_: Any) -> Any:
    time.sleep(1)


def halfway(_: Any) -> Any:
    yield Objection(reason="one")
    raise KeyError("two")


BAD = {"fails": fails, "ends": ends, "hangs": hangs}


@pytest.mark.parametrize("bad", [*BAD.values(), halfway], ids=[*BAD, "halfway"])
def test_one_bad_package_does_not_silence_the_rest(among: Make, bad: Any) -> None:
    def objects(step: PlannedStep) -> list[Objection]:
        return [Objection(reason=f"{step.client} is a friend", blocks=False)]

    broadcast = among("hub_step_objections", a=objects, b=bad, c=objects)
    assert [each.reason for each in broadcast.objections(STEP)] == ["C001 is a friend"] * 2


@pytest.mark.parametrize("bad", [fails, ends, hangs])
def test_hub_event_reaches_everybody(among: Make, bad: Any) -> None:
    heard: list[str] = []
    broadcast = among(
        "hub_event",
        a=lambda event: heard.append(f"a {event.id}"),
        b=bad,
        c=lambda event: heard.append(f"c {event.id}"),
    )
    broadcast.tell(EVENT)
    assert heard == ["a e1", "c e1"]


def test_hub_placeholders_carry_the_name_of_their_package(among: Make) -> None:
    broadcast = among(
        "hub_placeholders",
        zeus=lambda step: {"zeus_agent": "Carlo", "total": "0.00"},
        bad=lambda step: {"bad_number": 7},
        none=lambda step: None,
    )
    assert broadcast.placeholders(STEP) == {"zeus_agent": "Carlo"}


def test_packages_without_the_hook_cost_nothing(among: Make) -> None:
    broadcast = among("hub_event", a=fails)
    assert broadcast.objections(STEP) == () and broadcast.placeholders(STEP) == {}


def test_an_objection_with_a_wrong_field_still_holds_the_step(among: Make) -> None:
    bad: Any = Objection(reason=None, blocks=False)  # type: ignore[arg-type]
    broadcast = among("hub_step_objections", zeus=lambda step: [bad])
    [objection] = broadcast.objections(STEP)
    assert objection.blocks and "the plugin zeus objects" in objection.reason


@pytest.mark.parametrize("answer", [("no",), "no", 7, [7], [None], {"why": "no"}], ids=repr)
def test_what_is_no_objection_holds_the_step_and_is_said_once(among: Make, answer: Any) -> None:
    unheard.clear()
    broadcast = among("hub_step_objections", zeus=lambda step: answer)
    for _ in range(2):
        [objection] = broadcast.objections(STEP)
        assert objection.blocks and "the plugin zeus objects" in objection.reason
    [(who, words)] = unheard.items()
    assert who == ("zeus", "hub_step_objections") and "not Objection" in words


def test_a_package_that_ends_the_process_is_named_for_the_screen(among: Make) -> None:
    unheard.clear()
    among("hub_event", zeus=ends).tell(EVENT)
    assert unheard == {("zeus", "hub_event"): "SystemExit: 1"}


def test_a_placeholder_that_cannot_be_stored_is_left_out(among: Make) -> None:
    broadcast = among("hub_placeholders", zeus=lambda step: {"zeus_a": "nul\0"})
    assert broadcast.placeholders(STEP) == {}
