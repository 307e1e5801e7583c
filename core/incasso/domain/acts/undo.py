"""What an act changed, with the values before and after, so that it can be undone."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec


class Thing(StrEnum):
    """What kind of record was changed."""

    CLIENT = "client"
    INSTALLMENT = "installment"
    CASE = "case"
    STEP = "step"
    AGREEMENT = "agreement"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Some fields of one record; dates ISO.

    It can be undone while the record still has the values after it.
    """

    thing: Thing
    id: int
    before: Mapping[str, Any]
    after: Mapping[str, Any]


class LeftStep(msgspec.Struct, frozen=True, kw_only=True):
    """A case removed from a step that had not begun."""

    case: int
    step: int
    stage: str
    cycle: int
    residual: int
    """Minor units, as the step last saw it."""


class Before(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything an act changed, in order; undone in reverse."""

    changes: tuple[Change, ...] = ()
    made: tuple[int, ...] = ()
    """Ids of agreements that the act created."""
    left: tuple[LeftStep, ...] = ()
