"""One thing wrong in a file, and the exception by which a value says that it does not fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from incasso.contract.text import Text, TextValue, text
from incasso.contract.values import Problem, Value


class Wrong(Value, frozen=True, kw_only=True):
    """Where, what, and the cure.

    Rules of the domain give code and values, and whoever shows them finds the words; mistakes that
    every file can have are worded here.
    """

    key: str
    """Dotted, with places of a list counted from 1: `iter[2].stage[1].days`; empty: the table."""
    code: str = "unfit"
    message: str = ""
    hint: str = ""
    values: Mapping[str, Any] = {}

    def below(self, key: str) -> Wrong:
        """The same, with the place relative to the table that holds this one under that key."""
        return msgspec.structs.replace(self, key=joined(key, self.key))

    def problem(self, code: str = "configuration") -> Problem:
        """The same as a problem of the contract."""
        return Problem(code=code, field=self.key, message=self.message, hint=self.hint)


def wrong_key(key: str, message: str, hint: str = "") -> Problem:
    """A key of a table that does not fit: what is wrong with it, and the cure."""
    return Problem(code="configuration", field=key, message=message, hint=hint)


def problem_line(file: str, place: TextValue, message: str, hint: str) -> Text:
    """One line about one problem: file, place in it, what is wrong, and the cure."""
    if not place:
        where: TextValue = file
    else:
        where = text("{file}: {place}", file=file, place=place)
    if not hint:
        return text("{where}: {problem}", where=where, problem=message)
    return text("{where}: {problem} ({cure})", where=where, problem=message, cure=hint)


def joined(*keys: str) -> str:
    """Keys with dots between them; empty ones are skipped."""
    return ".".join(filter(None, keys))


class UnfitError(Exception):
    """A value does not fit its type: what is wrong and the cure, or a code with its values."""

    def __init__(
        self, message: str = "", hint: str = "", code: str = "unfit", **values: Any
    ) -> None:
        super().__init__(message or code)
        self.wrong = Wrong(key="", code=code, message=message, hint=hint, values=values)
