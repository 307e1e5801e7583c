"""Plugin packages are found one by one; a broken one is told and the others stay."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from incasso.contract.capabilities import (
    FULL,
    ChannelCapability,
    ConnectorCapability,
    Declared,
    Family,
    Support,
)
from incasso.contract.hooks import hookimpl
from incasso.plugins import discovery
from incasso.plugins.discovery import Discovery, discover, inspect_packages
from incasso.plugins.specs import SPECS, SpecificationError, managed
from incasso.plugins.states import State
from incasso.testing.fakes import FakeChannel, FakeConnector, kind_of
from incasso.testing.fakes.registry import package_of

Install = Callable[..., Discovery]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install modules of these names and texts as plugin packages, and discover them."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def installed(**modules: str) -> Discovery:
        for name, text in modules.items():
            (tmp_path / f"incasso_{name}.py").write_text(text)
            sys.modules.pop(f"incasso_{name}", None)
        points = EntryPoints(
            EntryPoint(name=name, value=f"incasso_{name}", group=discovery.GROUP)
            for name in modules
        )
        monkeypatch.setattr(discovery, "entry_points", lambda group: points)
        return discover()

    return installed


GOOD = """
from incasso.api import *
class Plugin:
    pass
@hookimpl
def hub_kinds():
    return [PluginKind(family=Family.CHANNEL, name=__name__.removeprefix("incasso_"),
                       summary="s", factory=Plugin, settings=Plugin, capabilities={})]
"""


class TestLoading:
    def test_the_built_in_plugins_are_found_like_any_other(self) -> None:
        found = discover()
        assert {
            (Family.CONNECTOR, "csv"),
            (Family.CHANNEL, "folder"),
            (Family.CHANNEL, "smtp"),
        } <= (set(found.kinds))
        assert found.failures == ()

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("1 / 0", "ZeroDivisionError"),
            ("import sys; sys.exit(3)", "SystemExit"),
            ("def broken(:", "SyntaxError"),
            ("import no_such_library_anywhere", "needs no_such_library_anywhere"),
            ("import incasso_bad.missing", "incasso_bad"),
            ("from incasso.api import NoSuchName", "NoSuchName"),
            (GOOD + "\n    raise KeyError('x')", ""),
        ],
    )
    def test_a_broken_package_leaves_the_others(
        self, install: Install, text: str, reason: str
    ) -> None:
        found = install(aaa=GOOD, bad=text, zzz=GOOD)
        assert {(Family.CHANNEL, "aaa"), (Family.CHANNEL, "zzz")} <= set(found.kinds)
        if reason:
            [failure] = found.failures
            assert (failure.package, failure.state) == ("bad", State.LOAD_FAILED)
            assert reason in failure.reason

    def test_a_blocked_package_is_not_even_imported(
        self, install: Install, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("INCASSO_BLOCK", "bad, worse")
        found = install(bad="1 / 0", good=GOOD, worse="1 / 0")
        assert set(found.kinds) == {(Family.CHANNEL, "good")} and found.failures == ()

    def test_a_missing_extra_is_named(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As pip installs it: a distribution with an extra of the plugin's own name."""
        info = tmp_path / "incasso_heavy-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            "Metadata-Version: 2.1\nName: incasso-heavy\nVersion: 1.0\nProvides-Extra: heavy\n"
        )
        (info / "entry_points.txt").write_text("[incasso.plugins]\nheavy = incasso_heavy\n")
        (tmp_path / "incasso_heavy.py").write_text("import pymssql_of_another_world")
        monkeypatch.syspath_prepend(str(tmp_path))
        [failure] = [each for each in discover().failures if each.package == "heavy"]
        assert "needs extra `heavy`" in failure.reason
        assert failure.hint == 'pip install "incasso-heavy[heavy]"'


def package(**changes: Any) -> ModuleType:
    kind = kind_of(FakeChannel(), "post")
    return package_of("post", msgspec.structs.replace(kind, **changes))


class TestKinds:
    @pytest.mark.parametrize("api", [-1, 2, 99])
    def test_another_api_is_incompatible(self, api: int) -> None:
        [failure] = inspect_packages({"post": package(api=api)}).failures
        assert failure.state is State.INCOMPATIBLE and f"api {api}" in failure.reason

    def test_the_api_before_is_accepted(self) -> None:
        assert inspect_packages({"post": package(api=0)}).failures == ()

    def test_the_first_of_two_equal_names_stays(self) -> None:
        found = inspect_packages({"a": package(), "b": package()})
        [failure] = found.failures
        assert failure.package == "b" and "already" in failure.reason

    def test_an_old_name_leads_to_the_kind(self) -> None:
        found = inspect_packages({"post": package(formerly=("mailman",))})
        assert found.kinds[Family.CHANNEL, "mailman"].name == "post"

    @pytest.mark.parametrize(
        "capabilities",
        [
            {ConnectorCapability.TOTALS: FULL},
            {ChannelCapability.FIND: True},
            {ChannelCapability.FIND: Declared(support=Support.PARTIAL)},
        ],
        ids=["of another family", "not declared", "partial without note"],
    )
    def test_capabilities_must_make_sense(self, capabilities: Any) -> None:
        assert inspect_packages({"post": package(capabilities=capabilities)}).failures


class Channel:
    @hookimpl
    def instance_check(self) -> None: ...


class TestHooks:
    def refused(self, plugin: object, family: Family = Family.CHANNEL) -> str:
        with pytest.raises(SpecificationError) as raised:
            managed(SPECS[family], plugin)
        return str(raised.value)

    def test_a_misspelt_hook_names_the_nearest(self) -> None:
        class Wrong(Channel):
            @hookimpl
            def channel_sent(self) -> None: ...

        assert "did you mean 'channel_send'?" in self.refused(Wrong())

    def test_a_hook_without_its_mark(self) -> None:
        class Wrong(Channel):
            def channel_send(self) -> None: ...

        assert "channel_send lacks @hookimpl" in self.refused(Wrong())

    def test_a_misspelt_hook_without_its_mark(self) -> None:
        class Wrong(Channel):
            def channel_sendd(self) -> None: ...

        assert "channel_send'" in self.refused(Wrong())

    def test_a_hook_of_another_family(self) -> None:
        class Wrong(Channel):
            @hookimpl
            def erp_pull_clients(self) -> None: ...

        assert "erp_pull_clients is no hook here" in self.refused(Wrong())

    def test_an_unknown_argument(self) -> None:
        class Wrong(Channel):
            @hookimpl
            def channel_send(self, massage: object) -> None: ...

        assert "massage" in self.refused(Wrong())

    def test_fewer_arguments_and_own_methods_are_fine(self) -> None:
        class Right(Channel):
            @hookimpl
            def channel_send(self, ctx: object) -> str:
                return self.own()

            def own(self) -> str:
                return "sent"

            @property
            def costly(self) -> str:
                raise AssertionError("nobody reads properties of plugins")

        manager = managed(SPECS[Family.CHANNEL], Right())
        assert manager.hook.channel_send(message=1, prepared=2, ctx=3) == "sent"

    def test_a_module_level_hook_is_checked_too(self) -> None:
        module = package()

        @hookimpl
        def hub_events(event: object) -> None: ...

        module.hub_events = hub_events  # type: ignore[attr-defined]
        [failure] = inspect_packages({"post": module}).failures
        assert "hub_event" in failure.reason

    def test_two_instances_that_compare_equal_live_side_by_side(self) -> None:
        class Same(Channel):
            def __eq__(self, other: object) -> bool:
                return True

            def __hash__(self) -> int:
                return 1

        assert managed(SPECS[Family.CHANNEL], Same()) is not managed(SPECS[Family.CHANNEL], Same())


def test_a_fake_is_a_proper_plugin() -> None:
    managed(SPECS[Family.CONNECTOR], FakeConnector())
