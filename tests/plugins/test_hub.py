"""One hub: opened from its file, closed whole, and what plugins did is known to the next one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from incasso.contract.capabilities import Limits
from incasso.contract.errors import AuthenticationError, ConfigurationError, RateLimitedError
from incasso.contract.media import Medium
from incasso.plugins.registry import Registry
from incasso.plugins.states import State
from incasso.services.hub.hub import Hub, build_hub
from incasso.services.hub.plugin_log import PluginLog, restore_states
from incasso.store.engine import Store
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
