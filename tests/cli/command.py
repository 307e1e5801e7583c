"""The real command, as a process or inside this one, in a small office made of files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import warnings
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any
from unittest.mock import patch

from incasso.cli.main import main

ROOT = Path(__file__).parents[2]
OFFICE = ROOT / "docs/tutorial/office"
DAY = "2026-11-23"

CONFIG = """
[hub]
timezone = "Europe/Rome"

[connectors.acme]
plugin = "csv"
clients = "ledger/clients.csv"
installments = "ledger/installments.csv"

[channels.print_room]
plugin = "folder"
media = ["email", "pec", "letter"]
folder = "outbox"
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    def rows(self) -> list[dict[str, Any]]:
        """What `--format json` printed; nothing else may stand beside it."""
        found: list[dict[str, Any]] = json.loads(self.out)
        return found

    @property
    def has_traceback(self) -> bool:
        return "Traceback" in self.err + self.out or ", line " in self.err


def plain_environment() -> dict[str, str]:
    """The environment without the width of whatever terminal the tests were started from.

    Commands speak English, the language of these tests, unless a test asks for another.
    """
    told = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    return {"INCASSO_LANGUAGE": "en", **told}


def incasso(folder: Path, *words: str, stdin: str = "", **environment: str) -> Ended:
    """Run one command in a folder, without a terminal."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "incasso.cli.main", *words],
        cwd=folder,
        input=stdin,
        env={**plain_environment(), "INCASSO_USER": "anna", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def inside(folder: Path, *words: str, language: str = "en") -> Ended:
    """The same without a new process: for the many cases in which only the words differ."""
    written = BytesIO()
    out, err = TextIOWrapper(written, "utf-8"), StringIO()
    with (
        chdir(folder),
        patch.dict(os.environ, {**plain_environment(), "INCASSO_LANGUAGE": language}, clear=True),
        redirect_stdout(out),
        redirect_stderr(err),
        warnings.catch_warnings(),
    ):
        code = main(words)
        out.flush()
    return Ended(code, written.getvalue().decode(), err.getvalue())


def well(folder: Path, *words: str, **options: str) -> Ended:
    """The same for a command that must end well."""
    ended = incasso(folder, *words, **options) if options else inside(folder, *words)
    assert ended.code == 0, (words, ended)
    return ended


def make_office(folder: Path) -> Path:
    """Configuration, the tutorial's ledger and iter; nothing initialised yet."""
    (folder / "ledger").mkdir(parents=True)
    for name in ("clients.csv", "installments.csv"):
        shutil.copy(OFFICE / name, folder / "ledger" / name)
    shutil.copy(OFFICE / "iters.toml", folder / "iters.toml")
    (folder / "plugins.toml").write_text(CONFIG, encoding="utf-8")
    return folder
