"""What an act changed, with the values before and after, so that it can be undone."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec


class Thing(StrEnum):
    """What kind of record was changed."""

    CLIENT = "client"
    INSTALLMENT = "installment"
    CASE = "case"
    STEP = "step"
    AGREEMENT = "agreement"
    CONTACT = "contact"
    CORRECTION = "correction"
    CONSENT = "consent"
    CLIENT_CONTACT = "client_contact"
    REPLY = "reply"


COURSE: Final[Mapping[Thing, tuple[str, ...]]] = {
    Thing.CASE: ("state", "stage", "counted_on", "step_id"),
    Thing.STEP: ("status", "done_on", "counted_on"),
}
"""What changes when a case goes on or a step leaves."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Some fields of one record; dates ISO.

    It can be undone while the record still has the values after it. Of cases and steps it also
    keeps, unchanged, the fields that say how far they went (`COURSE`).
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


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A record that the act created; dates ISO."""

    thing: Thing
    id: int
    after: Mapping[str, Any]
    """All its fields: it can be taken away while it still has them."""


class Before(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything an act changed, in order; undone in reverse."""

    act: str = ""
    """The name of the act."""
    changes: tuple[Change, ...] = ()
    made: tuple[Made, ...] = ()
    left: tuple[LeftStep, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything was changed."""
        return bool(self.changes or self.made or self.left)
