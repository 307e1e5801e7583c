"""A registry around given plugin objects: no entry points, no file, the real guard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

from incasso.contract.capabilities import FULL, Family, Limits, PluginKind
from incasso.contract.hooks import hookimpl
from incasso.plugins.calls import CallSink
from incasso.plugins.discovery import Discovery, inspect_packages
from incasso.plugins.health import StateSink
from incasso.plugins.registry import Registry, build_registry
from incasso.plugins.settings.config import Company, HubConfig
from incasso.testing.fakes.channel import FakeChannel
from incasso.testing.fakes.connector import FakeConnector
from incasso.testing.fakes.provider import FakeProvider

Fake: TypeAlias = FakeConnector | FakeChannel | FakeProvider


@dataclass(frozen=True)
class NoSettings:
    """A fake has nothing to configure."""


def kind_of(fake: Fake, name: str, limits: Limits | None = None) -> PluginKind:
    """A kind whose every instance is this very object."""
    return PluginKind(
        family=fake.family,
        name=name,
        summary="a fake",
        factory=lambda settings: fake,
        settings=NoSettings,
        capabilities=dict.fromkeys(fake.capabilities, FULL),
        limits=limits or Limits(max_parallel=4),
        media=fake.media,
    )


def package_of(name: str, *kinds: PluginKind) -> ModuleType:
    """A plugin package that brings these kinds."""
    package = ModuleType(name)

    @hookimpl
    def hub_kinds() -> tuple[PluginKind, ...]:
        return kinds

    package.hub_kinds = hub_kinds  # type: ignore[attr-defined]
    return package


def config_of(
    fakes: Mapping[str, Fake],
    *,
    path: Path = Path("plugins.toml"),
    companies: Mapping[str, Company] | None = None,
) -> HubConfig:
    """The configuration that names each fake as an instance; connectors are the sources."""
    tables: dict[Family, dict[str, dict[str, Any]]] = {family: {} for family in Family}
    for name, fake in fakes.items():
        table: dict[str, Any] = {"plugin": name}
        if not isinstance(fake, FakeConnector) and fake.sources:
            table["sources"] = list(fake.sources)
        tables[fake.family][name] = table
    return HubConfig(
        path=path.absolute(),
        database_url=f"sqlite:///{path.absolute().parent / 'incasso.db'}",
        archive=path.absolute().parent / "archive",
        tables=tables,
        companies=companies or {},
    )


def discovery_of(fakes: Mapping[str, Fake], limits: Limits | None = None) -> Discovery:
    """What discovery would find if each fake were an installed package."""
    return inspect_packages(
        {name: package_of(name, kind_of(fake, name, limits)) for name, fake in fakes.items()}
    )


def registry_of(
    fakes: Mapping[str, Fake],
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    on_call: CallSink | None = None,
    on_state: StateSink | None = None,
    limits: Limits | None = None,
    patience: float = 1.0,
    config: HubConfig | None = None,
) -> Registry:
    """A registry with one instance per fake, e.g. `{"acme": FakeConnector(…), "mail": …}`."""
    return build_registry(
        config or config_of(fakes),
        now=now,
        on_call=on_call,
        on_state=on_state,
        discovery=discovery_of(fakes, limits),
        patience=patience,
    )
