"""Every state an operator may see, how an instance gets there, and what the page says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from incasso.contract.capabilities import FULL, ChannelCapability, Family, Limits
from incasso.contract.errors import (
    AuthenticationError,
    ConfigurationError,
    PluginError,
    RateLimitedError,
    TemporaryError,
)
from incasso.contract.hooks import hookimpl
from incasso.contract.media import Medium
from incasso.locale.labels import PLUGIN_STATES
from incasso.plugins.discovery import Discovery, inspect_packages
from incasso.plugins.registry import Registry, build_registry
from incasso.plugins.settings.config import HubConfig
from incasso.plugins.states import State
from incasso.testing import samples
from incasso.testing.fakes import FakeChannel, FakeConnector, FakeProvider, kind_of
from incasso.testing.fakes.registry import package_of
from incasso.testing.hostile import MISDEEDS, hostile
from tests.plugins.conftest import ON, Start, view

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
MESSAGE = samples.message(Medium.EMAIL)


def hub(tables: Mapping[str, Any], discovery: Discovery, patience: float = 1.0) -> Registry:
    config = HubConfig(path=Path("plugins.toml").absolute(), tables={Family.CHANNEL: tables})
    return build_registry(config, now=lambda: NOW, discovery=discovery, patience=patience)


def kinds(**changes: Any) -> Discovery:
    kind = msgspec.structs.replace(kind_of(FakeChannel(), "post"), **changes)
    return inspect_packages({"post": package_of("post", kind)})


def boom(error: BaseException) -> Callable[[Any], object]:
    def factory(settings: Any) -> object:
        raise error

    return factory


class Incomplete:
    @hookimpl
    def instance_check(self) -> None: ...


POST = {"plugin": "post"}
SAD: dict[str, tuple[State, Mapping[str, Any], Discovery, str]] = {
    "an unknown key": (State.MISCONFIGURED, {**POST, "hots": 1}, kinds(), "hots"),
    "no kind": (State.MISCONFIGURED, {}, kinds(), "plugin"),
    "a wrong hub key": (State.MISCONFIGURED, {**POST, "enabled": "no"}, kinds(), "enabled"),
    "a medium it does not carry": (State.MISCONFIGURED, {**POST, "media": ["fax"]}, kinds(), "fax"),
    "an unknown medium": (State.MISCONFIGURED, {**POST, "media": ["owl"]}, kinds(), "owl"),
    "an unknown source": (State.MISCONFIGURED, {**POST, "sources": ["acme"]}, kinds(), "acme"),
    "a limit raised": (State.MISCONFIGURED, {**POST, "max_parallel": 99}, kinds(), "99"),
    "a faster pace": (State.MISCONFIGURED, {**POST, "calls_per_second": 5000}, kinds(), "5000"),
    "a burst without a pace": (
        State.MISCONFIGURED,
        {**POST, "burst": 3},
        kinds(),
        "calls_per_second",
    ),
    "a limit of nothing": (State.MISCONFIGURED, {**POST, "calls_per_day": 0}, kinds(), "0"),
    "settings it refuses": (
        State.MISCONFIGURED,
        POST,
        kinds(factory=boom(ConfigurationError("port 0 is closed"))),
        "port 0 is closed",
    ),
    "a factory that crashes": (State.BROKEN, POST, kinds(factory=boom(KeyError("x"))), "KeyError"),
    "a factory that exits": (State.BROKEN, POST, kinds(factory=boom(SystemExit(1))), "SystemExit"),
    "hooks that are missing": (
        State.BROKEN,
        POST,
        kinds(factory=lambda settings: Incomplete()),
        "channel_send",
    ),
    "a capability without hook": (
        State.BROKEN,
        POST,
        kinds(
            factory=lambda settings: type("P", (), {})(),
            capabilities={ChannelCapability.FIND: FULL},
        ),
        "lacks",
    ),
    "settings that are no settings": (State.BROKEN, POST, kinds(settings=dict), "settings"),
    "another api": (State.INCOMPATIBLE, POST, kinds(api=7), "api 7"),
    "a package that does not load": (
        State.LOAD_FAILED,
        POST,
        inspect_packages({"post": package_of("post", 7)}),  # type: ignore[arg-type]
        "int",
    ),
    "a kind nobody brings": (State.UNKNOWN_KIND, {"plugin": "psot"}, kinds(), "psot"),
    "switched off": (State.DISABLED, {**POST, "enabled": False}, kinds(), "enabled = false"),
}


@pytest.mark.parametrize("case", SAD)
def test_an_instance_that_cannot_work_says_why_and_what_to_do(case: str) -> None:
    state, table, discovery, word = SAD[case]
    registry = hub({"mail": table}, discovery)
    seen = view(registry, "mail")
    assert seen.state is state, seen
    assert word in seen.reason and seen.hint and seen.since == NOW
    handle = registry.channel("mail")
    assert (not handle.ready and not handle.can(ChannelCapability.ATTACHMENTS)) or handle.kind
    with pytest.raises(ConfigurationError, match=f"mail is {PLUGIN_STATES[state]}"):
        handle.prepare(MESSAGE, ON)
    checked = registry.check("mail", ON)
    assert checked.view.state is state and checked.report is None
    registry.close()


def test_a_hub_starts_with_every_plugin_broken() -> None:
    for state, table, discovery, _ in SAD.values():
        registry = hub({"mail": table, "also": table}, discovery)
        assert [each.state for each in registry.instances()] == [state, state]
        registry.close()


def test_a_factory_that_hangs_does_not_hold_the_start() -> None:
    import time

    registry = hub({"mail": POST}, kinds(factory=lambda settings: time.sleep(2)), patience=0.01)
    assert view(registry, "mail").state is State.BROKEN


def test_all_mistakes_of_all_tables_are_told_together() -> None:
    tables = {
        "one": {"plugin": "post", "hots": 1, "max_parallel": 99},
        "two": {"plugin": "psot"},
        "three": {},
    }
    registry = hub(tables, kinds())
    told = [(problem.table, problem.key) for problem in registry.problems]
    assert told == [
        ("channels.one", "max_parallel"),
        ("channels.one", "hots"),
        ("channels.two", "plugin"),
        ("channels.three", "plugin"),
    ]
    assert all(problem.hint for problem in registry.problems[:3])


class TestChecks:
    def test_a_good_check_remembers_who_answered(self, start: Start) -> None:
        registry = start(mail=FakeChannel())
        checked = registry.check("mail", ON)
        assert checked.report and checked.view.state is State.READY
        assert checked.view.remote_identity == "memory mail" and checked.view.checked_at

    @pytest.mark.parametrize(
        ("error", "state"),
        [
            (TemporaryError("no route"), State.UNREACHABLE),
            (AuthenticationError("wrong password"), State.PAUSED),
            (ConfigurationError("no such folder"), State.MISCONFIGURED),
            (KeyError("x"), State.BROKEN),
        ],
    )
    def test_a_failed_check_decides_the_state(
        self, start: Start, error: Exception, state: State
    ) -> None:
        registry = start(mail=FakeChannel(script={"instance_check": [error]}))
        checked = registry.check("mail", ON)
        assert checked.view.state is state and checked.report is None
        again = registry.check("mail", ON)
        assert again.view.state is State.READY and again.report, "it heals by a good check"

    def test_too_many_questions_say_nothing_about_it(self, start: Start) -> None:
        slow = RateLimitedError("too fast")
        registry = start(mail=FakeChannel(script={"instance_check": [slow]}))
        assert registry.check("mail", ON).view.state is State.UNREACHABLE

    def test_an_unknown_name(self, start: Start) -> None:
        with pytest.raises(KeyError):
            start(mail=FakeChannel()).check("male", ON)


class TestRegistry:
    def test_a_retired_instance_refuses_politely(self, start: Start) -> None:
        registry = start(mail=FakeChannel())
        for handle in (registry.channel("old"), registry.connector("old"), registry.provider("x")):
            assert handle.view.state is State.RETIRED and handle.view.hint
            with pytest.raises(PluginError):
                handle.check(ON)

    def test_channels_for_a_medium_ready_ones_first(self, start: Start) -> None:
        registry = start(
            acme=FakeConnector(),
            sud=FakeConnector(),
            sick=hostile(Family.CHANNEL, instance_check=MISDEEDS["gives nothing"]),
            well=FakeChannel(["email", "pec"]),
            only=FakeChannel(sources=["sud"]),
        )
        registry.check("sick", ON)

        def names(medium: str, source: str) -> list[str]:
            return [handle.id for handle in registry.channels_for(medium, source)]

        assert names("email", "acme") == ["well", "sick"]
        assert names("email", "sud") == ["well", "only", "sick"]
        assert names("pec", "acme") == ["well"] and names("fax", "acme") == []

    def test_disabled_connectors_are_left_out_and_broken_ones_are_not(self) -> None:
        discovery = inspect_packages({"erp": package_of("erp", kind_of(FakeConnector(), "erp"))})
        tables = {"a": {"plugin": "erp", "enabled": False}, "b": {"plugin": "erp", "x": 1}}
        config = HubConfig(path=Path("plugins.toml").absolute(), tables={Family.CONNECTOR: tables})
        registry = build_registry(config, now=lambda: NOW, discovery=discovery)
        assert [handle.id for handle in registry.connectors()] == ["b"]

    def test_a_configured_limit_is_lowered(self) -> None:
        registry = hub({"mail": {**POST, "max_parallel": 2, "calls_per_minute": 9}}, kinds())
        limits = registry.channel("mail").limits
        assert (limits.max_parallel, limits.calls_per_minute) == (2, 9)
        registry.close()

    def test_so_many_connections_as_calls_are_possible(self) -> None:
        tables = {
            "usual": POST,
            "two": {**POST, "connections": 2},
            "most": {**POST, "max_parallel": 2, "connections": 3},
            "none": {**POST, "connections": 0},
        }
        registry = hub(tables, kinds())
        assert [registry.channel(name).connections for name in ("usual", "two")] == [1, 2]
        for name in ("most", "none"):
            assert view(registry, name).state is State.MISCONFIGURED
            assert "connections" in view(registry, name).reason
        registry.close()

    def test_limits_may_follow_from_the_settings(self) -> None:
        """A provider that the settings name has its own; an office may still write others."""
        found = kinds(limits_by=lambda _: Limits(calls_per_minute=6, max_parallel=50))
        own = {"a": POST, "b": {**POST, "calls_per_minute": 9}}
        registry = hub(own, found)
        limits = [registry.channel(name).limits for name in own]
        assert [each.calls_per_minute for each in limits] == [6, 9]
        assert {each.max_parallel for each in limits} == {
            kind_of(FakeChannel(), "post").limits.max_parallel
        }
        registry.close()

    def test_limits_that_cannot_be_told_refuse_the_instance(self) -> None:
        registry = hub({"mail": POST}, kinds(limits_by=boom(KeyError("provider"))))
        assert view(registry, "mail").state is State.BROKEN

    def test_kinds_are_listed_once(self, start: Start) -> None:
        registry = start(mail=FakeChannel(), erp=FakeConnector(), agency=FakeProvider())
        told = [(kind.family, kind.name) for kind in registry.kinds()]
        assert told == [
            (Family.CHANNEL, "mail"),
            (Family.CONNECTOR, "erp"),
            (Family.PROVIDER, "agency"),
        ]

    def test_closing_twice_is_harmless(self, start: Start) -> None:
        registry = start(mail=FakeChannel())
        registry.close()
        registry.close()
        with pytest.raises(PluginError):
            registry.channel("mail").prepare(MESSAGE, ON)
