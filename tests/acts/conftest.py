"""A hub around the empty store, with a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from incasso.contract.capabilities import Family
from incasso.plugins.registry import build_registry
from incasso.plugins.settings.config import HubConfig
from incasso.services.hub.hub import Hub
from incasso.store.engine import Store
from tests.acts.office import NOON, Small, small_office


@pytest.fixture
def hub(store: Store, tmp_path: Path) -> Iterator[Hub]:
    """A hub without any plugin instance."""
    tables = {Family.CONNECTOR: {name: {"plugin": "none"} for name in ("acme", "beta")}}
    config = HubConfig(path=tmp_path / "plugins.toml", tables=tables)
    registry = build_registry(config, now=lambda: NOON)
    yield Hub(config=config, store=store, registry=registry, now=lambda: NOON)
    registry.close()


@pytest.fixture
def small(hub: Hub) -> Small:
    """One client with two late installments, each with a case, both in one ready step."""
    return small_office(hub.store)
