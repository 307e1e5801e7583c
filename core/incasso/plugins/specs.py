"""The hook promises as pluggy sees them: one manager per instance, misspelt hooks refused."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, Final

import pluggy
from pluggy import HookspecOpts

from incasso.contract.capabilities import (
    Capability,
    ChannelCapability,
    ConnectorCapability,
    Family,
    ProviderCapability,
)
from incasso.contract.channel import ChannelSpec
from incasso.contract.connector import ConnectorSpec
from incasso.contract.general import GeneralSpec
from incasso.contract.hooks import InstanceSpec
from incasso.contract.provider import ProviderSpec
from incasso.plugins.settings.problems import nearest

SPECS: Final[Mapping[Family, type[InstanceSpec]]] = {
    Family.CONNECTOR: ConnectorSpec,
    Family.CHANNEL: ChannelSpec,
    Family.PROVIDER: ProviderSpec,
}

REQUIRED: Final[Mapping[Family, tuple[str, ...]]] = {
    Family.CONNECTOR: ("instance_check", "erp_pull_clients", "erp_pull_installments"),
    Family.CHANNEL: ("instance_check", "channel_prepare", "channel_send"),
    Family.PROVIDER: ("instance_check", "provider_submit", "provider_pull_updates"),
}

BEHIND: Final[Mapping[Family, Mapping[Capability, tuple[str, ...]]]] = {
    Family.CONNECTOR: {
        ConnectorCapability.REFRESH: ("erp_refresh_installments",),
        ConnectorCapability.DOCUMENTS: ("erp_fetch_document",),
        ConnectorCapability.WRITE_BACK: ("erp_write_back",),
        ConnectorCapability.PEOPLE: ("erp_pull_agents", "erp_pull_depots"),
        ConnectorCapability.TOTALS: ("erp_totals",),
        ConnectorCapability.DOCUMENT_LIST: ("erp_pull_documents",),
        ConnectorCapability.PAYMENTS: ("erp_pull_payments",),
        ConnectorCapability.BALANCES: ("erp_balances",),
        ConnectorCapability.DISCOVERY: ("erp_discover",),
    },
    Family.CHANNEL: {
        ChannelCapability.FIND: ("channel_find",),
        ChannelCapability.POLL: ("channel_poll",),
        ChannelCapability.COLLECT: ("channel_collect",),
        ChannelCapability.CALLBACKS: ("channel_parse_callback",),
    },
    Family.PROVIDER: {
        ProviderCapability.FIND: ("provider_find",),
        ProviderCapability.QUOTE: ("provider_quote",),
        ProviderCapability.AMEND: ("provider_amend",),
        ProviderCapability.RECALL: ("provider_recall",),
        ProviderCapability.CALLBACKS: ("provider_parse_callback",),
    },
}
"""The hooks that a usable capability must implement; the others promise no hook of their own.

By family: FIND of a channel and FIND of a provider are equal as texts.
"""

CAPABILITIES: Final[Mapping[Family, tuple[Capability, ...]]] = {
    Family.CONNECTOR: tuple(ConnectorCapability),
    Family.CHANNEL: tuple(ChannelCapability),
    Family.PROVIDER: tuple(ProviderCapability),
}

_BROADCAST = ("hub_", "instance_close")
_PREFIXES = ("instance_", "erp_", "channel_", "provider_", "hub_")
_MARK = "incasso_impl"


class SpecificationError(Exception):
    """A plugin object does not fit its specification; the text is for its author."""


class HookManager(pluggy.PluginManager):
    """A pluggy manager that takes every public method of a Spec class for a hook."""

    def __init__(self, spec: type) -> None:
        super().__init__("incasso")
        self.add_hookspecs(spec)

    def parse_hookspec_opts(self, module_or_class: Any, name: str) -> HookspecOpts | None:
        """Instance hooks have one answer; `hub_*` and closing are for everybody."""
        if name.startswith("_") or not callable(getattr(module_or_class, name)):
            return None
        return HookspecOpts(
            firstresult=not name.startswith(_BROADCAST),
            historic=False,
            warn_on_impl=None,
            warn_on_impl_args=None,
        )


def hooks_of(spec: type) -> tuple[str, ...]:
    """The hooks a specification promises, in the order of the page."""
    names: dict[str, None] = {}
    for base in reversed(spec.__mro__[:-1]):
        names |= {name: None for name in vars(base) if not name.startswith("_")}
    return tuple(names)


def managed(spec: type, plugin: object) -> HookManager:
    """A manager of its own for one plugin object, every hook name and argument checked.

    Raises SpecificationError naming the hook and the nearest known one.
    """
    if strange := strange_hooks(spec, plugin):
        raise SpecificationError("; ".join(strange))
    manager = HookManager(spec)
    try:
        manager.register(plugin)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise SpecificationError(str(error).split("\n")[-1].strip()) from error
    return manager


def implemented(plugin: object) -> tuple[str, ...]:
    """The names of the marked hooks of a plugin object."""
    return tuple(name for name in dir(plugin) if hasattr(_member(plugin, name), _MARK))


def strange_hooks(spec: type, plugin: object) -> list[str]:
    """Marked hooks nobody calls, and hooks somebody forgot to mark: both are silent otherwise."""
    known = hooks_of(spec)
    marked = implemented(plugin)
    wrong = [
        f"{name} is no hook here: {nearest(name, known)}" for name in marked if name not in known
    ]
    for name in dir(plugin):
        looks_like_one = name in known or name.startswith(_PREFIXES)
        if looks_like_one and name not in marked and inspect.isroutine(_member(plugin, name)):
            wrong.append(
                f"{name} lacks @hookimpl"
                if name in known
                else f"{name} is no hook here: "
                f"{nearest(name, known)}; begin its name with _ if it is your own"
            )
    return wrong


def _member(plugin: object, name: str) -> object:
    """An attribute without running properties: reading one may open a connection."""
    return inspect.getattr_static(plugin, name, None)


def general(package: object) -> HookManager:
    """The manager of a plugin package's module-level hooks."""
    return managed(GeneralSpec, package)
