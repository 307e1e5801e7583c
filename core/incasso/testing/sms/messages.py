"""The messages of a simulated SMS service, and what a telephone network does with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Fate(StrEnum):
    """What becomes of messages to a number."""

    DELIVERED = "delivered"
    UNREACHABLE = "unreachable"
    """The telephone stays off."""
    NOBODY = "nobody"
    """No such subscriber; found out by the network, after the service took it."""
    NOT_A_NUMBER = "not a number"
    """Refused at once."""
    OPTED_OUT = "opted out"
    """Refused at once: the recipient answered STOP before."""
    FILTERED = "filtered"
    """The network does not let it pass."""
    EXPIRED = "expired"
    """Tried for 48 hours."""
    SILENT = "silent"
    """Handed to the network, which never says what became of it."""


class Stage(StrEnum):
    """How far a message is."""

    QUEUED = "queued"
    SENT = "sent"
    OVER = "over"


@dataclass
class SentSms:
    """One message that the service took."""

    id: str
    to: str
    sender: str
    text: str
    at: datetime
    fate: Fate
    callback: str = ""
    """Where changes are told; empty: nowhere."""
    callback_headers: Mapping[str, str] = field(default_factory=dict)
    custom: object = None
    """What the callback is to bring back, in services that have that."""
    stage: Stage = Stage.QUEUED
    changed_at: datetime | None = None


@dataclass(frozen=True)
class Callback:
    """A request that the service makes, signed as it would be."""

    url: str
    body: bytes
    headers: Mapping[str, str]
