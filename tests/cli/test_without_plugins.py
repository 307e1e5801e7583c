"""What people do and look at works with every plugin broken or missing: none is even loaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import DAY, inside, well

COMMANDS = [
    ("act", "hold", "1003", "--why", "verifica"),
    ("act", "release", "1003"),
    ("act", "block-orders", "1003", "--why", "insoluti"),
    ("act", "release-orders", "1003", "--why", "pagato"),
    ("explain", "1003", "--on", DAY),
    ("simulate", "--days", "3", "--on", DAY),
    ("plan", "--on", DAY),
    ("clients",),
    ("steps", "--format", "json"),
    ("report", "overdue", "--on", DAY),
    ("journal", "--limit", "3"),
    ("verify",),
    ("users", "list"),
    ("users", "add", "luca", "--by", "admin"),
    ("assignment", "list"),
    ("iters", "export"),
    ("iters", "import", "iters.toml"),
    ("templates", "list"),
    ("tokens", "list"),
    ("blocks",),
]


@pytest.fixture
def broken(office: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The office with plugins nobody has, in a program that cannot load any."""

    def no_registry(*_: object, **__: object) -> None:
        raise AssertionError("this command needs no plugin")

    monkeypatch.setattr("incasso.services.hub.hub.build_registry", no_registry)
    config = (office / "plugins.toml").read_text(encoding="utf-8")
    config = config.replace('plugin = "csv"', 'plugin = "vanished"').replace(
        '"folder"', '"gone"', 1
    )
    (office / "plugins.toml").write_text(config, encoding="utf-8")
    return office


def test_every_command_that_needs_no_plugin_works_without(broken: Path) -> None:
    for words in COMMANDS:
        well(broken, *words)


def test_a_command_that_needs_them_is_no_longer_fooled(broken: Path) -> None:
    """Or the test above would prove nothing."""
    assert "needs no plugin" in inside(broken, "check").err


def test_acting_loads_no_plugin_machinery() -> None:
    asked = "import sys, incasso.services.acts, incasso.web.app; print(*sorted(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True
    ).stdout.split()
    for module in ("pluggy", "incasso.plugins.registry", "incasso_csv", "requests", "typst"):
        assert module not in loaded, module
