"""A channel as services see it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from incasso.contract.channel import (
    ChannelSpec,
    DeliveryUpdate,
    IncomingNews,
    OutboundMessage,
    Prepared,
    Sought,
)
from incasso.contract.context import CallbackAnswer, CallbackRequest
from incasso.contract.ledger import Unreadable
from incasso.contract.mail import WatchedFolder
from incasso.contract.values import Cursor, ExternalId, Page, Receipt
from incasso.plugins import tariff
from incasso.plugins.handles.base import Handle, with_answer
from incasso.plugins.mail.waiting import Waits
from incasso.plugins.states import refusal
from incasso.plugins.tariff import Tariff


class ChannelHandle(Handle):
    """A channel as services see it. Only TemporaryError of `send` means that nothing left."""

    connections: int = 1
    """How many messages the office lets it hand over at the same time."""
    tariff: Tariff = tariff.NONE
    """What its messages cost, and how much they may."""

    @property
    def acknowledges_within(self) -> timedelta | None:
        """Within this time its other side confirms a message; None: it need not."""
        return self.kind.acknowledges_within if self.kind else None

    def prepare(self, message: OutboundMessage, on: date) -> Prepared:
        """The exact bytes that will leave. Raises RejectedError naming the field."""
        made: Prepared = self._call(
            ChannelSpec.channel_prepare, on, key=message.delivery, message=message
        )
        return self.tariff.priced(made)

    def send(
        self,
        message: OutboundMessage,
        prepared: Prepared,
        *,
        attempt: int,
        dry_run: bool,
        on: date,
    ) -> Receipt:
        """Hand over one message.

        OutcomeUnknownError and PluginCrashError: it may have left, never repeat it blindly.
        TemporaryError, RateLimitedError, AuthenticationError, ConfigurationError: nothing left.
        """
        return self._call(
            ChannelSpec.channel_send,
            on,
            key=message.delivery,
            attempt=attempt,
            dry_run=dry_run,
            message=message,
            prepared=prepared,
        )

    def find(self, delivery: str, on: date, sought: Sought | None = None) -> Receipt | None:
        """The receipt of a sent message; None means that it certainly was not sent."""
        return self._call(
            ChannelSpec.channel_find,
            on,
            key=delivery,
            delivery=delivery,
            sought=sought or Sought(),
        )

    def poll(
        self, refs: tuple[ExternalId, ...], on: date
    ) -> tuple[DeliveryUpdate | Unreadable, ...]:
        """What is known about at most 200 messages; wrong records are Unreadable."""
        return self._call(ChannelSpec.channel_poll, on, refs=refs)

    def collect(self, since: Cursor | None, on: date) -> Iterator[Page[IncomingNews | Unreadable]]:
        """Everything received after the cursor; wrong records are Unreadable."""
        return self._stream(ChannelSpec.channel_collect, on, since=since)

    def watched(self, on: date) -> WatchedFolder | None:
        """The folder whose new mail is news of the channel; None: it names none."""
        rule = ChannelSpec.channel_watches
        if self._guard is None or not self._guard.implements(rule.__name__):
            return None
        return self._call(rule, on)

    def waiting(self, watched: WatchedFolder) -> Waits:
        """Waits for mail in its folder; see `Waits`. A refused login pauses the channel."""
        if self._guard is None:
            raise refusal(self.view)
        return self._guard.waiting(watched)

    def parse_callback(
        self, request: CallbackRequest, on: date
    ) -> CallbackAnswer[IncomingNews | Unreadable]:
        """The news in a web request and its answer. Raises RejectedError for a wrong signature."""
        return with_answer(self._call(ChannelSpec.channel_parse_callback, on, request=request))
