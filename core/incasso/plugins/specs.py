"""The declared hooks as pluggy sees them: one manager per instance, misspelt hooks refused.

pluggy compares an implementation's name and arguments with the specification, and passes it the
arguments it names and no others, so that a hook may get new ones. A manager calls every registered
plugin; a call here is for one configured instance, so each instance has its own.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
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
from incasso.contract.hooks import IMPLEMENTED, Hook, InstanceSpec, declaration
from incasso.contract.provider import ProviderSpec
from incasso.contract.settings import nearest
from incasso.contract.text import in_a_row, text

SPECS: Final[Mapping[Family, type[InstanceSpec]]] = {
    Family.CONNECTOR: ConnectorSpec,
    Family.CHANNEL: ChannelSpec,
    Family.PROVIDER: ProviderSpec,
}

CAPABILITIES: Final[Mapping[Family, tuple[Capability, ...]]] = {
    Family.CONNECTOR: tuple(ConnectorCapability),
    Family.CHANNEL: tuple(ChannelCapability),
    Family.PROVIDER: tuple(ProviderCapability),
}

_PREFIXES = ("instance_", "erp_", "channel_", "provider_", "hub_")


class SpecificationError(Exception):
    """A plugin object does not fit its specification; the text is for its author."""


class HookManager(pluggy.PluginManager):
    """A pluggy manager of one plugin object, whose specification is a Spec class."""

    def __init__(self, spec: type) -> None:
        super().__init__("incasso")
        self._one_answer = issubclass(spec, InstanceSpec)
        self.add_hookspecs(spec)

    def parse_hookspec_opts(self, module_or_class: Any, name: str) -> HookspecOpts | None:
        """Hook options of a declared method: an instance has one implementation and one answer.

        A package may have several of a hook, by `specname`, and gives a list of answers.
        """
        if declaration(getattr(module_or_class, name)) is None:
            return None
        return HookspecOpts(
            firstresult=self._one_answer, historic=False, warn_on_impl=None, warn_on_impl_args=None
        )

    def has(self, hook: str) -> bool:
        """Whether the plugin object implements a hook."""
        return bool(getattr(self.hook, hook).get_hookimpls())

    def turn(self, hook: str) -> int:
        """Where the package wants to be asked: -1 before the others, 1 behind them, else 0."""
        found = getattr(self.hook, hook).get_hookimpls()
        if any(each.tryfirst for each in found):
            return -1
        return 1 if any(each.trylast for each in found) else 0


def declarations(spec: type) -> dict[str, Hook]:
    """The hooks a specification declares, those of every instance first."""
    found: dict[str, Hook] = {}
    for base in reversed(spec.__mro__):
        for name, member in vars(base).items():
            if (declared := declaration(member)) is not None:
                found[name] = declared
    return found


def hooks_of(spec: type) -> tuple[str, ...]:
    """The names of the hooks a specification declares."""
    return tuple(declarations(spec))


def required_hooks(family: Family) -> tuple[str, ...]:
    """The hooks without which an instance of this family cannot work."""
    declared = declarations(SPECS[family])
    return tuple(name for name, hook in declared.items() if hook.required)


def hooks_behind(family: Family) -> dict[Capability, tuple[str, ...]]:
    """The hooks that a usable capability must implement; the others promise no hook of their own.

    By family: FIND of a channel and FIND of a provider are equal as texts.
    """
    found: dict[Capability, tuple[str, ...]] = {}
    for name, hook in declarations(SPECS[family]).items():
        if hook.needs is not None:
            found[hook.needs] = (*found.get(hook.needs, ()), name)
    return found


def managed(spec: type, plugin: object) -> HookManager:
    """A separate manager for one plugin object, every hook name and argument checked.

    Raises SpecificationError naming the hook and the nearest known one.
    """
    if strange := strange_hooks(spec, plugin):
        raise SpecificationError(in_a_row(strange))
    manager = HookManager(spec)
    try:
        manager.register(plugin)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise SpecificationError(str(error).split("\n")[-1].strip()) from error
    return manager


def implemented(plugin: object) -> tuple[str, ...]:
    """The names of the marked hooks of a plugin object."""
    return tuple(name for name in dir(plugin) if hasattr(_member(plugin, name), IMPLEMENTED))


def strange_hooks(spec: type, plugin: object) -> list[str]:
    """Marked methods that are no hooks, and unmarked hooks: both would never be called."""
    known = hooks_of(spec)
    marked = implemented(plugin)
    wrong = list(_strange_options(spec, plugin, marked))
    hooks = {name: _options(plugin, name).get("specname") or name for name in marked}
    wrong += [
        text("{name} is no hook here: {near}", name=hook, near=nearest(hook, known))
        for hook in hooks.values()
        if hook not in known
    ]
    for name in dir(plugin):
        looks_like_one = name in known or name.startswith(_PREFIXES)
        if looks_like_one and name not in marked and inspect.isroutine(_member(plugin, name)):
            wrong.append(_unmarked(name, known))
    return wrong


def _strange_options(spec: type, plugin: object, marked: Iterable[str]) -> Iterator[str]:
    """Options of pluggy that mean nothing for an instance, and wrappers that are none."""
    for name in marked:
        options = _options(plugin, name)
        if issubclass(spec, InstanceSpec):
            for option in (option for option, given in options.items() if given):
                yield text(
                    "{name} has the option {option}, and only hooks of the package itself "
                    "(hub_…) may have it: an instance gives one answer",
                    name=name,
                    option=option,
                )
        elif options.get("wrapper") and not inspect.isgeneratorfunction(_function(plugin, name)):
            yield text("{name} is a wrapper and must have one yield", name=name)


def _options(plugin: object, name: str) -> Mapping[str, Any]:
    options: Mapping[str, Any] = getattr(_member(plugin, name), IMPLEMENTED)
    return options


def _function(plugin: object, name: str) -> object:
    member = _member(plugin, name)
    return getattr(member, "__func__", member)


def _unmarked(name: str, known: Iterable[str]) -> str:
    if name in known:
        return text("{name} lacks @hookimpl", name=name)
    return text(
        "{name} is no hook here: {near}; begin its name with _ if it is your own",
        name=name,
        near=nearest(name, known),
    )


def _member(plugin: object, name: str) -> object:
    """An attribute, read without running properties: those might open a connection."""
    return inspect.getattr_static(plugin, name, None)


def general(package: object) -> HookManager:
    """The manager of a plugin package's module-level hooks."""
    return managed(GeneralSpec, package)
