"""A plugin that prints, interrupts or ends is named, and what the command writes stays clean."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from incasso.cli.own_output import tell_who_failed
from incasso.plugins.unheard import unheard
from tests.cli.command import CONFIG, incasso, make_office, plain_environment

PLUGIN = """
import logging, os, subprocess, sys
from incasso.api import *
from dataclasses import dataclass

{at_import}

@dataclass(frozen=True)
class Settings:
    pass

class Zeus:
    def __init__(self, settings):
        pass
    @hookimpl
    def instance_check(self, ctx):
        {in_check}
        return CheckReport(remote_identity="zeus")
    @hookimpl
    def erp_pull_clients(self, since):
        yield Page(complete=True)
    @hookimpl
    def erp_pull_installments(self, since):
        yield Page(complete=True)

@hookimpl
def hub_kinds():
    {in_kinds}
    return [PluginKind(family=Family.CONNECTOR, name="{kind}", summary="x", factory=Zeus,
                       settings=Settings, capabilities={{}})]
"""
PRINTS = "print('NOISE'); sys.stdout.buffer.write(b'NOISE'); sys.stderr.write('NOISE')"
WRITES = "os.write(1, b'NOISE'); subprocess.run(['echo', 'NOISE'])"
LOGS = "logging.basicConfig(stream=sys.stdout, level=0); logging.getLogger().warning('NOISE')"


def office(
    folder: Path,
    at_import: str = "",
    in_check: str = "pass",
    in_kinds: str = "pass",
    name: str = "zeus",
    kind: str = "zeus",
) -> Path:
    """An office with one plugin more, found as an installed distribution is found."""
    make_office(folder)
    (folder / "plugins.toml").write_text(CONFIG + '[connectors.z]\nplugin = "zeus"\n')
    code = PLUGIN.format(at_import=at_import, in_check=in_check, in_kinds=in_kinds, kind=kind)
    (folder / "incasso_zeus.py").write_text(code)
    info = folder / "incasso_zeus-1.2.3.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: incasso-zeus\nVersion: 1.2.3\n")
    (info / "entry_points.txt").write_text(f"[incasso.plugins]\n{name} = incasso_zeus\n")
    return folder


def path(folder: Path) -> str:
    return os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH", ""))))


@pytest.mark.parametrize("where", ["at_import", "in_check", "in_kinds"])
def test_machine_formats_stay_clean(tmp_path: Path, where: str) -> None:
    folder = office(tmp_path / "office", **{where: f"{PRINTS}; {WRITES}; {LOGS}"})
    ended = incasso(folder, "check", "--format", "json", PYTHONPATH=path(folder))
    assert ended.code == 0, ended
    rows = {row["id"]: row["state"] for row in ended.rows()}
    assert rows["z"] == "ready" and rows["acme"] == "ready"
    assert "zeus printed something" in ended.err or "the plugin z printed" in ended.err


@pytest.mark.parametrize(
    ("where", "raised"),
    [
        ("at_import", "KeyboardInterrupt()"),
        ("at_import", "SystemExit(3)"),
        ("in_kinds", "BaseException('x')"),
        ("in_check", "KeyboardInterrupt()"),
    ],
)
def test_what_it_raises_ends_nothing(tmp_path: Path, where: str, raised: str) -> None:
    folder = office(tmp_path / "office", **{where: f"raise {raised}"})
    ended = incasso(folder, "check", "--format", "json", PYTHONPATH=path(folder))
    rows = {row["id"]: row for row in ended.rows()}
    assert rows["acme"]["state"] == "ready" and not ended.has_traceback
    assert rows["z"]["state"] == ("broken" if where == "in_check" else "load_failed")
    assert raised.partition("(")[0] in rows["z"]["reason"] and rows["z"]["hint"]


def test_the_list_tells_version_package_and_failure(tmp_path: Path) -> None:
    folder = office(tmp_path / "office", at_import="raise KeyboardInterrupt()")
    ended = incasso(folder, "plugins", "list", "--format", "json", PYTHONPATH=path(folder))
    rows = {row["kind"]: row for row in ended.rows()}
    assert rows["csv"]["package"] == "incasso" and rows["csv"]["version"]
    zeus = rows["zeus"]
    assert (zeus["package"], zeus["version"]) == ("incasso-zeus", "1.2.3")
    assert zeus["state"] == "load_failed" and "KeyboardInterrupt" in zeus["reason"]
    assert zeus["hint"] and zeus["installed_at"]


@pytest.mark.parametrize(("name", "kind"), [("aaa", "csv"), ("csv", "csv")])
def test_the_hubs_own_kinds_win(tmp_path: Path, name: str, kind: str) -> None:
    folder = office(tmp_path / "office", name=name, kind=kind)
    ended = incasso(folder, "plugins", "list", "--format", "json", PYTHONPATH=path(folder))
    ready, refused = [row for row in ended.rows() if row["kind"] == "csv"]
    assert (ready["package"], ready["state"]) == ("incasso", "ready")
    assert (refused["package"], refused["state"]) == ("incasso-zeus", "load_failed")
    reason = refused["reason"]
    assert any(word in reason for word in ("stay", "resta", "rimane")) and refused["hint"]


def test_ctrl_c_of_the_user_still_ends_the_command(tmp_path: Path) -> None:
    waits = "open('waiting', 'w').close(); __import__('time').sleep(60)"
    folder = office(tmp_path / "office", in_check=waits)
    process = subprocess.Popen(
        [sys.executable, "-m", "incasso.cli.main", "check"],
        cwd=folder,
        env={**plain_environment(), "PYTHONPATH": path(folder), "INCASSO_USER": "anna"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    until = time.monotonic() + 60
    while not (folder / "waiting").exists() and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=9)  # the hook itself would have ten seconds
    assert process.returncode != 0


def test_a_package_that_was_not_heard_is_named_with_what_that_means(
    capsys: pytest.CaptureFixture[str],
) -> None:
    unheard.clear()
    unheard["zeus", "hub_event"] = "SystemExit: 4"
    tell_who_failed()
    told = " ".join(capsys.readouterr().err.split())
    assert "zeus" in told and "hub_event: SystemExit: 4; " in told
    tell_who_failed()
    assert capsys.readouterr().err == "", "once a run"
