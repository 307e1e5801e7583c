"""The table of commands says what the commands say, and small ones start without the rest."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from typer.main import get_command, get_group

from incasso.cli.commands import COMMANDS, AllCommands
from incasso.cli.main import app


def _all() -> AllCommands:
    found = get_command(app)
    assert isinstance(found, AllCommands)
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_what_the_table_says(name: str) -> None:
    own = _all().get_command(None, name)
    assert own.name == name
    assert str(COMMANDS[name].summary) == str(own.help).partition("\n\n")[0]


def test_no_command_is_left_out() -> None:
    """Every application that a module of the command line makes is reached from the table."""
    found = set()
    for module in {command.module for command in COMMANDS.values()}:
        own = import_module(f"incasso.cli.{module}").app
        found |= {own.info.name} if isinstance(own.info.name, str) else set(get_group(own).commands)
    assert found == set(COMMANDS)


HEAVY = {"sqlalchemy", "alembic", "rich", "pluggy", "requests", "jinja2", "pypdf", "pydantic"}


@pytest.mark.parametrize("words", ["--help", "act hold --help", "plan --help", "stepz"])
def test_small_commands_load_little(words: str, tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from incasso.cli.main import main\n"
        f"main({words.split()!r})\n"
        "print(*sorted(name for name in sys.modules if '.' not in name))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert not HEAVY & set(done.stdout.splitlines()[-1].split())
