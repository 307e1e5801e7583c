"""Wire one hub: configuration, database, plugins and clock, opened and closed together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType

from incasso.plugins.registry import Registry, build_registry
from incasso.plugins.settings.config import HubConfig, load_config
from incasso.services.running.plugin_log import PluginLog, carry_over
from incasso.store.engine import Store, open_store


@dataclass(frozen=True, kw_only=True)
class Hub:
    """Everything a service needs. Business dates are passed in; instants come from here."""

    config: HubConfig
    store: Store
    registry: Registry
    now: Callable[[], datetime]
    plugin_log: PluginLog = field(default_factory=PluginLog, repr=False, compare=False)

    def today(self) -> date:
        """The business day in the office's time zone; only the command line asks for it."""
        return self.now().astimezone(self.config.timezone).date()

    def close(self) -> None:
        """Save what the plugins did, close them, then the database. Harmless twice."""
        self.write_plugin_log()
        self.registry.close()
        self.store.close()

    def write_plugin_log(self) -> None:
        """Save calls and states; long-running processes do it now and then."""
        self.plugin_log.write(self.store, self.registry, self.now())

    def __enter__(self) -> Hub:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def utc_now() -> datetime:
    """The system clock: the one place that reads it."""
    return datetime.now(UTC)


def build_hub(path: Path, *, now: Callable[[], datetime] = utc_now) -> Hub:
    """Open the hub that a plugins.toml describes; it starts with every plugin broken.

    Raises ConfigurationError for mistakes in the hub's own tables.
    """
    config = load_config(path)
    log = PluginLog()
    registry = build_registry(config, now=now, on_call=log.add)
    store = open_store(config.database_url, config.archive)
    carry_over(store, registry, now())
    return Hub(config=config, store=store, registry=registry, now=now, plugin_log=log)
