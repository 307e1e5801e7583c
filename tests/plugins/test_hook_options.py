"""Pluggy's options: honoured on the hooks of the package itself, refused by name elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from types import ModuleType
from typing import Any

import pytest

from incasso.contract.capabilities import Family
from incasso.contract.general import HubEvent, Objection, PlannedStep
from incasso.contract.hooks import hookimpl
from incasso.plugins.broadcast import Broadcast
from incasso.plugins.discovery import inspect_packages
from incasso.plugins.specs import SPECS, SpecificationError, managed
from incasso.testing.fakes import FakeChannel, kind_of
from incasso.testing.fakes.registry import package_of
from tests.plugins.test_broadcast import EVENT, STEP

Open = Callable[..., Broadcast]


@pytest.fixture
def opened() -> Iterator[Open]:
    """The packages as the hub holds them, by name."""
    made: list[Broadcast] = []

    def begin(**packages: ModuleType) -> Broadcast:
        found = inspect_packages(packages)
        assert found.failures == ()
        made.append(Broadcast(found.packages))
        return made[-1]

    yield begin
    for broadcast in made:
        broadcast.close()


def hearing(name: str, heard: list[str], **options: Any) -> ModuleType:
    """A package that notes each event under its name."""
    module = package_of(name)

    @hookimpl(specname="hub_event", **options)
    def listen(event: HubEvent) -> None:
        heard.append(f"{name} {event.id}")

    module.listen = listen  # type: ignore[attr-defined]
    return module


def test_tryfirst_and_trylast_come_before_the_names(opened: Open) -> None:
    heard: list[str] = []
    broadcast = opened(
        anna=hearing("anna", heard, trylast=True),
        berta=hearing("berta", heard),
        carla=hearing("carla", heard, tryfirst=True),
    )
    broadcast.tell(EVENT)
    assert heard == ["carla e1", "berta e1", "anna e1"]


def test_one_package_may_object_in_several_functions(opened: Open) -> None:
    module = package_of("sales")

    @hookimpl(specname="hub_step_objections")
    def by_client(step: PlannedStep) -> list[Objection]:
        return [Objection(reason=f"{step.client} is a friend")]

    @hookimpl(specname="hub_step_objections", tryfirst=True)
    def by_day(step: PlannedStep) -> list[Objection]:
        return [Objection(reason="a fair is on")]

    vars(module).update(by_client=by_client, by_day=by_day)
    reasons = [each.reason for each in opened(sales=module).objections(STEP)]
    assert reasons == ["a fair is on", "C001 is a friend"]


def test_a_wrapper_goes_around_its_own_package_only(opened: Open) -> None:
    module, other = package_of("sales"), package_of("other")

    @hookimpl
    def hub_step_objections(step: PlannedStep) -> list[Objection]:
        return [Objection(reason="hard"), Objection(reason="soft")]

    @hookimpl(specname="hub_step_objections", wrapper=True)
    def softened() -> Generator[None, list[list[Objection]], list[list[Objection]]]:
        answers = yield
        return [[each for each in answer if each.reason == "soft"] for answer in answers]

    vars(module).update(hub_step_objections=hub_step_objections, softened=softened)
    vars(other).update(hub_step_objections=hub_step_objections)
    reasons = [each.reason for each in opened(other=other, sales=module).objections(STEP)]
    assert reasons == ["hard", "soft", "soft"]


def test_placeholders_and_kinds_of_several_functions_are_united(opened: Open) -> None:
    module = package_of("zeus", kind_of(FakeChannel(), "zeus"))
    more = hookimpl(specname="hub_kinds")(lambda: [kind_of(FakeChannel(), "hera")])
    one = hookimpl(specname="hub_placeholders")(lambda step: {"zeus_agent": "Carlo"})
    two = hookimpl(specname="hub_placeholders")(lambda step: {"zeus_area": "Nord"})
    vars(module).update(more=more, one=one, two=two)
    found = inspect_packages({"zeus": module})
    assert {name for _, name in found.kinds} == {"zeus", "hera"}
    assert opened(zeus=module).placeholders(STEP) == {"zeus_agent": "Carlo", "zeus_area": "Nord"}


@pytest.mark.parametrize("option", ["specname", "tryfirst", "trylast", "wrapper"])
@pytest.mark.parametrize("family", Family)
def test_an_instances_hook_has_no_options(family: Family, option: str) -> None:
    options: dict[str, Any] = {option: "instance_check" if option == "specname" else True}

    class Wrong:
        @hookimpl(**options)  # type: ignore[untyped-decorator]
        def instance_check(self) -> object: ...

    with pytest.raises(SpecificationError, match=f"instance_check has the option {option}"):
        managed(SPECS[family], Wrong())


def test_a_wrong_specname_and_a_wrapper_without_yield_are_named() -> None:
    misspelt, plain = package_of("a"), package_of("b")
    vars(misspelt).update(listen=hookimpl(specname="hub_events")(lambda event: None))
    vars(plain).update(around=hookimpl(specname="hub_event", wrapper=True)(lambda event: None))
    first, second = inspect_packages({"a": misspelt, "b": plain}).failures
    assert "hub_events is no hook here" in first.reason and "hub_event" in first.reason
    assert second.reason == "around is a wrapper and must have one yield"
