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
from tests.cli.command import plain_environment


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
BESIDE_A_DATABASE = (HEAVY - {"sqlalchemy", "rich"}) | {"babel", "typst", "lxml", "fastapi"}
"""What nothing that asks or acts without a plugin needs."""


def _imported(folder: Path, words: str) -> set[str]:
    """Every module that a command imports."""
    program = (
        "import sys\n"
        "from incasso.cli.main import main\n"
        f"code = main({words.split()!r})\n"
        "print()\n"
        "print(code, *sorted(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env=plain_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    code, *modules = done.stdout.splitlines()[-1].split()
    assert code == ("2" if words == "stepz" else "0"), done.stderr
    return set(modules)


@pytest.mark.parametrize("words", ["--help", "act hold --help", "plan --help", "stepz"])
def test_small_commands_load_little(words: str, tmp_path: Path) -> None:
    assert not HEAVY & _imported(tmp_path, words)


@pytest.mark.parametrize(
    "words",
    [
        "clients --limit 10",
        "installments --format json --limit 10",
        "steps",
        "users list --by anna",
        "explain 1001",
        "history 1001",
        "act hold 1001 --until 2026-12-31 --why x --by anna",
    ],
)
def test_what_asks_or_acts_loads_no_plugin_and_no_templates(words: str, office: Path) -> None:
    modules = _imported(office, words)
    assert not BESIDE_A_DATABASE & modules
    assert "holidays.countries" not in modules
    assert not {name for name in modules if name.startswith(("incasso_csv", "incasso_folder"))}


def test_files_are_read_and_written_without_the_libraries_of_http(office: Path) -> None:
    modules = _imported(office, "check")
    assert "incasso_csv" in modules
    assert not {"requests", "urllib3", "jinja2", "alembic"} & modules


def test_a_list_in_json_draws_no_table(office: Path) -> None:
    assert "rich" not in _imported(office, "clients --format json")
