"""How the guard treats each hook, derived from its declaration in the contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from incasso.contract.capabilities import Capability
from incasso.contract.hooks import Hook, InstanceSpec
from incasso.plugins.results import Result, result_of
from incasso.plugins.specs import SPECS, declarations


@dataclass(frozen=True, kw_only=True)
class HookRule:
    """One hook: `deadline_s` is per call, of a pull per page; `counted` calls use up the rate."""

    name: str
    deadline_s: float
    effect: bool
    local: bool
    from_outside: bool
    counted: bool
    needs: Capability | None
    never_empty: bool
    """A pull without which there is no ledger: from the beginning it gives at least one page."""
    result: Result


def _rule(name: str, method: Callable[..., Any], declared: Hook) -> HookRule:
    result = result_of(method)
    return HookRule(
        name=name,
        deadline_s=declared.deadline_s,
        effect=declared.effect,
        local=declared.local,
        from_outside=declared.from_outside,
        # Pages of a pull and checks follow the hub's schedule, not the number of messages.
        counted=not (declared.local or result.pages_of or name == CHECK_NAME),
        needs=declared.needs,
        never_empty=declared.required and bool(result.pages_of),
        result=result,
    )


CHECK_NAME: Final = InstanceSpec.instance_check.__name__

RULES: Final[Mapping[str, HookRule]] = MappingProxyType(
    {
        name: _rule(name, getattr(spec, name), declared)
        for spec in SPECS.values()
        for name, declared in declarations(spec).items()
    }
)
"""Every hook of an instance, by name."""

CHECK: Final = RULES[CHECK_NAME]
