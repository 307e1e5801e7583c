"""Messages to our own people: each recipient gets one of its own, and each at most once."""

from __future__ import annotations

from datetime import date
from enum import StrEnum


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
