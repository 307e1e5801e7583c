"""A hub: an office with its plugins, opened and closed together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from incasso.plugins.registry import Registry, build_registry
from incasso.plugins.settings.config import HubConfig, load_config
from incasso.services.hub.plugin_log import PluginLog, follow_pauses, restore_states
from incasso.services.hub.plugin_state import EncryptedRows
from incasso.services.office.office import Office, utc_now
from incasso.services.office.opening import store_of
from incasso.store.proof.hub_key import HubKey


@dataclass(frozen=True, kw_only=True)
class Hub(Office):
    """An office that can also read ledgers, send messages and write into ERPs."""

    registry: Registry
    plugin_log: PluginLog = field(default_factory=PluginLog, repr=False, compare=False)
    opens_again: bool = False
    """Whether another process that opens the same configuration has the same hub."""

    def close(self) -> None:
        """Save what the plugins did, close them, then the database. Harmless twice."""
        self.write_plugin_log()
        self.registry.close()
        super().close()

    def follow_pauses(self) -> None:
        """See which instances others have paused or checked; long-running processes do it."""
        follow_pauses(self.store, self.registry)

    def write_plugin_log(self) -> None:
        """Save calls and states; long-running processes do it now and then."""
        self.plugin_log.write(self.store, self.registry, self.now())


def build_hub(path: Path, *, now: Callable[[], datetime] = utc_now) -> Hub:
    """Open the hub that a plugins.toml describes; it starts with every plugin broken.

    Raises ConfigurationError for mistakes in the hub's own tables.
    """
    return hub_of(load_config(path), now=now)


def hub_of(config: HubConfig, *, now: Callable[[], datetime] = utc_now) -> Hub:
    """Open the hub of a configuration that was read."""
    log = PluginLog()
    store = store_of(config)
    state = EncryptedRows(store, HubKey(config.key_file, config.key), now)
    registry = build_registry(config, now=now, on_call=log.add, state=state)
    restore_states(store, registry, now())
    return Hub(
        config=config,
        store=store,
        registry=registry,
        now=now,
        plugin_log=log,
        opens_again=now is utc_now,
    )
