"""The first hour works as it is written: each command of the page, and what it is said to print."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.command import ROOT, inside

PAGE = ROOT / "docs/tutorial/first-hour.md"


def test_the_first_hour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An ellipsis on the page stands for anything."""
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setenv("INCASSO_LANGUAGE", "en")
    shutil.copy(ROOT / "plugins.toml", tmp_path)
    shutil.copytree(ROOT / "docs/tutorial/office", tmp_path / "docs/tutorial/office")
    told = list(_told(PAGE.read_text(encoding="utf-8")))
    assert len(told) > 12
    for command, expected in told:
        name, *words = shlex.split(command)
        assert name == "incasso"
        ended = inside(tmp_path, *words)
        assert ended.code == 0, (command, ended)
        pattern = ".*".join(re.escape(part.strip()) for part in expected.split("…"))
        assert re.search(pattern, ended.out, re.DOTALL), (command, ended.out)


def _told(page: str) -> Iterator[tuple[str, str]]:
    """Commands of the console blocks, with the lines printed below each."""
    for block in re.findall(r"```console\n(.*?)```", page, re.DOTALL):
        for command, printed in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
            yield command, printed.strip()
