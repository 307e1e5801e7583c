"""Whether the fields of a border type hold what their annotations say, to the letter."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import msgspec

from incasso.contract.ledger import Unreadable
from incasso.plugins import fields
from incasso.plugins.sieve import CODE


def wrong_fields(record: msgspec.Struct) -> list[str]:
    """Every field whose value is not of its declared type: a float for money, a datetime for a day.

    Also what the hub found so wrong that it took the record out of the plugin's answer.
    """
    if isinstance(record, Unreadable):
        refused = [problem.message for problem in record.problems if problem.code == CODE]
        if refused:
            return refused
    return [f"{each.record}.{each.field}: {each.words}" for each in fields.wrong_fields(record)]


R = TypeVar("R", bound=msgspec.Struct)


def sound(items: Iterable[R | Unreadable]) -> list[R]:
    """The records of an answer, every field right. Raises AssertionError naming what is not."""
    found: list[R] = []
    for item in items:
        assert (wrong := wrong_fields(item)) == [], wrong
        assert not isinstance(item, Unreadable)
        found.append(item)
    return found
