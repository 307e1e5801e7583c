"""One hub: opened from its file, closed whole, and what plugins did is known to the next one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from threading import Event

import pytest

from incasso.contract.capabilities import Limits
from incasso.contract.errors import AuthenticationError, ConfigurationError, RateLimitedError
from incasso.contract.media import Medium
from incasso.domain.office.jobs import Task
from incasso.domain.office.schedule import Job
from incasso.plugins.registry import Registry
from incasso.plugins.states import State
from incasso.services.hub.hub import Hub, build_hub
from incasso.services.hub.plugin_log import PluginLog, restore_states
from incasso.services.running.scheduler import run_schedule
from incasso.services.running.tasks import Result
from incasso.store.engine import Store
from incasso.store.office import plugin_instances
from incasso.store.office.runner import save_schedule
from incasso.testing import samples
from incasso.testing.fakes import FakeChannel, registry_of
from incasso.testing.fakes.registry import config_of
from tests.plugins.conftest import ON, Clock, view

MESSAGE = samples.message(Medium.EMAIL)


def send(registry: Registry) -> None:
    channel = registry.channel("mail")
    prepared = channel.prepare(MESSAGE, ON)
    channel.send(MESSAGE, prepared, attempt=1, dry_run=False, on=ON)


class TestOpening:
    def test_it_starts_with_every_plugin_broken(self, tmp_path: Path) -> None:
        file = tmp_path / "plugins.toml"
        file.write_text('[connectors.acme]\nplugin = "no such"\n[channels.mail]\nplugin = "smtp"\n')
        with build_hub(file) as hub:
            states = [each.state for each in hub.registry.instances()]
        assert states == [State.UNKNOWN_KIND, State.MISCONFIGURED]

    def test_it_opens_before_the_database_is_made(self, tmp_path: Path) -> None:
        file = tmp_path / "plugins.toml"
        file.write_text('[channels.out]\nplugin = "folder"\nfolder = "outbox"\n')
        with build_hub(file) as hub:
            assert hub.registry.check("out", ON).view.state is State.READY
        hub.close()

    def test_mistakes_of_the_hub_itself_stop_it(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError):
            build_hub(tmp_path / "plugins.toml")

    def test_the_business_day_begins_at_midnight_in_rome(self, tmp_path: Path) -> None:
        file = tmp_path / "plugins.toml"
        file.write_text("")
        late = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
        with build_hub(file, now=lambda: late) as hub:
            assert hub.today() == date(2026, 3, 2)


class TestTheNextProcess:
    @pytest.fixture
    def process(self, store: Store, clock: Clock) -> Callable[[FakeChannel, Limits], Hub]:
        """Start a process of the same hub around a channel."""

        def begin(mail: FakeChannel, limits: Limits) -> Hub:
            log = PluginLog()
            registry = registry_of({"mail": mail}, now=clock, on_call=log.add, limits=limits)
            restore_states(store, registry, clock())
            return Hub(
                config=config_of({"mail": mail}),
                store=store,
                registry=registry,
                now=clock,
                plugin_log=log,
            )

        return begin

    def test_a_refused_password_is_not_tried_again(
        self, process: Callable[[FakeChannel, Limits], Hub], clock: Clock
    ) -> None:
        first = process(FakeChannel(script=[AuthenticationError("wrong password")]), Limits())
        with pytest.raises(AuthenticationError):
            send(first.registry)
        since = clock.instant
        first.write_plugin_log()
        clock.pass_by(hours=1)
        mail = FakeChannel()
        second = process(mail, Limits())
        paused = view(second.registry, "mail")
        assert (paused.state, paused.reason, paused.since) == (
            State.PAUSED,
            "wrong password",
            since,
        )
        with pytest.raises(AuthenticationError):
            send(second.registry)
        assert not mail.calls
        second.registry.check("mail", ON)
        second.write_plugin_log()
        send(process(FakeChannel(), Limits()).registry)

    def test_a_days_limit_outlives_the_process(
        self, process: Callable[[FakeChannel, Limits], Hub], clock: Clock
    ) -> None:
        for _ in range(2):
            hub = process(FakeChannel(), Limits(calls_per_day=2))
            send(hub.registry)
            hub.write_plugin_log()
            clock.pass_by(hours=1)
        third = process(FakeChannel(), Limits(calls_per_day=2))
        with pytest.raises(RateLimitedError) as raised:
            send(third.registry)
        assert raised.value.retry_after == timedelta(hours=22)


REFUSED = AuthenticationError("wrong password")


class TestProcessesBesideEachOther:
    """Two hubs on one database that both run: neither undoes what the other has found out."""

    @pytest.fixture
    def two(self, store: Store, clock: Clock) -> tuple[Hub, Hub]:
        """The first one's channel refuses the password at its first call."""
        return (
            _hub(FakeChannel(script=[REFUSED]), store, clock),
            _hub(FakeChannel(), store, clock),
        )

    def test_a_pause_and_its_end_are_followed(self, two: tuple[Hub, Hub], clock: Clock) -> None:
        first, second = two
        _is_refused(first)
        second.follow_pauses()
        paused = view(second.registry, "mail")
        assert (paused.state, paused.reason) == (State.PAUSED, "wrong password")
        with pytest.raises(AuthenticationError):
            send(second.registry)
        clock.pass_by(hours=1)
        first.registry.check("mail", ON)
        first.write_plugin_log()
        second.follow_pauses()
        send(second.registry)

    def test_a_stop_is_not_overwritten_by_a_process_that_knows_nothing_of_it(
        self, two: tuple[Hub, Hub], store: Store
    ) -> None:
        first, second = two
        _is_refused(first)
        send(second.registry)
        second.write_plugin_log()
        assert _kept(store) == State.PAUSED

    def test_a_stop_that_was_ended_does_not_begin_again(
        self, two: tuple[Hub, Hub], store: Store
    ) -> None:
        first, second = two
        send(second.registry)  # so that it has something to write at the end
        _is_refused(first)
        second.follow_pauses()
        first.registry.check("mail", ON)
        first.write_plugin_log()
        second.write_plugin_log()
        assert _kept(store) == State.READY

    def test_a_stop_of_ones_own_that_is_not_saved_yet_stays(self, two: tuple[Hub, Hub]) -> None:
        first, second = two
        send(second.registry)
        second.registry.check("mail", ON)
        second.write_plugin_log()
        with pytest.raises(AuthenticationError):
            send(first.registry)
        first.follow_pauses()
        assert view(first.registry, "mail").state is State.PAUSED

    def test_the_worker_follows_before_each_job(
        self, two: tuple[Hub, Hub], clock: Clock, store: Store
    ) -> None:
        first, second = two
        seen: list[State] = []

        def job(hub: Hub, _: object) -> Result:
            seen.append(view(hub.registry, "mail").state)
            if len(seen) == 1:
                _is_refused(first)
            elif len(seen) == 2:
                first.registry.check("mail", ON)
                first.write_plugin_log()
            return Result()

        def wait(_: float) -> bool:
            clock.pass_by(hours=24)
            return len(seen) == 3

        with store.write() as connection:
            save_schedule(connection, {"collect": Job(at=(time(9),), working_days=False)})
        run_schedule(second, Event(), tasks={Task.COLLECT: job}, wait=wait)
        assert seen == [State.READY, State.PAUSED, State.READY]


def _hub(mail: FakeChannel, store: Store, clock: Clock) -> Hub:
    """A process of the hub around a channel."""
    log = PluginLog()
    registry = registry_of({"mail": mail}, now=clock, on_call=log.add)
    restore_states(store, registry, clock())
    config = config_of({"mail": mail})
    return Hub(config=config, store=store, registry=registry, now=clock, plugin_log=log)


def _is_refused(hub: Hub) -> None:
    """Its mail server refuses the password, and it writes that down."""
    with pytest.raises(AuthenticationError):
        send(hub.registry)
    hub.write_plugin_log()


def _kept(store: Store) -> str:
    """What the database says of the channel."""
    with store.read() as connection:
        [kept] = plugin_instances.states(connection)
    return kept.state
