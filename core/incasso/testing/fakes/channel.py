"""A channel in memory: it sends once per delivery, can be asked, and reports what a test sets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

import msgspec

from incasso.contract.capabilities import Capability, ChannelCapability, Family
from incasso.contract.channel import (
    DeliveryState,
    DeliveryUpdate,
    IncomingKind,
    IncomingMessage,
    IncomingNews,
    Origin,
    OutboundMessage,
    Prepared,
)
from incasso.contract.context import CallbackRequest, CallContext
from incasso.contract.errors import CursorExpiredError, RejectedError
from incasso.contract.hooks import hookimpl
from incasso.contract.mail import WatchedFolder
from incasso.contract.media import AddressForm
from incasso.contract.values import (
    Attachment,
    CheckReport,
    Cursor,
    ExternalId,
    Money,
    Page,
    Problem,
    Receipt,
)
from incasso.testing.fakes.callbacks import news
from incasso.testing.script import Reaction, Script, Scripted, scripted

PROVEN = Origin(proven=True)
_ADDRESSES = {
    AddressForm.MAIL: re.compile(r"\S+@\S+"),
    AddressForm.NUMBER: re.compile(r"\+?[\d ]+"),
}


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """One message that left, with its exact bytes."""

    delivery: str
    message: OutboundMessage
    content: bytes
    at: datetime


class FakeChannel(Scripted):
    """A channel that keeps what it sent in `sent`. `script`: what the next sends do."""

    family = Family.CHANNEL

    def __init__(
        self,
        media: Iterable[str] = ("email",),
        script: Iterable[Reaction | BaseException | None] | Script = (),
        *,
        sources: Iterable[str] = (),
        capabilities: Iterable[Capability] = (
            ChannelCapability.IDEMPOTENT,
            ChannelCapability.FIND,
            ChannelCapability.POLL,
            ChannelCapability.COLLECT,
            ChannelCapability.ATTACHMENTS,
            ChannelCapability.HTML,
        ),
    ) -> None:
        super().__init__(script if isinstance(script, Mapping) else {"channel_send": script})
        self.media = tuple(media)
        self.sources = tuple(sources)
        self.capabilities = tuple(capabilities)
        self.sent: list[Sent] = []
        self.updates: list[IncomingNews] = []
        """What came in, of messages and from people, in its order."""
        self.warnings: list[Problem] = []
        """What each collection says beside its news."""
        self.watched: WatchedFolder | None = None
        self._receipts: dict[str, Receipt] = {}

    def report(
        self,
        delivery: str,
        state: DeliveryState,
        at: datetime,
        *,
        bad_address: bool = False,
        evidence: Attachment | None = None,
        cost: Money | None = None,
        origin: Origin | None = PROVEN,
        sender_refused: bool = False,
    ) -> DeliveryUpdate:
        """Let the other side say something about a message; poll and collect will bring it.

        `origin`: what shows that it is the other side; proven unless a test says otherwise.
        """
        update = DeliveryUpdate(
            ref=delivery,
            update_id=f"{delivery}-{state}-{len(self.updates)}",
            state=state,
            at=at,
            bad_address=bad_address,
            evidence=evidence,
            cost=cost,
            origin=origin,
            sender_refused=sender_refused,
        )
        self.updates.append(update)
        return update

    def receive(
        self,
        sender: str,
        text: str = "",
        *,
        at: datetime,
        answers: tuple[str, ...] = (),
        subject: str = "",
        kind: IncomingKind = IncomingKind.PERSON,
        evidence: Attachment | None = None,
        keep_unknown: bool = True,
    ) -> IncomingMessage:
        """Let somebody write to us; collect will bring it."""
        message = IncomingMessage(
            update_id=f"from-{sender}-{len(self.updates)}",
            at=at,
            sender=sender,
            subject=subject,
            text=text,
            answers=answers,
            kind=kind,
            evidence=evidence,
            keep_unknown=keep_unknown,
        )
        self.updates.append(message)
        return message

    @hookimpl
    @scripted
    def instance_check(self, ctx: CallContext) -> CheckReport:
        """Always there."""
        return CheckReport(remote_identity=f"memory {ctx.instance_id}")

    @hookimpl
    @scripted
    def instance_close(self) -> None:
        """Nothing to release."""

    @hookimpl
    @scripted
    def channel_prepare(self, message: OutboundMessage) -> Prepared:
        """The message as JSON; refuses one without address or text."""
        looks_right = _ADDRESSES.get(message.medium.traits.form)
        if looks_right and not looks_right.fullmatch(message.to.address):
            raise _refused("to.address", "it is no address", bad_address=True)
        if not message.text and message.letter is None:
            raise _refused("text", "there is nothing to send")
        return Prepared(
            # The envelope's name is on the envelope, not in the message.
            content=msgspec.json.encode(msgspec.structs.replace(message, envelope_id="")),
            media_type="application/json",
            filename=f"{message.delivery}.json",
            ref=_reference(message),
        )

    @hookimpl
    @scripted
    def channel_send(
        self, message: OutboundMessage, prepared: Prepared, ctx: CallContext
    ) -> Receipt:
        """Send once per delivery; the second time gives the first receipt."""
        receipt = Receipt(ref=_reference(message), at=ctx.now())
        if ctx.dry_run or message.delivery in self._receipts:
            return self._receipts.get(message.delivery, receipt)
        self._receipts[message.delivery] = receipt
        self.sent.append(
            Sent(
                delivery=message.delivery,
                message=message,
                content=prepared.content,
                at=receipt.at,
            )
        )
        return receipt

    @hookimpl
    @scripted
    def channel_find(self, delivery: str) -> Receipt | None:
        """The truth."""
        return self._receipts.get(delivery)

    @hookimpl
    @scripted
    def channel_poll(self, refs: tuple[ExternalId, ...]) -> tuple[DeliveryUpdate, ...]:
        """What was reported about these; the ref may be the receipt's or the delivery's."""
        wanted = {ref.removeprefix("sent-") for ref in refs}
        news = (each for each in self.updates if isinstance(each, DeliveryUpdate))
        return tuple(update for update in news if update.ref in wanted)

    @hookimpl
    @scripted
    def channel_collect(self, since: Cursor | None) -> Iterator[Page[IncomingNews]]:
        """What was reported after the cursor."""
        start = int(since) if since and since.isdigit() else 0
        if since and (not since.isdigit() or start > len(self.updates)):
            raise CursorExpiredError
        items = tuple(self.updates[start:])
        page = Page(items=items, cursor=str(start + len(items)), warnings=tuple(self.warnings))
        return iter((page,))

    @hookimpl
    @scripted
    def channel_watches(self) -> WatchedFolder | None:
        """Nothing comes in by mail, unless a test names a mailbox."""
        return self.watched

    @hookimpl
    @scripted
    def channel_parse_callback(
        self, request: CallbackRequest, ctx: CallContext
    ) -> tuple[DeliveryUpdate, ...]:
        """The news in a request made by `signed`."""
        return news(request, DeliveryUpdate)


def _reference(message: OutboundMessage) -> str:
    return f"sent-{message.delivery}"[:128]


def _refused(field: str, message: str, *, bad_address: bool = False) -> RejectedError:
    problem = Problem(code="message", field=field, message=message)
    return RejectedError(f"{field}: {message}", problems=(problem,), bad_address=bad_address)
