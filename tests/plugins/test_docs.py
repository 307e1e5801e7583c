"""The author guide cannot drift: it names every hook, error, capability and key; its code runs."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from incasso.contract import errors
from incasso.contract.capabilities import Family
from incasso.contract.general import GeneralSpec
from incasso.plugins.settings.hub_keys import HubKeys
from incasso.plugins.specs import CAPABILITIES, hooks_of
from incasso.plugins.states import State
from incasso.testing import BaseChannelContract, BaseConnectorContract, BaseProviderContract
from incasso.testing.suite import BaseContract

GUIDE = Path(__file__).parents[2] / "docs" / "plugins"
PAGES = {
    Family.CONNECTOR: "connector.md",
    Family.CHANNEL: "channel.md",
    Family.PROVIDER: "provider.md",
}


def page(name: str) -> str:
    return (GUIDE / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("family", Family)
def test_every_capability_is_on_its_page(family: Family) -> None:
    told = page(PAGES[family]) + page("hooks.md")
    missing = [each.name for each in CAPABILITIES[family] if f"`{each.name}`" not in told]
    assert not missing


def test_every_general_hook_is_in_the_guide() -> None:
    assert all(f"`{hook}`" in page("index.md") for hook in hooks_of(GeneralSpec))


def test_every_error_is_explained() -> None:
    names = [
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.IncassoError)
    ]
    assert len(names) >= 11
    assert all(f"`{name}" in page("errors.md") for name in names)


def test_every_key_and_state_is_in_the_guide() -> None:
    guide = page("index.md")
    assert [each.name for each in fields(HubKeys) if f"`{each.name}`" not in guide] == []
    assert [state for state in State if f"`{state}`" not in guide] == []


@pytest.mark.parametrize(
    "suite", [BaseConnectorContract, BaseChannelContract, BaseProviderContract]
)
def test_every_fixture_an_author_may_give_is_explained(suite: type[BaseContract]) -> None:
    made_for_them = {"handle", "kind", "start", "records"}
    names = [
        name
        for base in suite.__mro__
        for name, value in vars(base).items()
        if type(value).__name__ == "FixtureFunctionDefinition"
    ]
    assert len(names) > 10
    missing = [each for each in names if f"`{each}`" not in page("testing.md")]
    assert set(missing) <= made_for_them


def test_links_lead_somewhere() -> None:
    for file in GUIDE.glob("*.md"):
        for target in re.findall(r"\]\(([^)#]+)", file.read_text(encoding="utf-8")):
            assert (file.parent / target).exists(), f"{file.name}: {target}"


def test_the_first_plugin_keeps_the_contract(tmp_path: Path) -> None:
    plugin, test = re.findall(r"```python\n(.*?)```", page("index.md"), re.S)[:2]
    assert len(plugin.splitlines()) <= 60, "the first plugin is short"
    (tmp_path / "incasso_notes.py").write_text(plugin)
    (tmp_path / "test_notes.py").write_text(test)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-c",
            "/dev/null",
            f"--rootdir={tmp_path}",
            str(tmp_path),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    assert " passed" in done.stdout
