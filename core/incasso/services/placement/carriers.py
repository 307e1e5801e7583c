"""Which plugin instance carries what is exchanged with a provider, and the other way round."""

from __future__ import annotations

from collections.abc import Mapping

from incasso.contract.errors import ConfigurationError
from incasso.contract.text import text
from incasso.plugins.handles import ProviderHandle
from incasso.services.hub.hub import Hub
from incasso.store.placement.providers import read_providers


def instances(hub: Hub) -> Mapping[str, str]:
    """By provider, the instance that its data names; a provider without data of its own goes by
    the instance's name."""
    with hub.store.read() as connection:
        known = read_providers(connection)
    named = {key: each.instance for key, each in known.items() if each.instance}
    free = {each.id for each in hub.registry.providers()} - set(named.values())
    return {**{name: name for name in free}, **named}


def carriers(hub: Hub) -> dict[str, ProviderHandle]:
    """By provider, the instance that carries its files or asks its web service."""
    handles = {each.id: each for each in hub.registry.providers()}
    return {key: handles[name] for key, name in instances(hub).items() if name in handles}


def need_carrier(hub: Hub, provider: str) -> ProviderHandle:
    """The instance of a provider. Raises ConfigurationError if it has none."""
    known = carriers(hub)
    if provider in known:
        return known[provider]
    raise ConfigurationError(
        text(
            "Nothing in plugins.toml carries files of “{provider}”: known are {known}.",
            provider=provider,
            known=sorted(known) or text("none"),
        )
    )
