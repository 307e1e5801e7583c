"""Mails to our own people: each recipient gets one of its own, and how a step ends by them.

A step that several people are told of is carried out by several messages, each with a step, a
delivery and an end of its own. The stage counts when each has left or failed for good, and at least
one left: one wrong address must not hold up what follows for the client, and shows by itself.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from enum import StrEnum

from incasso.domain.recovery.states import StepStatus


class NoticeKind(StrEnum):
    """What one of our people gets."""

    OWN = "own"
    """The message of the step itself, where only one is told."""
    ONE = "one"
    """One of several messages about the same step."""
    SUMMARY = "summary"
    """One a day about all clients of which the recipient is to know."""
    COPY = "copy"
    """A message that left to the client, for information."""


_LEFT = frozenset((StepStatus.DONE, StepStatus.COUNTED))
_UNDER_WAY = frozenset((StepStatus.PROPOSED, StepStatus.READY, StepStatus.WORKING))


def ended(notices: Collection[StepStatus]) -> StepStatus | None:
    """What a step comes to by its notices: `DONE`, `FAILED`, or None while one is under way."""
    if _UNDER_WAY.intersection(notices):
        return None
    return StepStatus.DONE if _LEFT.intersection(notices) else StepStatus.FAILED


def once(step: int, planned_for: date, address: str) -> str:
    """What the message about a step leaves at most once by; a step that is moved begins anew."""
    return f"step:{step}:{planned_for}:{address.casefold()}"


def once_a_day(gathers: str, day: date) -> str:
    """The same of a summary."""
    return f"{day}:{gathers}"


def gathered(source: int, template: str, medium: str, speaker: str, address: str) -> str:
    """What steps must have in common to be told in one summary."""
    return " ".join((str(source), template, medium, speaker or "-", address.casefold()))


def once_copied(delivery: str, address: str) -> str:
    """The same of the copy of a message."""
    return f"copy:{delivery}:{address.casefold()}"
