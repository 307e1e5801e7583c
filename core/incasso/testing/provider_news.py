"""What a provider with a web service promises: its news say what happened, after the cursor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec
import pytest

from incasso.contract.capabilities import ProviderCapability
from incasso.contract.context import CallbackRequest
from incasso.contract.errors import CursorExpiredError, RejectedError
from incasso.contract.exchange import PlacementUpdate, UpdateKind
from incasso.plugins.handles import ProviderHandle
from incasso.testing.network import no_network
from incasso.testing.provider_lots import Outcome, ProviderLots
from incasso.testing.records import sound

ENDS: Final = frozenset({UpdateKind.CLOSED, UpdateKind.RETURNED, UpdateKind.REFUSED})


class ProviderNewsContract(ProviderLots):
    """The part of a provider's contract that is about what its service reports."""

    @pytest.fixture
    def happenings(self) -> Callable[[str], None] | None:
        """Let at least two things happen to a placement, given our number of it. [PULL]"""
        return None

    @pytest.fixture
    def outcome(self) -> Outcome | None:
        """Let the other side report this of a placement, given our number of it."""
        return None

    @pytest.fixture
    def callback(self) -> CallbackRequest | None:
        """A web request of the other side with a valid signature. [CALLBACKS]"""
        return None

    @pytest.mark.parametrize("kind", [UpdateKind.PAYMENT, UpdateKind.CLOSED, UpdateKind.RETURNED])
    def test_updates_say_what_happened(
        self, handle: ProviderHandle, outcome: Outcome | None, kind: UpdateKind
    ) -> None:
        self.needs(handle, ProviderCapability.PULL)
        report = self.proof(outcome, "outcome")
        self.submit(handle, self.dossier())
        report("P-0000001", kind)
        told = [each.kind for each in self.updates(handle) if _is_about(each, "P-0000001")]
        assert kind in told, f"it was reported as {kind}, and the plugin says {told}"
        assert not (ENDS - {kind}) & set(told), f"it was {kind}, and the plugin says {told}"

    def test_updates_come_in_order_and_once(
        self, handle: ProviderHandle, happenings: Callable[[str], None] | None
    ) -> None:
        self.needs(handle, ProviderCapability.PULL)
        happen = self.proof(happenings, "happenings", ProviderCapability.PULL)
        self.submit(handle, self.dossier())
        happen("P-0000001")
        updates = self.updates(handle)
        assert len(updates) >= 2
        assert [each.at for each in updates] == sorted(each.at for each in updates)
        ids = [each.update_id for each in updates]
        assert len(ids) == len(set(ids)) and ids == [e.update_id for e in self.updates(handle)]

    def test_nothing_new_after_the_last_cursor(self, handle: ProviderHandle) -> None:
        self.needs(handle, ProviderCapability.PULL)
        pages = list(handle.pull_updates(None, self.on))
        if not pages or pages[-1].cursor is None:
            pytest.skip("its pulls give no cursor")
        later = handle.pull_updates(pages[-1].cursor, self.on)
        assert [item for page in later for item in page.items] == []

    def test_later_updates_come_after_the_cursor(
        self, handle: ProviderHandle, happenings: Callable[[str], None] | None
    ) -> None:
        self.needs(handle, ProviderCapability.PULL)
        happen = self.proof(happenings, "happenings", ProviderCapability.PULL)
        self.submit(handle, *self.dossiers(2, 1))
        happen("P-0000001")
        pages = list(handle.pull_updates(None, self.on))
        if not pages or (cursor := pages[-1].cursor) is None:
            pytest.skip("its pulls give no cursor")
        known = [each.update_id for page in pages for each in sound(page.items)]
        happen("P-0000002")
        more = handle.pull_updates(cursor, self.on)
        later = sound(each for page in more for each in page.items)
        assert later and all(_is_about(each, "P-0000002") for each in later)
        ids = [each.update_id for each in self.updates(handle)]
        assert sorted(ids) == sorted([*known, *(each.update_id for each in later)])

    def test_an_unknown_cursor_is_told(self, handle: ProviderHandle) -> None:
        self.needs(handle, ProviderCapability.PULL)
        pages = list(handle.pull_updates(None, self.on))
        if not pages or pages[-1].cursor is None:
            pytest.skip("its pulls give no cursor")
        with pytest.raises(CursorExpiredError):
            list(handle.pull_updates("no-such-cursor", self.on))

    def test_a_callback_needs_its_signature(
        self, handle: ProviderHandle, callback: CallbackRequest | None
    ) -> None:
        self.needs(handle, ProviderCapability.CALLBACKS)
        request = self.proof(callback, "callback", ProviderCapability.CALLBACKS)
        with no_network() as tried:
            first = sound(handle.parse_callback(request, self.on).updates)
            second = sound(handle.parse_callback(request, self.on).updates)
        assert not tried and first
        assert [each.update_id for each in first] == [each.update_id for each in second]
        for forged in (
            msgspec.structs.replace(request, headers={}),
            msgspec.structs.replace(request, body=request.body + b" "),
        ):
            with pytest.raises(RejectedError):
                handle.parse_callback(forged, self.on)

    def updates(self, handle: ProviderHandle) -> list[PlacementUpdate]:
        """Everything the service reports."""
        pages = handle.pull_updates(None, self.on)
        return sound(item for page in pages for item in page.items)


def _is_about(update: PlacementUpdate, placement: str) -> bool:
    """Whether it names this placement of ours, or leaves our number away."""
    return update.placement.ours in ("", placement)
