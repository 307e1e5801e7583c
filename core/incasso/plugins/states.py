"""The states of a plugin instance as an operator sees them: since when, why, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from incasso.contract.capabilities import Family
from incasso.contract.errors import (
    AuthenticationError,
    ConfigurationError,
    PluginError,
    TemporaryError,
)
from incasso.contract.text import text
from incasso.contract.values import Problem
from incasso.locale.labels import PLUGIN_STATES


class State(StrEnum):
    """The state of an instance; only READY and UNREACHABLE ones are called."""

    READY = "ready"
    UNREACHABLE = "unreachable"
    PAUSED = "paused"
    MISCONFIGURED = "misconfigured"
    BROKEN = "broken"
    INCOMPATIBLE = "incompatible"
    LOAD_FAILED = "load_failed"
    UNKNOWN_KIND = "unknown_kind"
    DISABLED = "disabled"
    RETIRED = "retired"


CURES: Final[Mapping[State, str]] = {
    State.READY: "",
    State.UNREACHABLE: text(
        "it is tried again by itself; if it lasts, check network and address, or the file"
    ),
    State.PAUSED: text("correct the credentials, then check the instance"),
    State.MISCONFIGURED: text("correct its table in plugins.toml, then check it"),
    State.BROKEN: text("tell the plugin's author; the other instances go on"),
    State.INCOMPATIBLE: text("install a version of the plugin made for this hub"),
    State.LOAD_FAILED: text("reinstall the plugin or what it needs, then start the hub again"),
    State.UNKNOWN_KIND: text("install the plugin that brings this kind, or correct the name"),
    State.DISABLED: text("set enabled = true in plugins.toml to use it"),
    State.RETIRED: text("put its table back into plugins.toml to use it again"),
}
"""What to do, per state, unless the reason itself brings a better cure."""


@dataclass(frozen=True, kw_only=True)
class InstanceView:
    """One instance at one moment, for lists and pages."""

    id: str
    family: Family
    kind: str
    state: State
    since: datetime
    reason: str = ""
    hint: str = ""
    media: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    """Which sources it serves; empty means every one."""
    checked_at: datetime | None = None
    """When a check last succeeded in this process."""
    remote_identity: str = ""


def refusal(view: InstanceView) -> PluginError:
    """The error of a call to an instance in this state: its class says when to retry."""
    state = PLUGIN_STATES[view.state]
    said = text("{id} is {state}", id=view.id, state=state)
    if view.reason:
        said = text("{id} is {state}: {reason}", id=view.id, state=state, reason=view.reason)
    match view.state:
        case State.PAUSED:
            return AuthenticationError(said)
        case State.UNREACHABLE:
            return TemporaryError(said)
        case _:
            cure = "" if view.hint == CURES[view.state] else view.hint
            return ConfigurationError((Problem(code="configuration", message=said, hint=cure),))
