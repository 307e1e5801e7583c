"""All configured plugin instances: built once, whatever is wrong with any of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar, cast

from incasso.contract.capabilities import Family, PluginKind
from incasso.contract.errors import PluginError
from incasso.contract.general import HubEvent, Objection, PlannedStep
from incasso.contract.values import CheckReport
from incasso.plugins.broadcast import Broadcast
from incasso.plugins.calls import CallRecord, CallSink
from incasso.plugins.discovery import Discovery, Failure, discover
from incasso.plugins.handles import ChannelHandle, ConnectorHandle, Handle, ProviderHandle
from incasso.plugins.health import StateSink
from incasso.plugins.instances import InstanceParts, make, missing_instance
from incasso.plugins.settings.config import HubConfig
from incasso.plugins.settings.problems import TableProblem
from incasso.plugins.state import MemoryRows, StateRows
from incasso.plugins.states import InstanceView, State
from incasso.plugins.steps import Step, Steps, Watch

H = TypeVar("H", bound=Handle)

__all__ = ["CallRecord", "Checked", "InstanceView", "Registry", "State", "build_registry"]


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What checking one instance found: its state now, and the plugin's report if it succeeded."""

    view: InstanceView
    report: CheckReport | None = None
    problems: tuple[TableProblem, ...] = ()
    slow: tuple[Step, ...] = ()
    """The parts of the check that took long, the slowest first."""
    failed: str = ""
    """Why the check of a paused instance failed; the reason of its state is that of the pause."""


class Registry:
    """The instances of one hub, by family and name, in the order of plugins.toml."""

    def __init__(
        self,
        handles: Mapping[Family, Mapping[str, Handle]],
        *,
        problems: Sequence[TableProblem],
        discovery: Discovery,
        broadcast: Broadcast,
        now: Callable[[], datetime],
    ) -> None:
        self._handles = handles
        self._discovery = discovery
        self._broadcast = broadcast
        self._now = now
        self.problems = tuple(problems)
        """Every mistake in the instance tables, all together."""

    def instances(self) -> tuple[InstanceView, ...]:
        """The current state of every configured instance."""
        return tuple(handle.view for handle in self._all())

    def connectors(self) -> tuple[ConnectorHandle, ...]:
        """The connectors not switched off; broken ones too, so that their sync reports it."""
        return self._enabled(Family.CONNECTOR, ConnectorHandle)

    def channels(self) -> tuple[ChannelHandle, ...]:
        """The channels that are not switched off."""
        return self._enabled(Family.CHANNEL, ChannelHandle)

    def providers(self) -> tuple[ProviderHandle, ...]:
        """The providers that are not switched off."""
        return self._enabled(Family.PROVIDER, ProviderHandle)

    def connector(self, id: str) -> ConnectorHandle:
        """One connector; a placeholder that refuses every call if its table was removed."""
        return self._one(Family.CONNECTOR, id, ConnectorHandle)

    def channel(self, id: str) -> ChannelHandle:
        """One channel; a placeholder that refuses every call if its table was removed."""
        return self._one(Family.CHANNEL, id, ChannelHandle)

    def provider(self, id: str) -> ProviderHandle:
        """One provider; a placeholder that refuses every call if its table was removed."""
        return self._one(Family.PROVIDER, id, ProviderHandle)

    def channels_for(self, medium: str, source: str) -> tuple[ChannelHandle, ...]:
        """The channels that carry a medium for a source: ready ones first, in file order."""
        fitting = [
            channel
            for channel in self.channels()
            if medium in channel.media and channel.serves(source)
        ]
        return tuple(sorted(fitting, key=lambda channel: not channel.ready))

    def kinds(self) -> tuple[PluginKind, ...]:
        """Every kind that is installed, by family and name."""
        unique = {(kind.family, kind.name): kind for kind in self._discovery.kinds.values()}
        return tuple(unique[key] for key in sorted(unique))

    def failures(self) -> tuple[Failure, ...]:
        """Installed packages, or kinds of them, that cannot be used, and why."""
        return self._discovery.failures

    def check(
        self, id: str, on: date, watch: Watch | None = None, *, starts: bool = True
    ) -> Checked:
        """Check one instance now, whatever its state. Raises KeyError for an unknown name.

        `watch` is called with the name of each part of the check as it begins. A pause ends if
        the check succeeds and `starts` it again.
        """
        handle = next((each for each in self._all() if each.id == id), None)
        if handle is None:
            raise KeyError(id)
        report, steps, failed = None, Steps(watch), ""
        where = f"{handle.view.family}.{id}"
        problems = tuple(problem for problem in self.problems if problem.table == where)
        try:
            report = handle.check(on, steps, starts=starts)
        except PluginError as error:
            failed = str(error) if handle.view.state is State.PAUSED else ""
        slow = steps.slow()
        return Checked(view=handle.view, report=report, problems=problems, slow=slow, failed=failed)

    def pause(self, id: str, *, since: datetime, reason: str, hint: str = "") -> None:
        """Pauses an instance that an earlier process found refused, until a check."""
        for handle in self._all():
            if handle.id == id:
                handle.pause(since, reason, hint)

    def resume(self, id: str) -> None:
        """Ends the pause of an instance that another process has ended."""
        for handle in self._all():
            if handle.id == id:
                handle.resume()

    def changed(self) -> frozenset[str]:
        """The instances whose state was set in this process since it was last saved or read."""
        return frozenset(handle.id for handle in self._all() if handle.changed)

    def saved(self, ids: Collection[str]) -> None:
        """The states of these are written down now."""
        for handle in self._all():
            if handle.id in ids:
                handle.saved()

    def with_daily_limit(self) -> tuple[str, ...]:
        """The instances whose calls of the last day matter to a new process."""
        return tuple(handle.id for handle in self._all() if handle.limits.calls_per_day)

    def count(self, id: str, calls: Iterable[datetime]) -> None:
        """Count an earlier process's calls, oldest first, against the limits of an instance."""
        for handle in self._all():
            if handle.id == id:
                handle.count(calls)

    def broadcast_event(self, event: HubEvent) -> None:
        """Reports an event to every package; to be called after the commit."""
        self._broadcast.tell(event)

    @property
    def asks_about_steps(self) -> bool:
        """Whether a package may object to a step, or has words for its message."""
        return self._broadcast.asks_about_steps

    def objections(self, step: PlannedStep) -> tuple[Objection, ...]:
        """Every package's reasons not to carry out a step."""
        return self._broadcast.objections(step)

    def placeholders(self, step: PlannedStep) -> Mapping[str, str]:
        """Every package's extra words for the message of a step."""
        return self._broadcast.placeholders(step)

    def close(self) -> None:
        """Closes every instance; each has two seconds. May be called twice."""
        for handle in self._all():
            handle.close()
        self._broadcast.close()

    def _all(self) -> Iterable[Handle]:
        return [handle for family in self._handles.values() for handle in family.values()]

    def _enabled(self, family: Family, kind: type[H]) -> tuple[H, ...]:
        handles = cast("Mapping[str, H]", self._handles[family])
        return tuple(
            handle for handle in handles.values() if handle.view.state is not State.DISABLED
        )

    def _one(self, family: Family, id: str, kind: type[H]) -> H:
        handle = self._handles[family].get(id) or missing_instance(family, id, self._now())
        assert isinstance(handle, kind)
        return handle


def build_registry(
    config: HubConfig,
    *,
    now: Callable[[], datetime],
    on_call: CallSink | None = None,
    on_state: StateSink | None = None,
    discovery: Discovery | None = None,
    patience: float = 1.0,
    state: StateRows | None = None,
) -> Registry:
    """Every instance of the file, also the broken ones. Never raises because of a plugin.

    `state` keeps what instances remember; without it this process alone does.
    For tests, `discovery` replaces the installed packages and `patience` multiplies deadlines.
    """
    discovery = discovery or discover()
    around = InstanceParts(
        base=config.base,
        discovery=discovery,
        sources=tuple(config.tables.get(Family.CONNECTOR, {})),
        now=now,
        on_call=on_call or (lambda _: None),
        on_state=on_state or (lambda _: None),
        patience=patience,
        state=state or MemoryRows(),
        language=config.language,
    )
    handles: dict[Family, dict[str, Handle]] = {family: {} for family in Family}
    problems: list[TableProblem] = []
    for family in Family:
        for name, table in config.tables.get(family, {}).items():
            wrong = [each for each in config.problems if each.table == f"{family}.{name}"]
            handles[family][name], found = make(family, name, table, wrong, around)
            problems += found
    return Registry(
        handles,
        problems=problems,
        discovery=discovery,
        broadcast=Broadcast(discovery.packages, patience),
        now=now,
    )
