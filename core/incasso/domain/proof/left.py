"""What became of messages that were about to leave, as the log beside the archive tells it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum

import msgspec


class LeavingCase(msgspec.Struct, frozen=True):
    """A case that a message was about."""

    installment: str
    """Its key in the ledger."""
    stage: str
    residual: int
    """What was open, minor units."""
    unpaid: bool = False
    """Whether the case was opened for a bill that came back."""


class Intent(msgspec.Struct, frozen=True, kw_only=True, tag_field="is", tag="intent"):
    """A message that may leave from now on: enough to write it into a database that lost it."""

    delivery: str
    step: int
    """Its number in the database of that day, which another database may give to another step."""
    source: str
    client: str
    iter: str
    iter_version: int
    stage: str
    action: str
    medium: str
    channel: str
    to: str
    language: str
    template: str
    cases: tuple[LeavingCase, ...]
    total: int
    """Minor units."""
    asked: int | None
    """With charges, less credits; minor units."""
    currency: str
    sha256: str
    size: int
    media_type: str
    filename: str
    ref: str
    due_on: date
    on: date
    at: datetime


class Opened(msgspec.Struct, frozen=True, tag_field="is", tag="opened"):
    """The first line of a file in which each message is said to begin before it does."""

    file: int
    """The number that the file system gave the file: a copy of it has another one."""


class Begun(msgspec.Struct, frozen=True, tag_field="is", tag="begun"):
    """From now on it may leave: on the disk before its channel is called."""

    delivery: str


class Left(msgspec.Struct, frozen=True, tag_field="is", tag="left"):
    """The other side has it."""

    delivery: str
    ref: str
    at: datetime


class NotLeft(msgspec.Struct, frozen=True, tag_field="is", tag="not_left"):
    """It certainly did not leave this time."""

    delivery: str


class Doubtful(msgspec.Struct, frozen=True, tag_field="is", tag="doubtful"):
    """Nobody knows whether it left."""

    delivery: str


class PageDone(msgspec.Struct, frozen=True, tag_field="is", tag="page_done"):
    """Every message of the page that left was answered: the rest did not begin."""


Line = Opened | Intent | Begun | Left | NotLeft | Doubtful | PageDone


class Fate(StrEnum):
    """What the log says of a message."""

    LEFT = "left"
    NOT_LEFT = "not_left"
    IN_DOUBT = "in_doubt"


class Account(msgspec.Struct, frozen=True):
    """One message and its fate; the answer of the other side if there was one."""

    intent: Intent
    fate: Fate
    left: Left | None = None


def account(found: dict[str, Account], run: Iterable[object]) -> None:
    """Add the lines of one dispatch to what is found so far, by delivery id. Other lines pass.

    What left once has left, whatever a later run says. A run that ended in the middle of a page
    leaves its unanswered messages in doubt.
    """
    unanswered: set[str] = set()
    for line in run:
        if isinstance(line, Line):
            _account(found, unanswered, line)


def _account(found: dict[str, Account], unanswered: set[str], line: Line) -> None:
    if isinstance(line, Opened):
        return
    if isinstance(line, PageDone):
        for delivery in unanswered:
            _settle(found, delivery, Fate.NOT_LEFT)
        unanswered.clear()
    elif isinstance(line, Intent):
        known = found.get(line.delivery)
        if known is None or known.fate is not Fate.LEFT:
            found[line.delivery] = Account(line, Fate.IN_DOUBT)
            unanswered.add(line.delivery)
    else:
        unanswered.discard(line.delivery)
        if isinstance(line, Left):
            _settle(found, line.delivery, Fate.LEFT, line)
        else:
            not_left = isinstance(line, NotLeft)
            _settle(found, line.delivery, Fate.NOT_LEFT if not_left else Fate.IN_DOUBT)


def account_of_dead(run: Iterable[object]) -> dict[str, Account]:
    """What became of the messages of a dispatch that died, if the file is the one it wrote.

    A message without a line that it began has certainly not left, and of those that began at most
    the last is in doubt: the lines before it were on the disk when it began. Of a channel with
    several connections it is the last on each.
    """
    found: dict[str, Account] = {}
    for line in run:
        if isinstance(line, Intent):
            known = found.get(line.delivery)
            if known is None or known.fate is not Fate.LEFT:
                found[line.delivery] = Account(line, Fate.NOT_LEFT)
        elif isinstance(line, Begun | Left | NotLeft | Doubtful):
            _account(found, set(), line)
    return found


def _settle(found: dict[str, Account], delivery: str, fate: Fate, left: Left | None = None) -> None:
    known = found.get(delivery)
    if known is not None and known.fate is not Fate.LEFT:
        found[delivery] = Account(known.intent, fate, left)
