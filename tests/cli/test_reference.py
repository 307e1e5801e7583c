"""The reference page lists every command and option; run this module to write it anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from incasso.cli.main import app
from tests.cli.command import ROOT

PAGE = ROOT / "docs/reference/cli.md"
MARK = "<!-- From here on written by `python -m tests.cli.test_reference`. -->\n"
SHARED = (
    "--source --client --agent --area --depot --operator --limit --columns --format --attach "
    "--why --by --on"
).split()
"""Explained once, above the commands."""


def test_the_page_lists_the_real_commands() -> None:
    """If this fails: run the module, look at the difference, commit the page."""
    head, mark, written = PAGE.read_text(encoding="utf-8").partition(MARK)
    assert mark
    assert written == reference()
    for option in SHARED:
        assert f"`{option}" in head, option


def reference() -> str:
    """Every command with what is its own, in the order of `--help`."""
    return "\n".join(line for path, one in commands() for line in _lines(path, one))


def commands() -> Iterator[tuple[str, Any]]:
    """Each command by the words that start it."""
    return _below("incasso", get_command(app))


def _below(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    for name in getattr(command, "commands", {}):
        one = command.get_command(None, name)
        if hasattr(one, "commands"):
            if one.invoke_without_command:
                yield f"{path} {name}", one
            yield from _below(f"{path} {name}", one)
        else:
            yield f"{path} {name}", one


def _lines(path: str, command: Any) -> Iterator[str]:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option"]
    words = " ".join([path, *(_metavar(one) for one in arguments)])
    yield f"\n## `{words}`\n\n{command.help}\n"
    for one in arguments:
        if one.help:
            yield f"- `{_metavar(one).strip('[]')}`: {_sentence(one.help)}"
    for one in options:
        if not _is_shared(one):
            yield f"- {_written(one)}: {_sentence(one.help)}{_more(one)}"
    if shared := [f"`{one.opts[0]}`" for one in options if _is_shared(one)]:
        yield f"- also {', '.join(shared)}"


def _is_shared(option: Any) -> bool:
    # `report --by band` is another matter than `act --by LOGIN`.
    return option.opts[0] in SHARED and (option.opts[0] != "--by" or option.metavar == "LOGIN")


def _metavar(argument: Any) -> str:
    name = argument.metavar or argument.name.upper()
    return f"{name} …" if argument.nargs == -1 and not name.startswith("[") else name


def _written(option: Any) -> str:
    value = f" {option.metavar}" if option.metavar else "" if option.is_flag else " …"
    names = [f"`{name}{value}`" for name in option.opts]
    return ", ".join([*names, *(f"`{name}`" for name in option.secondary_opts)])


def _more(option: Any) -> str:
    if option.required:
        return " Required."
    return " May be repeated." if option.multiple and "repeat" not in option.help else ""


def _sentence(text: str) -> str:
    assert text, "every option has its help"
    return text if text.endswith((".", "…")) else f"{text}."


if __name__ == "__main__":
    kept = PAGE.read_text(encoding="utf-8").partition(MARK)[0] if PAGE.exists() else ""
    Path(PAGE).write_text(kept + MARK + reference(), encoding="utf-8")
