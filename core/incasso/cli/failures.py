"""Turn whatever went wrong into one sentence with its cure, and an exit code."""

from __future__ import annotations

import errno
import sys
from typing import Final

from incasso.contract.errors import ConfigurationError, IncassoError

FINE: Final = 0
PROBLEM: Final = 1
"""In data or operation."""
MISUSE: Final = 2
"""Wrong usage or configuration."""

_DATABASE: Final = (
    # what the driver says, what we say; the first match counts
    ("no such table", "The database is not initialised: run `incasso init`."),
    ("undefinedtable", "The database is not initialised: run `incasso init`."),
    ("no such column", "The database is of an older version: run `incasso init` to update it."),
    ("undefinedcolumn", "The database is of an older version: run `incasso init` to update it."),
    ("database is locked", "Another command is writing to the database: try again in a moment."),
    ("locknotavailable", "Another command is writing to the database: try again in a moment."),
    ("deadlockdetected", "Another command is writing to the database: try again in a moment."),
    (
        "unable to open database file",
        "The database file cannot be opened: check [hub] database, its folder and its permissions.",
    ),
    ("readonly database", "The database file is read-only: give this user the right to write it."),
    (
        "file is not a database",
        "The database file is not an Incasso database: check [hub] database, or restore a copy.",
    ),
    ("malformed", "The database file is damaged: restore a copy."),
    (
        "disk is full",
        "The disk is full: free some space and run the command again; what was finished is kept.",
    ),
    ("diskfull", "The database server's disk is full: free some space and run the command again."),
    ("disk i/o error", "The disk does not read or write: check it, then run the command again."),
    ("password authentication failed", "The database refuses the password: check [hub] database."),
    (
        "does not exist",
        "The database or its user does not exist on the server: check [hub] database.",
    ),
    ("insufficientprivilege", "The database user may not do this: it needs to own its tables."),
    ("connection", "The database does not answer: start it, or correct [hub] database."),
)


def exit_code_and_lines(error: BaseException) -> tuple[int, list[str]]:
    """The exit code and the lines for standard error."""
    if _is_of_click(error):
        return _usage(error)
    if isinstance(error, ConfigurationError):
        return MISUSE, _configuration(error)
    if isinstance(error, IncassoError):
        return PROBLEM, [str(error)]
    if isinstance(error, KeyboardInterrupt):
        return PROBLEM, ["Stopped. What was finished is kept; the same command goes on from there."]
    if (database := _of_database(error)) is not None:
        return database
    if isinstance(error, OSError):
        return PROBLEM, [_of_system(error)]
    if isinstance(error, MemoryError):
        return PROBLEM, ["There is not enough memory: close other programs and try again."]
    return PROBLEM, [
        f"Unexpected {type(error).__name__}: {_first_line(error)}. Nothing half-done is kept; "
        "repeat with `incasso --debug …` and send what it prints to whoever maintains the hub."
    ]


def _is_of_click(error: BaseException) -> bool:
    # Typer brings its own copy of Click from 0.20 on; both tell their words the same way.
    return hasattr(error, "format_message") or type(error).__name__ == "Abort"


def _usage(error: BaseException) -> tuple[int, list[str]]:
    if type(error).__name__ == "Abort":
        return PROBLEM, ["Stopped."]
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "incasso"
    words = error.format_message().strip()  # type: ignore[attr-defined]
    if type(error).__name__ == "NoArgsIsHelpError":
        return MISUSE, [words]
    # Newer Typer converts by pydantic, whose prefix means nothing to whoever mistyped an option.
    words = words.replace("Value error, ", "").rstrip(".")
    return MISUSE, [f"{words}. See `{path} --help`."]


def _configuration(error: ConfigurationError) -> list[str]:
    lines = []
    for problem in error.problems:
        words = f"{problem.field}: {problem.message}" if problem.field else problem.message
        lines.append(f"{words} ({problem.hint})" if problem.hint else words)
    return lines or [str(error)]


def _of_database(error: BaseException) -> tuple[int, list[str]] | None:
    # Looked up, not imported: a wrong option must not cost the time of loading the database layer.
    module = sys.modules.get("sqlalchemy.exc")
    if module is None or not isinstance(error, module.SQLAlchemyError):
        return None
    if isinstance(error, module.ArgumentError):
        return MISUSE, [
            "[hub] database is not a database URL: write sqlite:///incasso.db or "
            "postgresql://user:password@host/name."
        ]
    original = getattr(error, "orig", None) or error
    found = f"{type(original).__name__} {original}".lower()
    for sign, sentence in _DATABASE:
        if sign in found:
            return PROBLEM, [sentence]
    return PROBLEM, [f"The database refuses: {_first_line(original)}."]


def _of_system(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "The disk is full: free some space and run it again; what was finished is kept."
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}."


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else "no further words"
