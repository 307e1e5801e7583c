"""Outbound channels: messages, what is known about them afterwards, and the hooks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, TypeAlias

import msgspec

from incasso.contract.capabilities import ChannelCapability
from incasso.contract.context import CallbackAnswer, CallbackRequest, CallContext
from incasso.contract.hooks import InstanceSpec, hook
from incasso.contract.mail import WatchedFolder
from incasso.contract.media import Medium
from incasso.contract.values import (
    Attachment,
    CurrencyCode,
    Cursor,
    ExternalId,
    Money,
    Page,
    Problem,
    Receipt,
    Reference,
    UpdateId,
    Value,
)


class Recipient(Value, frozen=True, kw_only=True):
    """Who gets the message; `address` is a mail address, a number, or empty for post."""

    address: str = ""
    name: str = ""
    postal: tuple[str, ...] = ()
    """Address lines for an envelope, name first, country last."""
    country: str = "IT"


class Purpose(StrEnum):
    """How formal a message is."""

    REMINDER = "reminder"
    NOTICE = "notice"
    FORMAL_NOTICE = "formal_notice"
    INTERNAL = "internal"


class AboutInstallment(Value, frozen=True, kw_only=True):
    """One installment that a message is about, for the channel's own record."""

    key: ExternalId
    document_number: str
    due_date: date
    residual: Decimal


class Subject(Value, frozen=True, kw_only=True):
    """What a message is about: a channel may print it or write it to a file, never decide by it."""

    step: str
    source: str
    client: ExternalId
    installments: tuple[AboutInstallment, ...] = ()
    credits: tuple[AboutInstallment, ...] = ()
    """Open credits of the client that were taken off; their residual is below zero."""
    total: Decimal = Decimal(0)
    """What the message asks: the residuals with the bank charges of returned bills, less the
    credits; never below zero."""
    currency: CurrencyCode = "EUR"


class InlineImage(Attachment, frozen=True, kw_only=True):
    """A picture inside the HTML of a message, which names it by `cid:` and this."""

    cid: str
    """The Content-ID without its angle brackets (RFC 2392)."""


class OutboundMessage(Value, frozen=True, kw_only=True):
    """One message, ready in words; the channel turns it into the bytes that leave."""

    delivery: str
    """The hub's delivery id; Message-ID and other references are pure functions of it."""
    medium: Medium
    to: Recipient
    language: str
    subject: str
    text: str
    html: str = ""
    images: tuple[InlineImage, ...] = ()
    """The pictures that `html` shows: in a mail they go beside it (multipart/related). Nothing is
    said by them alone, so that a channel may leave them out."""
    letter: Attachment | None = None
    """The finished page (PDF) for letters, registered letters and faxes."""
    attachments: tuple[Attachment, ...] = ()
    cc: tuple[Recipient, ...] = ()
    reply_to: str = ""
    sender_name: str = ""
    thread: tuple[str, ...] = ()
    """Delivery ids of earlier messages on the same matter, oldest first."""
    envelope_id: str = ""
    """Names this delivery and cannot be guessed. Put it only where servers see it and recipients do
    not (SMTP: ENVID); news that brings it back is surely about this delivery. May be empty."""
    purpose: Purpose = Purpose.REMINDER
    about: Subject


class Prepared(Value, frozen=True, kw_only=True):
    """The exact bytes that will leave; the hub archives them before it sends."""

    content: bytes
    media_type: str
    filename: str
    parts: int = 1
    """Pages of a fax or letter, segments of an SMS."""
    cost: Money | None = None
    ref: ExternalId = ""
    """The reference that the other side will use, if it is known beforehand."""
    warnings: tuple[Problem, ...] = ()


class DeliveryState(StrEnum):
    """What the other side says about a message it accepted."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    BOUNCED = "bounced"
    REFUSED = "refused"
    EXPIRED = "expired"
    OPTED_OUT = "opted_out"
    """The recipient wants no more messages by this medium: it is not used for that address again.
    With `permanent=False` the message itself arrived, as with STOP in answer to it."""
    DELAYED = "delayed"
    UNREADABLE = "unreadable"
    """It came back, or something like it, in words that the channel cannot read: a person must."""


class Origin(Value, frozen=True, kw_only=True):
    """What shows who a piece of news comes from. Whoever has a message can write a report about
    it, so the hub believes a report only as far as this goes."""

    proven: bool = False
    """Only the other side itself can have said it: a checked signature, its API over our login."""
    envelope_id: str = ""
    """The `OutboundMessage.envelope_id` that the news brings back; the hub compares it."""
    trusted_server: bool = False
    """It comes from a server that the settings of the channel name, as the server that received
    it for us has checked."""
    domains: tuple[str, ...] = ()
    """Domains that surely sent it, as the server that received it for us has checked."""
    checked: bool = False
    """Whether that server checks senders at all; else nothing is known of this one."""


class DeliveryUpdate(Value, frozen=True, kw_only=True):
    """News about one message; applying it twice is harmless because `update_id` is unique."""

    ref: Reference
    """What the Receipt or Prepared carried, or the delivery id itself. News of OPTED_OUT that name
    no delivery are about the last one to `recipient`: then any reference of the other side's."""
    update_id: UpdateId
    state: DeliveryState
    at: datetime
    permanent: bool = True
    bad_address: bool = False
    note: str = ""
    evidence: Attachment | None = None
    cost: Money | None = None
    """What the message cost in the end, where it is known only now; it replaces what the receipt
    said. In the currency of the receipt's cost, if that had one."""
    origin: Origin | None = None
    """What shows who says so. Left out: news that was polled or came by a callback is proven, and
    collected news proves nothing that arrived but is believed about what came back."""
    sender_refused: bool = False
    """Refused because of who sends (a block list, our server, our domain): others will be too."""
    recipient: str = ""
    """The address that the news is about, where it names one: the hub compares it, and news about
    another address than the message went to proves nothing. Empty: it names none."""
    tracking: Annotated[str, msgspec.Meta(max_length=64)] = ""
    """The carrier's number, by which anybody can follow the letter. Empty: not known, or none."""
    receipt_ref: ExternalId = ""
    """The receipt's reference, where `ref` is the delivery id: a callback may be quicker than the
    answer to the send, and then nobody else tells it."""
    known_as: ExternalId = ""
    """The name that the other side gave the message instead of ours, as answers to it will quote
    it: a certified provider replaces the Message-ID. Empty: it kept ours, or does not say."""


class Sought(Value, frozen=True, kw_only=True):
    """What the hub knows of a message that may have left: for services that keep no reference of
    ours, so that it can only be known by its recipient, its words and its time."""

    to: str = ""
    """`OutboundMessage.to.address`; empty if nothing is known."""
    content: bytes = b""
    """`Prepared.content`; empty if it is not in the archive."""
    not_before: datetime | None = None
    """The message did not begin to leave before this instant of the hub's clock."""


class IncomingKind(StrEnum):
    """Who wrote a message that came in, as far as the message itself shows."""

    PERSON = "person"
    AUTOMATIC = "automatic"
    """A program answered for somebody: out of office, a ticket opened."""
    PROGRAM = "program"
    """Any other program."""


class IncomingMessage(Value, frozen=True, kw_only=True):
    """A message that somebody wrote to us: mostly the answer to one of ours.

    The hub finds out whose it is, keeps it and shows it to people; it acts on none. Giving it twice
    is harmless because `update_id` is unique.
    """

    update_id: UpdateId
    at: datetime
    """When it arrived."""
    sender: str
    """The address or number of who wrote it."""
    sender_name: str = ""
    subject: str = ""
    text: str = ""
    """What the person wrote, without what it quotes; its first few thousand letters are enough."""
    answers: tuple[ExternalId, ...] = ()
    """The messages that it answers, the nearest first, by the names that it gives them: delivery
    ids, what a receipt carried, Message-IDs."""
    kind: IncomingKind = IncomingKind.PERSON
    evidence: Attachment | None = None
    """The exact bytes, as they came."""
    is_cut: bool = False
    """These bytes are only its beginning."""
    keep_unknown: bool = True
    """Whether to keep it also where neither the message that it answers nor its sender is known.
    False where others use the same mailbox for other work."""


IncomingNews: TypeAlias = DeliveryUpdate | IncomingMessage
"""What comes in by a channel."""


class ChannelSpec(InstanceSpec):
    """Hooks of a channel."""

    @hook(deadline_s=1, local=True, required=True)
    def channel_prepare(self, message: OutboundMessage, ctx: CallContext) -> Prepared:
        """Check address, length and attachments and build the bytes. No network, deterministic.

        Raises RejectedError naming the field.
        """
        raise NotImplementedError

    @hook(deadline_s=30, effect=True, required=True)
    def channel_send(
        self, message: OutboundMessage, prepared: Prepared, ctx: CallContext
    ) -> Receipt:
        """Hand over exactly `prepared.content`.

        With `dry_run` do everything except the last call. Raise TemporaryError only if certainly
        nothing was handed over; in doubt OutcomeUnknownError. Raises RejectedError, TemporaryError,
        RateLimitedError, AuthenticationError, OutcomeUnknownError.
        """
        raise NotImplementedError

    @hook(deadline_s=20, needs=ChannelCapability.FIND)
    def channel_find(self, delivery: str, sought: Sought, ctx: CallContext) -> Receipt | None:
        """The receipt; None means certainly not sent. `sought` may be left out.

        Raises OutcomeUnknownError if unknown.
        """
        raise NotImplementedError

    @hook(deadline_s=20, needs=ChannelCapability.POLL)
    def channel_poll(
        self, refs: tuple[ExternalId, ...], ctx: CallContext
    ) -> tuple[DeliveryUpdate, ...]:
        """The status of at most 200 messages; unknown references are left out."""
        raise NotImplementedError

    @hook(deadline_s=60, needs=ChannelCapability.COLLECT)
    def channel_collect(
        self, since: Cursor | None, ctx: CallContext
    ) -> Iterator[Page[IncomingNews]]:
        """Everything received after the cursor, e.g. bounces and answers in a mailbox.

        Raises CursorExpiredError for a cursor it does not know.
        """
        raise NotImplementedError

    @hook(deadline_s=1, local=True)
    def channel_watches(self, ctx: CallContext) -> WatchedFolder | None:
        """The folder that `channel_collect` reads, so that it is called as soon as mail comes in.

        The hub itself waits there, with one connection for each mailbox; where the server cannot
        tell, the schedule is enough. None or no such hook: nothing is watched. No network.
        """
        raise NotImplementedError

    @hook(
        deadline_s=1,
        local=True,
        from_outside=True,
        needs=ChannelCapability.CALLBACKS,
        provisional=True,
    )
    def channel_parse_callback(
        self, request: CallbackRequest, ctx: CallContext
    ) -> tuple[IncomingNews, ...] | CallbackAnswer[IncomingNews]:
        """Check the signature first; raise RejectedError if it is wrong. No network.

        The updates alone, or with the answer that the other side wants.
        """
        raise NotImplementedError
