"""Numbers that a person types: no larger than what a database takes, whatever they are for."""

from __future__ import annotations

from copy import copy
from typing import Any, Final

from incasso.contract.text import text

LARGEST: Final = 2**63 - 1
"""SQLite and PostgreSQL keep whole numbers in 64 bits; Python's own know no end."""


def keep_numbers_small(command: Any) -> None:
    """Let each whole number among the options and arguments of a command, and of those below it,
    be refused by name where no row can have it."""
    for parameter in command.params:
        if parameter.type.name.startswith("int"):  # of newer Typer; older ones say integer
            parameter.type = _bounded(parameter.type)
    for below in getattr(command, "commands", {}).values():
        keep_numbers_small(below)


def _bounded(kind: Any) -> Any:
    """The same type, which is shared by all commands, with an end."""
    found, convert = copy(kind), kind.convert

    def to_number(value: Any, parameter: Any, context: Any) -> int:
        number: int = convert(value, parameter, context)
        if abs(number) > LARGEST:
            found.fail(text("no number here is so large"), parameter, context)
        return number

    found.convert = to_number
    return found
