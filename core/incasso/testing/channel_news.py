"""What every channel promises about news: they say what happened, once, and after the cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import ClassVar, Final, TypeAlias

import pytest

from incasso.contract.capabilities import ChannelCapability
from incasso.contract.channel import (
    DeliveryState,
    DeliveryUpdate,
    IncomingNews,
    OutboundMessage,
    Prepared,
)
from incasso.contract.context import CallbackRequest
from incasso.contract.errors import CursorExpiredError
from incasso.contract.ledger import Unreadable
from incasso.contract.media import Medium
from incasso.contract.values import Receipt
from incasso.plugins.handles import ChannelHandle
from incasso.testing.records import sound
from incasso.testing.suite import BaseContract

Outcome: TypeAlias = Callable[[str, DeliveryState], CallbackRequest | None]

WAYS: Final = (
    ChannelCapability.POLL,
    ChannelCapability.COLLECT,
    ChannelCapability.CALLBACKS,
)
ARRIVED: Final = frozenset({DeliveryState.DELIVERED, DeliveryState.READ})
CAME_BACK: Final = frozenset(
    {
        DeliveryState.BOUNCED,
        DeliveryState.REFUSED,
        DeliveryState.EXPIRED,
        DeliveryState.OPTED_OUT,
    }
)


def news_in(items: Iterable[IncomingNews | Unreadable]) -> list[IncomingNews]:
    """What came in, every field right."""
    found: list[IncomingNews] = sound(items)
    return found


def updates_in(items: Iterable[IncomingNews | Unreadable]) -> list[DeliveryUpdate]:
    """The news about messages of ours among what came in, every field right."""
    return [each for each in news_in(items) if isinstance(each, DeliveryUpdate)]


class ChannelNewsContract(BaseContract):
    """The part of a channel's contract that is about what becomes of its messages."""

    outcomes: ClassVar[tuple[DeliveryState, ...]] = (
        DeliveryState.DELIVERED,
        DeliveryState.BOUNCED,
    )
    """What the other side can report; take one out if it never does."""

    @pytest.fixture
    def outcome(self) -> Outcome | None:
        """Let the other side report DELIVERED or BOUNCED of a message, by the receipt's reference.

        Returns the signed request where it reports by callbacks. [POLL, COLLECT, CALLBACKS]
        """
        return None

    def _send(
        self,
        handle: ChannelHandle,
        message: OutboundMessage,
        *,
        attempt: int = 1,
        dry_run: bool = False,
    ) -> tuple[Prepared, Receipt]:
        prepared = handle.prepare(message, self.on)
        receipt = handle.send(message, prepared, attempt=attempt, dry_run=dry_run, on=self.on)
        return prepared, receipt

    def message(self, medium: Medium, delivery: str = "d-0001") -> OutboundMessage:
        """The message to try a medium with."""
        raise NotImplementedError

    @pytest.mark.parametrize("state", [DeliveryState.DELIVERED, DeliveryState.BOUNCED])
    def test_news_say_what_happened(
        self, handle: ChannelHandle, outcome: Outcome | None, state: DeliveryState
    ) -> None:
        if state not in self.outcomes:
            pytest.skip(f"the other side never reports {state}")
        report = self._reporter(handle, outcome)
        message = self._message(handle, f"d-{state}")
        prepared, receipt = self._send(handle, message)
        request = report(receipt.ref, state)
        ours = {receipt.ref, prepared.ref, message.delivery}
        told = [each.state for each in self._told(handle, receipt, request) if each.ref in ours]
        assert told, "no news of the message came: `ref` is the receipt's or the delivery's"
        right, wrong = (ARRIVED, CAME_BACK) if state in ARRIVED else (CAME_BACK, ARRIVED)
        assert right & set(told), f"it was reported as {state}, and the plugin says {told}"
        assert not wrong & set(told), f"it was reported as {state}, and the plugin says {told}"

    def test_later_news_come_after_the_cursor(
        self, handle: ChannelHandle, outcome: Outcome | None
    ) -> None:
        self.needs(handle, ChannelCapability.COLLECT)
        report = self._reporter(handle, outcome)
        first = self._reported(handle, report, "d-cursor-1")
        before = list(handle.collect(None, self.on))
        known = {each.update_id for page in before for each in news_in(page.items)}
        if not before or (cursor := before[-1].cursor) is None:
            pytest.skip("its collections give no cursor")
        second = self._reported(handle, report, "d-cursor-2")
        pages = handle.collect(cursor, self.on)
        later = updates_in(each for page in pages for each in page.items)
        refs = {each.ref for each in later}
        assert refs & second, "what comes after the cursor is told"
        assert not known & {each.update_id for each in later}, "what came before it is not"
        assert not refs & first

    def test_an_unknown_cursor_is_told(self, handle: ChannelHandle) -> None:
        self.needs(handle, ChannelCapability.COLLECT)
        with pytest.raises(CursorExpiredError):
            list(handle.collect("no-such-cursor", self.on))

    def _reporter(self, handle: ChannelHandle, outcome: Outcome | None) -> Outcome:
        ways = [way for way in WAYS if handle.can(way)]
        if not ways:
            pytest.skip("it brings no news")
        report: Outcome = self.proof(outcome, "outcome", ways[0])
        return report

    def _message(self, handle: ChannelHandle, delivery: str) -> OutboundMessage:
        return self.message(Medium(handle.media[0]), delivery)

    def _reported(self, handle: ChannelHandle, report: Outcome, delivery: str) -> set[str]:
        """Send a message and let it arrive or come back; what news may call it."""
        prepared, receipt = self._send(handle, self._message(handle, delivery))
        report(receipt.ref, self.outcomes[0])
        return {receipt.ref, prepared.ref, delivery} - {""}

    def _told(
        self, handle: ChannelHandle, receipt: Receipt, request: CallbackRequest | None
    ) -> Iterator[DeliveryUpdate]:
        """The news by every way that the channel has."""
        if request is not None:
            yield from updates_in(handle.parse_callback(request, self.on).updates)
        if handle.can(ChannelCapability.POLL):
            yield from sound(handle.poll((receipt.ref,), self.on))
        if handle.can(ChannelCapability.COLLECT):
            for page in handle.collect(None, self.on):
                yield from updates_in(page.items)
