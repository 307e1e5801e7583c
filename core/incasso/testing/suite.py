"""What every plugin promises, whatever its family; the three contract suites inherit it.

Give the fixtures `plugin_module` and `table`. The others have defaults: a check whose fixture
is missing is skipped with its reason, or fails if a declared capability cannot be proved.
"""

from __future__ import annotations

import inspect
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import pytest

from incasso.contract.capabilities import Capability, Family, PluginKind, Support
from incasso.contract.errors import (
    AuthenticationError,
    PluginError,
)
from incasso.contract.settings import Field, declared
from incasso.plugins.calls import CallRecord
from incasso.plugins.discovery import Discovery, inspect_packages
from incasso.plugins.handles import Handle
from incasso.plugins.registry import Registry, build_registry
from incasso.plugins.settings.config import HubConfig, load_config
from incasso.plugins.settings.hub_keys import hub_key_names
from incasso.plugins.settings.references import is_reference
from incasso.plugins.specs import CAPABILITIES, SPECS, hooks_behind, hooks_of, implemented
from incasso.plugins.states import State
from incasso.testing.faults import every_fault, failing, right_class
from incasso.testing.network import no_network
from incasso.testing.records import wrong_fields

Table = Mapping[str, Any]
TableFor = Callable[[str], Table]
Login = Mapping[str, Any]

NAME = "under_test"
WRONG_SECRET = "surely-not-the-password-4711"  # noqa: S105

_IMPORT = """
import incasso.api, importlib, socket, sys, time
def refused(*arguments, **named): raise SystemExit("importing it uses the network")
socket.socket.connect = socket.getaddrinfo = refused
began = time.process_time()
importlib.import_module(sys.argv[1])
seconds = time.process_time() - began
sys.exit(f"importing it takes {seconds:.1f} s of work" if seconds > 1 else 0)
"""


class BaseContract:
    """The checks that all families share."""

    family: ClassVar[Family]
    on: ClassVar[date] = date(2026, 3, 2)
    """The business date of every call."""
    instant: ClassVar[datetime] = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    """The present of every call: a fixed clock makes results repeatable."""
    credentials_cannot_be_checked: ClassVar[str] = ""
    """A reason, if the other side offers no way to try a password without an effect."""

    # What the plugin's author gives.

    @pytest.fixture
    def plugin_module(self) -> ModuleType:
        """The plugin package: `return incasso_zeus`."""
        raise NotImplementedError("give the fixture `plugin_module`: return your package")

    @pytest.fixture
    def table(self) -> Table:
        """A good table of plugins.toml; secrets as { "env": … } or { "file": … }."""
        raise NotImplementedError("give the fixture `table`: a table as it stands in plugins.toml")

    @pytest.fixture
    def base(self, tmp_path: Path) -> Path:
        """The folder where relative paths of the table begin."""
        return tmp_path

    @pytest.fixture
    def second_table(self) -> Table | None:
        """A good table for another account, company or folder; None: there is none to try."""
        return None

    @pytest.fixture
    def web_table(self) -> TableFor | None:
        """The table for a given web address, to try every way in which the web fails."""
        return None

    @pytest.fixture
    def login(self) -> Login:
        """Answers of a login by path: `{"/login": {"token": "t"}}`. Faults spare these."""
        return {}

    @pytest.fixture
    def configs(self, request: pytest.FixtureRequest) -> Path:
        """plugins.toml files that must load in every version; default: `configs` here."""
        return request.path.parent / "configs"

    # What is made of it.

    @pytest.fixture
    def records(self) -> list[CallRecord]:
        """Every call of the test."""
        return []

    @pytest.fixture
    def kind(self, plugin_module: ModuleType, table: Table) -> PluginKind:
        """The kind under test: the one the table names."""
        discovery = _packages(plugin_module)
        name = str(table.get("plugin", ""))
        assert (self.family, name) in discovery.kinds, (
            f"the package brings no {self.family} kind {name!r}: {discovery.failures}"
        )
        return discovery.kinds[self.family, name]

    @pytest.fixture
    def start(
        self, plugin_module: ModuleType, base: Path, records: list[CallRecord]
    ) -> Iterator[Callable[[Table], Registry]]:
        """Start a hub with one instance made of a table."""
        started: list[Registry] = []

        def begin(table: Table) -> Registry:
            registry = build_registry(
                HubConfig(path=base / "plugins.toml", tables={self.family: {NAME: table}}),
                now=lambda: self.instant,
                on_call=records.append,
                discovery=_packages(plugin_module),
            )
            started.append(registry)
            return registry

        yield begin
        for registry in started:
            registry.close()

    @pytest.fixture
    def handle(self, start: Callable[[Table], Registry], table: Table) -> Any:
        """The instance as the hub holds it."""
        return self._handle(start(table))

    def _handle(self, registry: Registry) -> Handle:
        get: Mapping[Family, Callable[[str], Handle]] = {
            Family.CONNECTOR: registry.connector,
            Family.CHANNEL: registry.channel,
            Family.PROVIDER: registry.provider,
        }
        handle = get[self.family](NAME)
        assert handle.view.state is State.READY, f"{handle.view.state}: {handle.view.reason}"
        return handle

    # The package.

    def test_it_imports_quickly_and_without_network(self, plugin_module: ModuleType) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        done = subprocess.run(
            [sys.executable, "-c", _IMPORT, plugin_module.__name__],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]

    def test_the_hub_accepts_the_package(self, plugin_module: ModuleType) -> None:
        assert _packages(plugin_module).failures == ()

    def test_the_kind_describes_itself(self, kind: PluginKind) -> None:
        assert kind.name and kind.summary.strip(), "name and summary say what it is"
        limits = kind.limits
        assert limits.max_parallel >= 1 and limits.max_page >= 1
        for limit in (
            limits.calls_per_second,
            limits.calls_per_minute,
            limits.calls_per_day,
            limits.max_body_chars,
            limits.burst,
        ):
            assert limit is None or limit > 0
        without = [field.name for field in declared(kind.settings) if not field.help]
        assert not without, f"settings without help: {without}; declare them with setting(help=…)"
        taken = {field.name for field in declared(kind.settings)} & set(hub_key_names(self.family))
        assert not taken, f"these names belong to the hub: {taken}"

    def test_every_capability_is_decided(self, kind: PluginKind) -> None:
        undecided = [
            capability.name
            for capability in CAPABILITIES[self.family]
            if capability not in kind.capabilities
            or kind.capabilities[capability].support is Support.UNKNOWN
        ]
        assert not undecided, f"say FULL, PLANNED, IMPOSSIBLE or partial for {undecided}"

    def test_capabilities_tell_the_truth(self, kind: PluginKind, handle: Handle) -> None:
        hooks = self._implemented(handle)
        for capability, behind in hooks_behind(self.family).items():
            usable = kind.capabilities[capability].support.usable
            present = [hook for hook in behind if hook in hooks]
            assert bool(present) == usable, (
                f"{capability.name} is declared {kind.capabilities[capability].support}, "
                f"and the hooks are {present or 'absent'}"
            )

    def test_no_hook_has_an_argument_with_a_default(self, handle: Handle) -> None:
        """Such an argument is never passed, so the hook would not get what it asks for."""
        for hook in self._implemented(handle):
            for name, parameter in inspect.signature(self._hook(handle, hook)).parameters.items():
                assert parameter.default is parameter.empty, f"{hook}: {name} has a default"

    # The settings.

    def test_a_good_table_makes_it_ready(self, start: Any, table: Table) -> None:
        registry = start(table)
        assert registry.problems == ()
        self._handle(registry)

    def test_an_unknown_key_is_named(self, start: Any, table: Table) -> None:
        self._refuses(start({**table, "no_such_key": 1}), "no_such_key")

    def test_each_missing_key_is_named(self, start: Any, table: Table, kind: PluginKind) -> None:
        for field in declared(kind.settings):
            if field.required:
                without = {key: value for key, value in table.items() if key != field.name}
                self._refuses(start(without), field.name)

    def test_each_wrong_type_is_named(self, start: Any, table: Table, kind: PluginKind) -> None:
        for field in declared(kind.settings):
            if field.type is not Any:
                self._refuses(start({**table, field.name: [{"wrong": 1}]}), field.name)

    def test_a_secret_in_plain_text_is_refused(
        self, start: Any, table: Table, kind: PluginKind
    ) -> None:
        for field in _secrets(kind):
            registry = start({**table, field.name: WRONG_SECRET})
            self._refuses(registry, field.name)
            assert WRONG_SECRET not in repr(registry.instances()) + repr(registry.problems)

    def test_old_configuration_files_still_load(
        self, configs: Path, plugin_module: ModuleType, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        files = sorted(configs.glob("*.toml"))
        if not files:
            pytest.skip(f"no files in {configs.name}/ yet: keep one of each release there")
        for file in files:
            config = load_config(file)
            for name in _variables(config):
                monkeypatch.setenv(name, os.environ.get(name, "only-for-this-test"))
            registry = build_registry(
                config, now=lambda: self.instant, discovery=_packages(plugin_module)
            )
            registry.close()
            assert registry.problems == (), f"{file.name} no longer loads"

    # Its life.

    def test_making_it_uses_no_network(self, start: Any, table: Table) -> None:
        with no_network() as tried:
            start(table)
        assert not tried, f"the factory looked for {tried}; connect at the first call"

    def test_the_check_succeeds_and_names_the_other_side(self, handle: Handle) -> None:
        first, second = handle.check(self.on), handle.check(self.on)
        assert wrong_fields(first) == []
        assert first.remote_identity.strip(), "remote_identity names the account or folder"
        assert first.remote_identity == second.remote_identity

    def test_two_instances_keep_apart(
        self, start: Any, table: Table, second_table: Table | None
    ) -> None:
        if second_table is None:
            pytest.skip("give the fixture `second_table`: another account, company or folder")
        one, two = self._handle(start(table)), self._handle(start(second_table))
        first, second = one.check(self.on), two.check(self.on)
        assert first.remote_identity != second.remote_identity
        assert one.check(self.on).remote_identity == first.remote_identity

    def test_a_wrong_password_is_noticed(
        self, start: Any, table: Table, kind: PluginKind, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Most green checks never try the password."""
        secrets = [field.name for field in _secrets(kind) if field.name in table]
        if not secrets:
            pytest.skip("the table holds no secret")
        if self.credentials_cannot_be_checked:
            pytest.skip(self.credentials_cannot_be_checked)
        monkeypatch.setenv("INCASSO_WRONG_SECRET", WRONG_SECRET)
        wrong = {**table, **{name: {"env": "INCASSO_WRONG_SECRET"} for name in secrets}}
        handle = self._handle(start(wrong))
        with pytest.raises(AuthenticationError):
            handle.check(self.on)
        assert handle.view.state is State.PAUSED

    def test_secrets_are_never_told(
        self,
        start: Any,
        table: Table,
        kind: PluginKind,
        records: list[CallRecord],
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        secrets = [field.name for field in _secrets(kind)]
        if not secrets:
            pytest.skip("it has no secret")
        monkeypatch.setenv("INCASSO_WRONG_SECRET", WRONG_SECRET)
        wrong = {**table, **{name: {"env": "INCASSO_WRONG_SECRET"} for name in secrets}}
        registry = start(wrong)
        printed = ""
        with caplog.at_level(logging.DEBUG):
            try:
                self._handle(registry).check(self.on)
            except PluginError as error:
                printed = f"{error!r} {error}"
        printed += caplog.text + repr(records) + repr(registry.instances())
        assert WRONG_SECRET not in printed

    def test_closing_twice_is_harmless(self, handle: Handle) -> None:
        if "instance_close" in self._implemented(handle):
            close = self._hook(handle, "instance_close")
            close()
            close()

    # The web's faults.

    @every_fault
    def test_a_read_meets_a_fault_of_the_web(
        self, start: Any, web_table: TableFor | None, login: Login, fault: str
    ) -> None:
        if web_table is None:
            pytest.skip("give the fixture `web_table` if it talks to a web service")
        with failing(fault, login) as url:
            handle = self._handle(start(web_table(url)))
            with pytest.raises(PluginError) as raised:
                handle.check(self.on)
        right_class(fault, raised.value, effect=False)

    # Helpers of the suites.

    def proof(self, given: Any, fixture: str, capability: Capability | None = None) -> Any:
        """What a fixture gave; without it skip, or fail if a declared capability needs it."""
        if given is None and capability is not None:
            pytest.fail(f"it declares {capability.name}: give the fixture `{fixture}` to prove it")
        if given is None:
            pytest.skip(f"give the fixture `{fixture}` to try this")
        return given

    def needs(self, handle: Handle, capability: Capability) -> None:
        """Skip a check whose capability is not declared."""
        if not handle.can(capability):
            pytest.skip(f"it does not declare {capability.name}")

    def _refuses(self, registry: Registry, key: str) -> None:
        [view] = registry.instances()
        assert view.state is State.MISCONFIGURED, f"{key}: {view.state} {view.reason}"
        keys = [problem.key for problem in registry.problems]
        # Something inside it may be wrong: `media[2]`, `rates.EUR`.
        assert any(each.partition("[")[0].partition(".")[0] == key for each in keys), keys

    def _plugin(self, handle: Handle) -> object:
        assert handle._guard is not None
        [plugin] = handle._guard._manager.get_plugins()
        return plugin

    def _implemented(self, handle: Handle) -> set[str]:
        return set(implemented(self._plugin(handle))) & set(hooks_of(SPECS[self.family]))

    def _hook(self, handle: Handle, name: str) -> Callable[..., Any]:
        hook: Callable[..., Any] = getattr(self._plugin(handle), name)
        return hook


def _packages(module: ModuleType) -> Discovery:
    return inspect_packages({module.__name__.removeprefix("incasso_"): module})


def _secrets(kind: PluginKind) -> list[Field]:
    return [field for field in declared(kind.settings) if "Secret" in str(field.type)]


def _variables(config: HubConfig) -> list[str]:
    """The environment variables a configuration file names."""
    values = [
        value
        for family in config.tables.values()
        for table in family.values()
        for value in table.values()
    ]
    return [value["env"] for value in values if is_reference(value) and "env" in value]
