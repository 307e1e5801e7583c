"""Contacts with a client: their kinds, and what may have come of one."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

import msgspec


class ContactKind(StrEnum):
    """How somebody of the office and the client came together.

    Calls and visits of ours are conversations for the contact policy; what the client began, an
    agreed meeting, a mail and a note are not.
    """

    CALL = "call"
    INBOUND_CALL = "inbound_call"
    VISIT = "visit"
    MEETING = "meeting"
    EMAIL = "email"
    NOTE = "note"

    @property
    def speaks(self) -> bool:
        """Whether the client was spoken with, unless the outcome says that it was not reached."""
        return self is not ContactKind.NOTE


class Outcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that may come of a contact; `[[outcome]]` in the iter file."""

    key: str
    label: str = ""
    """As the office calls it; the shipped ones have words of their own."""
    reached: bool = True
    """Whether the client was spoken with."""


DEFAULT_OUTCOMES: Final = (
    Outcome(key="will_pay"),
    Outcome(key="has_paid"),
    Outcome(key="no_money"),
    Outcome(key="disputes"),
    Outcome(key="call_back"),
    Outcome(key="wrong_person"),
    Outcome(key="message_left", reached=False),
    Outcome(key="no_answer", reached=False),
    Outcome(key="wrong_number", reached=False),
)
"""What an office uses that published none of its own."""


def outcome_named(key: str, known: Iterable[Outcome]) -> Outcome | None:
    """The outcome of that key."""
    return next((one for one in known if one.key == key), None)
