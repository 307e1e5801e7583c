"""Values that every family of plugins shares: money, cursors, pages, problems, receipts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final, Generic, TypeAlias, TypeVar

import msgspec

T = TypeVar("T")

API: Final = 1
"""Major version of the plugin contract; the hub accepts this one and the one before."""

API_MINOR: Final = 3
"""Minor version of the contract: it grows when something is added, and nothing else changes."""

ExternalId: TypeAlias = Annotated[str, msgspec.Meta(max_length=128)]
"""The other side's identifier: 1-128 characters, opaque, unique per instance and record type.

Empty only where a field has that as its default.
"""

Reference: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
"""An ExternalId that can never be empty, because it is looked up later."""

UpdateId: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
"""What makes a piece of news one of its kind: the same news twice has the same."""

Cursor: TypeAlias = Annotated[str, msgspec.Meta(max_length=2048)]
"""Where a pull stopped; opaque to the hub, at most 2,048 characters."""

LARGEST_FILE: Final = 10 * 1024 * 1024
"""Bytes of one attachment, of a message as of a proof."""

CurrencyCode: TypeAlias = str
"""ISO 4217."""


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every border type: frozen, keyword-only, so that fields can be added later."""


class Money(Value, frozen=True, kw_only=True, order=False):
    """An amount in one currency; adding two currencies raises ValueError."""

    amount: Decimal
    currency: CurrencyCode = "EUR"

    def __add__(self, other: Money) -> Money:
        if self.currency != other.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(amount=self.amount + other.amount, currency=self.currency)


class Problem(Value, frozen=True, kw_only=True):
    """A problem for an operator: what, where, and the cure."""

    code: str
    message: str
    field: str = ""
    hint: str = ""


class Secret:
    """A password or token: prints as stars, `reveal()` gives the text, never plain in a file."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The secret itself; keep it out of logs, messages and exceptions."""
        return self._text

    def __repr__(self) -> str:
        return "Secret('********')"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)


class Attachment(Value, frozen=True, kw_only=True):
    """A file that travels with a message or proves something; at most 10 MiB."""

    filename: str
    media_type: str
    content: Annotated[bytes, msgspec.Meta(max_length=LARGEST_FILE)]


class Page(Value, Generic[T], frozen=True, kw_only=True):
    """One page of a stream. Store `cursor` only after the items are committed.

    `unchanged` holds the keys of rows whose fingerprint the hub already knows: the cheapest way to
    report "unchanged". `complete` on the last page says that this pull returned everything that
    exists, so that absent records are gone. `file` and `rows` say where the items were read
    (`rows[n]` is the row of `items[n]`, heading included, as in Excel): the hub then shows refused
    rows to the office with their place. Both may be left out.

    `warnings` are remarks for the office about what was read, such as columns that were passed
    over: the sync's answer repeats them. A channel's say what will stop it soon, e.g. a password
    that ends: `collect` and `run` repeat them. `mark` on a complete last page names the state of
    the source that was read, for instance a digest of the file: a second read with the same mark is
    no second look, so what it lacks does not count as absent once more. Empty: every read is a new
    look, as with a live system.
    """

    items: tuple[T, ...] = ()
    unchanged: tuple[ExternalId, ...] = ()
    cursor: Cursor | None = None
    complete: bool = False
    file: str = ""
    rows: tuple[int, ...] = ()
    warnings: tuple[Problem, ...] = ()
    mark: str = ""


class CheckReport(Value, frozen=True, kw_only=True):
    """What a successful check found; a failed check raises instead."""

    remote_identity: str
    """Stable name of the account, company or folder behind the settings."""
    remote_version: str = ""
    facts: Mapping[str, str] = {}
    warnings: tuple[Problem, ...] = ()


class ReceiptStatus(StrEnum):
    """ACCEPTED: the other side has it. DONE: finished, no further updates follow."""

    ACCEPTED = "accepted"
    DONE = "done"


class Receipt(Value, frozen=True, kw_only=True):
    """The other side took over one effect."""

    ref: Reference
    at: datetime
    status: ReceiptStatus = ReceiptStatus.ACCEPTED
    cost: Money | None = None
    note: str = ""
    evidence: tuple[Attachment, ...] = ()
    before: Mapping[str, str] = {}
    """What the effect replaced on the other side; the hub hands it back to have it restored."""
