"""A key of a table that does not fit."""

from __future__ import annotations

from incasso.api import Problem, Text


def wrong(key: str, message: Text, hint: Text | str = "") -> Problem:
    """What is wrong with it, and the cure."""
    return Problem(code="configuration", field=key, message=message, hint=hint)
