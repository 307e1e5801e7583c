"""What every channel promises: inherit it, give `plugin_module` and `table`, run pytest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import msgspec
import pytest

from incasso.contract.capabilities import ChannelCapability, Family, PluginKind
from incasso.contract.channel import IncomingNews, OutboundMessage
from incasso.contract.context import CallbackRequest
from incasso.contract.errors import (
    OutcomeUnknownError,
    PluginError,
    RejectedError,
    TemporaryError,
)
from incasso.contract.ledger import Unreadable
from incasso.contract.media import Carries, Medium
from incasso.contract.values import Attachment
from incasso.domain.sending.trust import Trust, trust_in
from incasso.plugins.handles import ChannelHandle
from incasso.plugins.registry import Registry
from incasso.testing import samples
from incasso.testing.channel_news import ChannelNewsContract, news_in, updates_in
from incasso.testing.faults import every_fault, failing, right_class
from incasso.testing.network import no_network
from incasso.testing.records import wrong_fields
from incasso.testing.suite import Login, Table, TableFor

Start = Callable[[Table], Registry]
_BY_ADDRESS = tuple(medium for medium in Medium if not medium.by_post)
_ON_PAPER = tuple(medium for medium in Medium if medium.carries(Carries.PAGES))


class BaseChannelContract(ChannelNewsContract):
    """Contract of a channel; every check runs with each medium that the table carries."""

    family: ClassVar[Family] = Family.CHANNEL
    any_address_is_good: ClassVar[str] = ""
    """A reason, if the channel does not care about addresses, e.g. because people read them."""
    callbacks_are_not_signed: ClassVar[str] = ""
    """A reason, if the other side signs nothing and only repeats a secret: then nothing that a
    callback says may be proven, and the channel asks the other side itself."""

    @pytest.fixture
    def received(self) -> Callable[[], int] | None:
        """How many messages reached the other side."""
        return None

    @pytest.fixture
    def callback(self) -> CallbackRequest | None:
        """A web request of the other side with a valid signature. [CALLBACKS]"""
        return None

    @pytest.fixture
    def forged(self) -> Callable[[str], None] | None:
        """Puts a stranger's reports about a delivery, that it was delivered and that it came back,
        where the channel collects. [COLLECT, where strangers can write there]"""
        return None

    @pytest.fixture
    def dead_table(self) -> Table | None:
        """A table whose server does not answer."""
        return None

    @pytest.fixture
    def silent_table(self) -> Table | None:
        """A table that leads to a server that takes the message and then says nothing."""
        return None

    def message(self, medium: Medium, delivery: str = "d-0001") -> OutboundMessage:
        """The message to try a medium with; override it for stricter addresses."""
        return samples.message(medium, delivery)

    # Preparing.

    def test_it_carries_known_media(self, kind: PluginKind) -> None:
        assert kind.media and all(medium in list(Medium) for medium in kind.media)

    def test_preparing_is_repeatable_and_needs_no_network(self, handle: ChannelHandle) -> None:
        for message in self._messages(handle):
            with no_network() as tried:
                first, second = handle.prepare(message, self.on), handle.prepare(message, self.on)
            assert not tried, f"preparing looked for {tried}"
            assert wrong_fields(first) == [] and first.content and first.filename
            assert first == second, "the same message must give the same bytes"
            assert first.parts >= 1

    def test_a_missing_address_is_refused(self, handle: ChannelHandle) -> None:
        for message in self._messages(handle, *_BY_ADDRESS):
            empty = msgspec.structs.replace(message.to, address="")
            self._rejects(handle, msgspec.structs.replace(message, to=empty))

    def test_a_wrong_address_is_refused(self, handle: ChannelHandle) -> None:
        if self.any_address_is_good:
            pytest.skip(self.any_address_is_good)
        for message in self._messages(handle, *_BY_ADDRESS):
            wrong = msgspec.structs.replace(message.to, address="not an address")
            self._rejects(handle, msgspec.structs.replace(message, to=wrong))

    def test_a_letter_without_page_is_refused(self, handle: ChannelHandle) -> None:
        for message in self._messages(handle, *_ON_PAPER):
            self._rejects(handle, msgspec.structs.replace(message, letter=None, text="", html=""))

    def test_the_longest_text_fits_and_one_more_does_not(self, handle: ChannelHandle) -> None:
        most = handle.limits.max_body_chars
        if most is None:
            pytest.skip("it declares no longest text")
        for message in self._messages(handle):
            handle.prepare(msgspec.structs.replace(message, text="x" * most), self.on)
            self._rejects(handle, msgspec.structs.replace(message, text="x" * (most + 1)))

    def test_too_many_bytes_are_refused(self, handle: ChannelHandle) -> None:
        most = handle.limits.max_message_bytes
        if most is None or not handle.can(ChannelCapability.ATTACHMENTS):
            pytest.skip("it declares no greatest message, or takes no attachments")
        big = Attachment(filename="a.pdf", media_type="application/pdf", content=b"x" * most)
        for message in self._messages(handle):
            self._rejects(handle, msgspec.structs.replace(message, attachments=(big,)))

    def test_a_cost_is_told_beforehand(self, handle: ChannelHandle) -> None:
        self.needs(handle, ChannelCapability.COST)
        for message in self._messages(handle):
            cost = handle.prepare(message, self.on).cost
            assert cost is not None and cost.amount >= 0

    # Sending.

    def test_a_message_arrives(
        self, handle: ChannelHandle, received: Callable[[], int] | None
    ) -> None:
        for number, message in enumerate(self._messages(handle), start=1):
            before = received() if received else 0
            prepared, receipt = self._send(handle, message)
            assert wrong_fields(receipt) == []
            assert prepared.ref in ("", receipt.ref), (
                "the reference given beforehand is the true one"
            )
            if received:
                assert received() == before + 1, f"message {number} did not arrive once"

    def test_a_dry_run_sends_nothing(
        self, handle: ChannelHandle, received: Callable[[], int] | None
    ) -> None:
        count = self.proof(received, "received")
        for message in self._messages(handle):
            before = count()
            self._send(handle, message, dry_run=True)
            assert count() == before

    def test_the_same_key_twice_sends_once(
        self, handle: ChannelHandle, received: Callable[[], int] | None
    ) -> None:
        self.needs(handle, ChannelCapability.IDEMPOTENT)
        count = self.proof(received, "received", ChannelCapability.IDEMPOTENT)
        for message in self._messages(handle):
            before = count()
            _, first = self._send(handle, message)
            _, second = self._send(handle, message, attempt=2)
            assert first.ref == second.ref and count() == before + 1

    def test_what_was_sent_can_be_found(self, handle: ChannelHandle) -> None:
        self.needs(handle, ChannelCapability.FIND)
        for message in self._messages(handle):
            assert handle.find(message.delivery, self.on) is None, "it was not sent yet"
            _, receipt = self._send(handle, message)
            found = handle.find(message.delivery, self.on)
            assert found is not None and found.ref == receipt.ref
        assert handle.find("d-never-sent", self.on) is None

    def test_nobody_listens(
        self, start: Start, dead_table: Table | None, received: Callable[[], int] | None
    ) -> None:
        handle: Any = self._handle(start(self.proof(dead_table, "dead_table")))
        with pytest.raises(TemporaryError):
            self._send(handle, self._messages(handle)[0])
        assert received is None or received() == 0

    def test_silence_after_sending(self, start: Start, silent_table: Table | None) -> None:
        handle: Any = self._handle(start(self.proof(silent_table, "silent_table")))
        with pytest.raises(OutcomeUnknownError):
            self._send(handle, self._messages(handle)[0])

    @every_fault
    def test_sending_meets_a_fault_of_the_web(
        self, start: Start, web_table: TableFor | None, login: Login, fault: str
    ) -> None:
        table_for = self.proof(web_table, "web_table")
        with failing(fault, login) as url:
            handle: Any = self._handle(start(table_for(url)))
            with pytest.raises(PluginError) as raised:
                self._send(handle, self._messages(handle)[0])
        right_class(fault, raised.value, effect=True)

    # What becomes of it.

    def test_unknown_references_are_left_out(self, handle: ChannelHandle) -> None:
        self.needs(handle, ChannelCapability.POLL)
        assert handle.poll(("no-such-reference",), self.on) == ()
        _, receipt = self._send(handle, self._messages(handle)[0])
        _check_updates(handle.poll((receipt.ref, "no-such-reference"), self.on))

    def test_collecting_twice_is_harmless(self, handle: ChannelHandle) -> None:
        self.needs(handle, ChannelCapability.COLLECT)
        first, second = (list(handle.collect(None, self.on)) for _ in range(2))
        ids = [
            [update.update_id for page in pages for update in news_in(page.items)]
            for pages in (first, second)
        ]
        assert ids[0] == ids[1], "the same cursor gives the same updates"
        for page in first:
            _check_updates(page.items)
        if first and first[-1].cursor is not None:
            later = handle.collect(first[-1].cursor, self.on)
            assert [update for page in later for update in page.items] == []

    def test_a_strangers_report_proves_nothing(
        self, handle: ChannelHandle, forged: Callable[[str], None] | None
    ) -> None:
        self.needs(handle, ChannelCapability.COLLECT)
        forge = self.proof(forged, "forged")
        message = self._messages(handle)[0]
        self._send(handle, message)
        forge(message.delivery)
        pages = handle.collect(None, self.on)
        found = updates_in(update for page in pages for update in page.items)
        assert found, "a report about a message of ours is told, even if nobody should believe it"
        for update in found:
            trust = trust_in(update, asked=False, to=message.to.address, expected="a secret")
            assert trust is Trust.UNKNOWN, f"anybody can have written this {update.state}"

    def test_a_callback_needs_its_signature(
        self, handle: ChannelHandle, callback: CallbackRequest | None
    ) -> None:
        self.needs(handle, ChannelCapability.CALLBACKS)
        request = self.proof(callback, "callback", ChannelCapability.CALLBACKS)
        with no_network() as tried:
            first = news_in(handle.parse_callback(request, self.on).updates)
            second = news_in(handle.parse_callback(request, self.on).updates)
        assert not tried and first
        _check_updates(first)
        assert [each.update_id for each in first] == [each.update_id for each in second]
        forgeries = [msgspec.structs.replace(request, headers={})]
        if self.callbacks_are_not_signed:
            told = [each.origin for each in updates_in(first)]
            assert all(origin is not None and not origin.proven for origin in told)
        else:
            forgeries.append(msgspec.structs.replace(request, body=request.body + b" "))
        for forged in forgeries:
            with pytest.raises(RejectedError):
                handle.parse_callback(forged, self.on)

    # Ways to send.

    def _messages(self, handle: ChannelHandle, *among: Medium) -> list[OutboundMessage]:
        media = [Medium(medium) for medium in handle.media]
        wanted = [medium for medium in media if medium in (among or media)]
        if not wanted:
            pytest.skip(f"it carries none of {', '.join(among)}")
        return [self.message(medium, f"d-{medium}-0001") for medium in wanted]

    def _rejects(self, handle: ChannelHandle, message: OutboundMessage) -> None:
        with pytest.raises(RejectedError) as raised:
            handle.prepare(message, self.on)
        fields = [problem.field for problem in raised.value.problems]
        assert any(fields), f"name the field: problems=[Problem(field=…)], not {raised.value!r}"


def _check_updates(updates: Iterable[IncomingNews | Unreadable]) -> None:
    ids = [update.update_id for update in news_in(updates)]
    assert len(ids) == len(set(ids)), "update_id is unique"
