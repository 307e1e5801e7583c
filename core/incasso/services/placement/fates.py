"""What becomes of each row that a provider sends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

import msgspec

from incasso.contract.exchange import UpdateItem
from incasso.contract.text import Text
from incasso.domain.placement.problems import ReturnProblem
from incasso.domain.placement.states import UpdateStanding

Line: TypeAlias = tuple[int | None, UpdateItem]
"""A row with its number in the file, counted from 1 with the heading."""


class Fate(StrEnum):
    """How a row ends: each has exactly one of these."""

    APPLIED = "applied"
    NOTED = "noted"
    WAITING = "waiting"
    REFUSED = "refused"
    REPEATED = "repeated"
    """It was taken before, word for word."""


FATES = {
    UpdateStanding.APPLIED: Fate.APPLIED,
    UpdateStanding.NOTED: Fate.NOTED,
    UpdateStanding.WAITING: Fate.WAITING,
    UpdateStanding.REFUSED: Fate.REFUSED,
}


class RowFate(msgspec.Struct, frozen=True, kw_only=True):
    """One row and what became of it."""

    line: int | None
    """Row of the file, counted from 1 with the heading; null: over a web service."""
    update_id: str
    fate: Fate
    problem: ReturnProblem | None = None
    message: Text | str = ""
    """Why, with the cure."""


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where reports come from."""

    provider: str
    """Its key."""
    arrival: int | None = None
    """The file; null: a web service."""
    sha256: str = ""
    file: str = ""


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """When they are taken in."""

    on: date
    at: datetime


def count(fates: Iterable[RowFate]) -> Counter[Fate]:
    """How many rows ended how."""
    return Counter(each.fate for each in fates)
