"""A channel as services see it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from incasso.contract.capabilities import ChannelCapability
from incasso.contract.channel import DeliveryUpdate, OutboundMessage, Prepared
from incasso.contract.values import CallbackRequest, Cursor, ExternalId, Page, Receipt
from incasso.plugins.handles.base import Handle


class ChannelHandle(Handle):
    """A way out for messages. Of `send`, only TemporaryError says that surely nothing left."""

    def prepare(self, message: OutboundMessage, on: date) -> Prepared:
        """The exact bytes that will leave. Raises RejectedError naming the field."""
        prepared: Prepared = self._call(
            "channel_prepare", on, {"message": message}, key=message.delivery
        )
        return prepared

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
        receipt: Receipt = self._call(
            "channel_send",
            on,
            {"message": message, "prepared": prepared},
            key=message.delivery,
            attempt=attempt,
            dry_run=dry_run,
        )
        return receipt

    def find(self, delivery: str, on: date) -> Receipt | None:
        """Was it sent? None means certainly not. [FIND]"""
        receipt: Receipt | None = self._call(
            "channel_find",
            on,
            {"delivery": delivery},
            needs=ChannelCapability.FIND,
            key=delivery,
        )
        return receipt

    def poll(self, refs: tuple[ExternalId, ...], on: date) -> tuple[DeliveryUpdate, ...]:
        """What is known about at most 200 messages. [POLL]"""
        updates: tuple[DeliveryUpdate, ...] = self._call(
            "channel_poll", on, {"refs": refs}, needs=ChannelCapability.POLL
        )
        return updates

    def collect(self, since: Cursor | None, on: date) -> Iterator[Page[DeliveryUpdate]]:
        """Everything that came in after the cursor. [COLLECT]"""
        return self._stream("channel_collect", on, {"since": since}, ChannelCapability.COLLECT)

    def parse_callback(self, request: CallbackRequest, on: date) -> tuple[DeliveryUpdate, ...]:
        """News out of a web request. RejectedError if its signature is wrong. [CALLBACKS]"""
        updates: tuple[DeliveryUpdate, ...] = self._call(
            "channel_parse_callback",
            on,
            {"request": request},
            needs=ChannelCapability.CALLBACKS,
        )
        return updates
