"""Make one instance out of its table: kind, settings, plugin object, hooks; or say why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from incasso.contract.capabilities import Family, Limits, PluginKind
from incasso.contract.errors import ConfigurationError
from incasso.contract.settings import declared, nearest
from incasso.contract.text import in_a_row, text
from incasso.contract.values import Secret
from incasso.plugins.calls import CallSink
from incasso.plugins.discovery import Discovery
from incasso.plugins.folders.door import FolderDoor, Office
from incasso.plugins.ftp.door import FtpDoor
from incasso.plugins.guard import Guard
from incasso.plugins.handles import ChannelHandle, ConnectorHandle, Handle, ProviderHandle
from incasso.plugins.health import Health, StateSink
from incasso.plugins.http.door import Door
from incasso.plugins.mail.door import MailDoor
from incasso.plugins.masking import error_line, instance_log, masking
from incasso.plugins.rate import rate_of
from incasso.plugins.settings.hub_keys import HubKeys, contradictions, hub_key_names, lowered
from incasso.plugins.settings.problems import TableProblem
from incasso.plugins.settings.tables import TableError, build
from incasso.plugins.specs import (
    SPECS,
    HookManager,
    SpecificationError,
    hooks_behind,
    managed,
    required_hooks,
)
from incasso.plugins.sql.door import SqlDoor
from incasso.plugins.state import MemoryRows, StateDoor, StateRows
from incasso.plugins.states import CURES, InstanceView, State
from incasso.plugins.tariff import Tariff
from incasso.plugins.worker_pool import BusyError, DeadlineError, RaisedError, WorkerPool

T = TypeVar("T")

MAKING_S: Final = 5.0

HANDLES: Final[Mapping[Family, type[Handle]]] = {
    Family.CONNECTOR: ConnectorHandle,
    Family.CHANNEL: ChannelHandle,
    Family.PROVIDER: ProviderHandle,
}


@dataclass(frozen=True, kw_only=True)
class InstanceParts:
    """What every instance is built with."""

    base: Path
    discovery: Discovery
    sources: tuple[str, ...]
    now: Callable[[], datetime]
    on_call: CallSink
    on_state: StateSink
    patience: float = 1.0
    state: StateRows = field(default_factory=MemoryRows)
    language: str = "it"
    """In which an instance says something to others than its office's users."""


class RefusedError(Exception):
    """The instance cannot be made; holds the state an operator sees, the reason and the cure."""

    def __init__(
        self, state: State, reason: str, hint: str = "", problems: Sequence[TableProblem] = ()
    ) -> None:
        super().__init__(reason)
        self.state = state
        self.reason = reason
        self.hint = hint or CURES[state]
        self.problems = tuple(problems)


def make(
    family: Family,
    name: str,
    table: Mapping[str, Any],
    wrong: Sequence[TableProblem],
    around: InstanceParts,
) -> tuple[Handle, tuple[TableProblem, ...]]:
    """A handle in its state, and every mistake of its table. Never raises."""
    kind, keys = _kind(family, table, around.discovery), None
    where = f"{family}.{name}"
    try:
        keys = _hub_keys(family, table, where, around)
        kind = _known(family, keys, where, around)
        settings = _settings(kind, table, where, wrong, keys, around)
        return _working(family, name, kind, keys, settings, around), ()
    except RefusedError as refused:
        problems, state = refused.problems, refused
    except TableError as error:
        problems = (*wrong, *error.problems)
        state = RefusedError(State.MISCONFIGURED, _all_problems(problems))
    view = InstanceView(
        id=name,
        family=family,
        kind=str(table.get("plugin", "")),
        state=state.state,
        since=around.now(),
        reason=state.reason,
        hint=state.hint,
        media=_media(keys, kind) if kind else (),
        sources=keys.sources if keys else (),
    )
    return HANDLES[family](Health(view, around.now, around.on_state), None, kind), problems


def missing_instance(family: Family, name: str, now: datetime) -> Handle:
    """A placeholder for an instance whose table was removed while old rows still name it."""
    view = InstanceView(
        id=name,
        family=family,
        kind="",
        state=State.RETIRED,
        since=now,
        reason=text("it is no longer in plugins.toml"),
        hint=CURES[State.RETIRED],
    )
    return HANDLES[family](Health(view, lambda: now, lambda _: None), None, None)


def _kind(family: Family, table: Mapping[str, Any], discovery: Discovery) -> PluginKind | None:
    return discovery.kinds.get((family, str(table.get("plugin", ""))))


def _hub_keys(
    family: Family, table: Mapping[str, Any], where: str, around: InstanceParts
) -> HubKeys:
    own = {key: table[key] for key in hub_key_names(family) if key in table}
    keys: HubKeys = build(HubKeys, own, where=where, base=around.base)
    return keys


def _known(family: Family, keys: HubKeys, where: str, around: InstanceParts) -> PluginKind:
    """The kind behind `plugin`, unless the instance is switched off or no package brings it."""
    if not keys.enabled:
        raise RefusedError(State.DISABLED, text("enabled = false"))
    if kind := around.discovery.kinds.get((family, keys.plugin)):
        return kind
    if failure := around.discovery.failure_of(keys.plugin):
        raise RefusedError(failure.state, failure.reason, failure.hint)
    names = [name for each, name in around.discovery.kinds if each is family]
    hint = nearest(keys.plugin, names)
    reason = text(
        "no installed plugin brings the {family} kind {kind!r}",
        family=family.value,
        kind=keys.plugin,
    )
    problem = TableProblem(table=where, key="plugin", message=reason, hint=hint)
    raise RefusedError(State.UNKNOWN_KIND, reason, hint, [problem])


def _settings(
    kind: PluginKind,
    table: Mapping[str, Any],
    where: str,
    wrong: Sequence[TableProblem],
    keys: HubKeys,
    around: InstanceParts,
) -> Any:
    """The plugin's settings; mistakes of its own keys and of the hub's are reported together."""
    problems = [*wrong, *contradictions(kind, keys, where, around.sources)]
    hub_keys = hub_key_names(kind.family)
    own = {key: value for key, value in table.items() if key not in hub_keys}
    settings: Any = None
    pool = WorkerPool(f"incasso-{where.partition('.')[2]}", 1)  # its checks are the plugin's code
    try:
        settings = pool.run(
            lambda: build(kind.settings, own, where=where, base=around.base),
            MAKING_S * around.patience,
        )
    except RaisedError as raised:
        if not isinstance(raised.error, TableError):
            reason = text("its settings cannot be read: {error}", error=error_line(raised.error))
            raise RefusedError(State.BROKEN, reason) from None
        problems += [_with_hub_keys(problem, kind) for problem in raised.error.problems]
    except (BusyError, DeadlineError):
        reason = text("its settings were not read within {seconds} s", seconds=f"{MAKING_S:g}")
        raise RefusedError(State.BROKEN, reason) from None
    finally:
        pool.close()
    if problems:
        raise RefusedError(State.MISCONFIGURED, _all_problems(problems), "", problems)
    return settings


def _with_hub_keys(problem: TableProblem, kind: PluginKind) -> TableProblem:
    """The problem of an unknown key, which may also be a misspelt key of the hub."""
    if problem.code != "unknown_key" or "." in problem.key:
        return problem
    known = (*hub_key_names(kind.family), *(field.name for field in declared(kind.settings)))
    return TableProblem(
        table=problem.table,
        key=problem.key,
        message=problem.message,
        hint=nearest(problem.key, known),
    )


def _all_problems(problems: Sequence[TableProblem]) -> str:
    return in_a_row(problem.inside() for problem in problems)


def _media(keys: HubKeys | None, kind: PluginKind) -> tuple[str, ...]:
    return tuple(keys.media if keys and keys.media else kind.media)


def _working(
    family: Family,
    name: str,
    kind: PluginKind,
    keys: HubKeys,
    settings: Any,
    around: InstanceParts,
) -> Handle:
    mask = masking(secrets_in(settings))
    pool = WorkerPool(f"incasso-{name}", lowered(kind.limits, keys).max_parallel)
    limits = lowered(_limits(kind, settings, pool, around.patience), keys)
    plugin = _made(kind, settings, pool, around.patience)
    manager = _on_its_thread(pool, around.patience, mask, lambda: _fitting(family, kind, plugin))
    log = instance_log(name, mask)
    view = InstanceView(
        id=name,
        family=family,
        kind=kind.name,
        state=State.READY,
        since=around.now(),
        media=_media(keys, kind),
        sources=keys.sources,
    )
    health = Health(view, around.now, around.on_state)
    guard = Guard(
        manager=manager,
        pool=pool,
        health=health,
        rate=rate_of(limits, name, around.state),
        door=Door(log=log, now=around.now, allow_private=keys.allow_private_addresses),
        sql=SqlDoor(log=log),
        mail=MailDoor(learn=mask.also),
        folders=FolderDoor(
            Office(
                instance=name,
                rows=around.state,
                log=log,
                now=around.now,
                language=around.language,
                allow_private=keys.allow_private_addresses,
            )
        ),
        ftp=FtpDoor(log=log, allow_private=keys.allow_private_addresses),
        state=StateDoor(around.state, name),
        log=log,
        mask=mask,
        now=around.now,
        tell=around.on_call,
        max_page=limits.max_page,
        page_seconds=limits.page_seconds,
        patience=around.patience,
    )
    handle = HANDLES[family](health, guard, kind)
    handle.limits = limits
    if isinstance(handle, ChannelHandle):
        handle.connections = keys.connections or 1
        handle.tariff = Tariff(price=keys.price, budget=keys.budget, currency=keys.price_currency)
    if isinstance(handle, ConnectorHandle):
        handle.documents, handle.document_names = keys.documents, keys.document_names
    return handle


def _limits(kind: PluginKind, settings: Any, pool: WorkerPool, patience: float) -> Limits:
    """Those of the kind, or of what the settings name. How many calls go at once is the kind's."""
    by = kind.limits_by
    if by is None:
        return kind.limits
    mask = masking(secrets_in(settings))
    found = _on_its_thread(pool, patience, mask, lambda: by(settings))
    return msgspec.structs.replace(found, max_parallel=kind.limits.max_parallel)


def _made(kind: PluginKind, settings: Any, pool: WorkerPool, patience: float) -> object:
    """Calls the factory on the instance's own thread, so that it cannot hang the start."""
    mask = masking(secrets_in(settings))
    return _on_its_thread(pool, patience, mask, lambda: kind.factory(settings))


def _on_its_thread(
    pool: WorkerPool, patience: float, mask: Callable[[str], str], work: Callable[[], T]
) -> T:
    """Code of a plugin outside its hooks: whatever it raises or waits for refuses the instance."""
    try:
        done: T = pool.run(work, MAKING_S * patience)
    except (BusyError, DeadlineError):
        reason = text("it was not made within {seconds} s", seconds=f"{MAKING_S:g}")
        raise RefusedError(State.BROKEN, reason) from None
    except RaisedError as raised:
        if isinstance(raised.error, RefusedError | TableError):
            raise raised.error from None
        words = mask(error_line(raised.error))
        if isinstance(raised.error, ConfigurationError):
            raise RefusedError(State.MISCONFIGURED, words) from None
        name = type(raised.error).__name__
        reason = text("making it raised {kind}: {error}", kind=name, error=words)
        raise RefusedError(State.BROKEN, reason) from None
    return done


def _fitting(family: Family, kind: PluginKind, plugin: object) -> HookManager:
    """The manager of a plugin object that has the hooks it must have."""
    try:
        manager = managed(SPECS[family], plugin)
    except (SpecificationError, ValueError, TypeError) as error:
        raise RefusedError(State.BROKEN, str(error)) from None
    if missing := missing_hooks(family, kind, manager):
        raise RefusedError(State.BROKEN, in_a_row(missing))
    return manager


def missing_hooks(family: Family, kind: PluginKind, manager: HookManager) -> list[str]:
    """Required hooks that are absent, and declared capabilities with no hook behind them."""
    missing: list[str] = [
        text("it lacks {hook}", hook=hook)
        for hook in required_hooks(family)
        if not manager.has(hook)
    ]
    for capability, hooks in hooks_behind(family).items():
        declared = kind.capabilities.get(capability)
        if declared and declared.support.usable and not any(map(manager.has, hooks)):
            missing.append(
                text(
                    "it declares {capability} and lacks {hooks}",
                    capability=capability.name,
                    hooks=list(hooks),
                )
            )
    return missing


def secrets_in(settings: Any) -> tuple[Secret, ...]:
    """Every secret of a settings object, also inside lists and tables."""
    found: list[Secret] = []
    waiting: list[Any] = [settings]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Secret):
            found.append(value)
        elif isinstance(value, Mapping):
            waiting += value.values()
        elif isinstance(value, tuple):
            waiting += value
        elif is_dataclass(value) and not isinstance(value, type):
            waiting += [getattr(value, field.name) for field in fields(value)]
        elif isinstance(value, msgspec.Struct):
            waiting += [getattr(value, name) for name in value.__struct_fields__]
    return tuple(found)
