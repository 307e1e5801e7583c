"""A clock that tests move by hand, and hubs around fakes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from incasso.contract.capabilities import Limits
from incasso.plugins.calls import CallRecord
from incasso.plugins.registry import Registry
from incasso.plugins.states import InstanceView
from incasso.testing.fakes import Fake, registry_of

ON = date(2026, 3, 2)


class Clock:
    """The present, until somebody moves it."""

    def __init__(self) -> None:
        self.instant = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.instant

    def pass_by(self, **span: float) -> None:
        self.instant += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def records() -> list[CallRecord]:
    return []


@pytest.fixture
def states() -> list[InstanceView]:
    """Every change of state that the hub was told."""
    return []


Start = Callable[..., Registry]


@pytest.fixture
def start(clock: Clock, records: list[CallRecord], states: list[InstanceView]) -> Iterator[Start]:
    """A hub around fakes, with deadlines a hundred times shorter where asked."""
    started: list[Registry] = []

    def begin(patience: float = 1.0, limits: Limits | None = None, **fakes: Fake) -> Registry:
        registry = registry_of(
            fakes,
            now=clock,
            on_call=records.append,
            on_state=states.append,
            limits=limits,
            patience=patience,
        )
        started.append(registry)
        return registry

    yield begin
    for registry in started:
        registry.close()


def view(registry: Registry, id: str) -> InstanceView:
    """The state of one instance now."""
    [found] = [each for each in registry.instances() if each.id == id]
    return found
