"""What is shown of one message: who gets it, its words and files, and what surrounds it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import msgspec


class ShownFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file, as it can be saved."""

    filename: str
    media_type: str
    size: int
    sha256: str = ""
    """Of a file in the archive."""
    content: bytes = b""
    """Not in the JSON."""


class ShownMessage(msgspec.Struct, frozen=True, kw_only=True):
    """The message itself."""

    to: str
    to_name: str = ""
    cc: tuple[str, ...] = ()
    medium: str
    channel: str = ""
    """The instance that carries it; empty: none could be used."""
    language: str = ""
    subject: str = ""
    text: str = ""
    """Empty where only the page exists, as in an archived letter."""
    html: str = ""
    attachments: tuple[ShownFile, ...] = ()
    pages: int = 0
    """Of a letter or fax."""
    file: ShownFile | None = None
    """The exact bytes; None if no channel could build them."""
    letter: ShownFile | None = None
    """The printed page, where the bytes could not be built."""


class ShownLine(msgspec.Struct, frozen=True, kw_only=True):
    """One installment that the message asks for."""

    installment: str
    document_number: str
    due_date: date
    residual: Decimal
    charges: Decimal
    """Bank charges asked beside it, because it came back."""


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """An installment that drops out before the message leaves, and why."""

    installment: str
    residual: Decimal
    reason: str


class ShownAgreement(msgspec.Struct, frozen=True, kw_only=True):
    """What holds with the client; without an installment for the client as a whole."""

    kind: str
    installment: str | None
    until: date | None
    amount: Decimal | None
    currency: str
    reason: str
    made_by: str
    made_on: date


class ShownMoney(msgspec.Struct, frozen=True, kw_only=True):
    """An amount, and the day it moved where it did."""

    amount: Decimal
    currency: str
    on: date | None = None


class Earlier(msgspec.Struct, frozen=True, kw_only=True):
    """A message to the client about the same credits that left before this one, with its proof."""

    delivery: str
    on: date
    stage: str
    medium: str
    to: str
    status: str
    final_at: datetime | None
    """When it was proven delivered, or bounced."""
    total: Decimal
    currency: str


class Flags(msgspec.Struct, frozen=True, kw_only=True):
    """What whoever approves should know about the client."""

    agreements: tuple[ShownAgreement, ...] = ()
    credits: tuple[ShownMoney, ...] = ()
    last_payment: ShownMoney | None = None
    earlier: tuple[Earlier, ...] = ()
    own_words: tuple[str, ...] = ()
    """The parts a person changed: subject, text, opening, closing."""
    bare: bool = False
    """A person took table, payment details and signature out."""


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """How the content differs from what was planned, or from what a person last saw of it."""

    since: str
    """planned, edited or approved."""
    on: date | None
    by: str
    total_was: Decimal
    total_now: Decimal
    """Of the installments, before open credits are taken off."""
    came: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


class StepView(msgspec.Struct, frozen=True, kw_only=True):
    """A step with its message as it would leave on a day, or as it left."""

    step: int
    source: str
    client: str
    client_name: str
    iter: str
    stage: str
    action: str
    medium: str
    mode: str
    status: str
    due_on: date
    done_on: date | None
    operator: str | None
    reason: str
    outcome: str
    on: date
    leaves: bool
    """Whether dispatch would let it leave on that day."""
    why: tuple[str, ...]
    """Why not, in sentences."""
    message: ShownMessage | None
    total: Decimal
    """What its message asks; without one the installments with their charges."""
    owed: Decimal
    """Of the installments."""
    charges: Decimal
    """Bank charges asked beside them."""
    credited: Decimal
    """What open credits take off, zero or less."""
    currency: str
    installments: tuple[ShownLine, ...]
    left_out: tuple[LeftOut, ...]
    flags: Flags
    changed: Changed | None
    deliveries: tuple[str, ...]
    """Its messages, newest first."""


class ShownReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """What came back, with the file that proves it."""

    at: datetime
    state: str
    note: str
    file: ShownFile | None


class DeliveryView(msgspec.Struct, frozen=True, kw_only=True):
    """A message as it left: the archived bytes, never written anew."""

    delivery: str
    step: int
    source: str
    client: str
    stage: str
    status: str
    on: date
    attempts: int
    accepted_at: datetime | None
    final_at: datetime | None
    ref: str
    tracking: str
    """The carrier's number; empty if there is none."""
    tracking_url: str
    """The page of the carrier that follows it."""
    reason: str
    total: Decimal
    currency: str
    message: ShownMessage
    missing: str
    """Why the bytes cannot be shown; empty if they can."""
    enclosed: dict[str, object] | None
    receipts: tuple[ShownReceipt, ...]
