"""Error texts of databases, and our sentences for them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

from incasso.contract.text import Text, text

_FAILURES: Final[Sequence[tuple[Sequence[str], Text]]] = (
    # error texts of drivers; the first match counts
    (
        ("no such table", "undefinedtable"),
        text("The database is not initialised: run `incasso init`."),
    ),
    (
        ("no such column", "undefinedcolumn"),
        text("The database is of an older version: run `incasso upgrade`."),
    ),
    (
        ("database is locked", "locknotavailable", "deadlockdetected"),
        text("Another command is writing to the database: try again in a moment."),
    ),
    (
        ("unable to open database file",),
        text(
            "The database file cannot be opened: check [hub] database, its folder and its "
            "permissions."
        ),
    ),
    (
        ("readonly database",),
        text("The database file is read-only: give this user the right to write it."),
    ),
    (
        ("file is not a database",),
        text(
            "The database file is not an Incasso database: check [hub] database, or restore a copy."
        ),
    ),
    (("malformed",), text("The database file is damaged: restore a copy.")),
    (
        ("disk is full",),
        text(
            "The disk is full: free some space and run the command again; what was finished is "
            "kept."
        ),
    ),
    (
        ("diskfull",),
        text("The database server's disk is full: free some space and run the command again."),
    ),
    (
        ("disk i/o error",),
        text("The disk does not read or write: check it, then run the command again."),
    ),
    (
        ("password authentication failed",),
        text("The database refuses the password: check [hub] database."),
    ),
    (
        ("does not exist",),
        text("The database or its user does not exist on the server: check [hub] database."),
    ),
    (
        ("insufficientprivilege",),
        text("The database user may not do this: it needs to own its tables."),
    ),
    (
        ("connection",),
        text("The database does not answer: start it, or correct [hub] database."),
    ),
)
_NO_URL: Final = text(
    "[hub] database is not a database URL: write sqlite:///incasso.db or "
    "postgresql://user:password@host/name."
)


def of_database(error: BaseException) -> tuple[Text, bool] | None:
    """The sentence for an error of the database layer, and whether the configuration is wrong."""
    # Looked up, not imported: a wrong option must not load the database layer, which is slow.
    module = sys.modules.get("sqlalchemy.exc")
    if module is None or not isinstance(error, module.SQLAlchemyError):
        return None
    if isinstance(error, module.ArgumentError):
        return _NO_URL, True
    original = getattr(error, "orig", None) or error
    found = f"{type(original).__name__} {original}".lower()
    for signs, sentence in _FAILURES:
        if any(sign in found for sign in signs):
            return sentence, False
    return text("The database refuses: {words}.", words=first_line(original)), False


def first_line(error: BaseException) -> str:
    """The first of an error's own words."""
    said = str(error)
    if isinstance(said, Text):
        return said
    lines = said.strip().splitlines()
    return lines[0].rstrip(".") if lines else text("no further words")
