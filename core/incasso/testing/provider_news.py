"""What every provider promises about updates: they say what happened, and after the cursor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import pytest

from incasso.contract.errors import CursorExpiredError
from incasso.contract.provider import PlacementDossier, PlacementUpdate, UpdateKind
from incasso.contract.values import Receipt
from incasso.plugins.handles import ProviderHandle
from incasso.testing import samples
from incasso.testing.records import sound
from incasso.testing.suite import BaseContract

Outcome: TypeAlias = Callable[[str, UpdateKind], object]

ENDS: Final = frozenset({UpdateKind.CLOSED_PAID, UpdateKind.CLOSED_UNPAID, UpdateKind.RETURNED})


class ProviderNewsContract(BaseContract):
    """The part of a provider's contract that is about what it reports."""

    @pytest.fixture
    def happenings(self) -> Callable[[str], None] | None:
        """Let at least two things happen to a placement, given the receipt's reference."""
        return None

    @pytest.fixture
    def outcome(self) -> Outcome | None:
        """Let the other side report this of a placement, given the receipt's reference."""
        return None

    def dossier(self, placement: str = "p-0001", *, installments: int = 1) -> PlacementDossier:
        """The dossier to try with; override it if the provider asks for more."""
        return samples.dossier(placement, installments=installments)

    @pytest.mark.parametrize(
        "kind",
        [
            UpdateKind.COLLECTED,
            UpdateKind.CLOSED_PAID,
            UpdateKind.CLOSED_UNPAID,
            UpdateKind.RETURNED,
        ],
    )
    def test_updates_say_what_happened(
        self, handle: ProviderHandle, outcome: Outcome | None, kind: UpdateKind
    ) -> None:
        report = self.proof(outcome, "outcome")
        placed = self._submit(handle, self.dossier())
        report(placed.ref, kind)
        told = [each.kind for each in self._updates(handle) if each.ref == placed.ref]
        assert kind in told, f"it was reported as {kind}, and the plugin says {told}"
        assert not (ENDS - {kind}) & set(told), f"it was {kind}, and the plugin says {told}"

    def test_later_updates_come_after_the_cursor(
        self, handle: ProviderHandle, happenings: Callable[[str], None] | None
    ) -> None:
        happen = self.proof(happenings, "happenings")
        first, second = (self._submit(handle, self.dossier(f"p-000{n}")) for n in (1, 2))
        happen(first.ref)
        pages = list(handle.pull_updates(None, self.on))
        if not pages or (cursor := pages[-1].cursor) is None:
            pytest.skip("its pulls give no cursor")
        known = [each.update_id for page in pages for each in sound(page.items)]
        happen(second.ref)
        more = handle.pull_updates(cursor, self.on)
        later = sound(each for page in more for each in page.items)
        assert {each.ref for each in later} == {second.ref}, "what comes after the cursor, only"
        ids = [each.update_id for each in self._updates(handle)]
        assert sorted(ids) == sorted([*known, *(each.update_id for each in later)])

    def test_an_unknown_cursor_is_told(self, handle: ProviderHandle) -> None:
        pages = list(handle.pull_updates(None, self.on))
        if not pages or pages[-1].cursor is None:
            pytest.skip("its pulls give no cursor")
        with pytest.raises(CursorExpiredError):
            list(handle.pull_updates("no-such-cursor", self.on))

    def _submit(
        self,
        handle: ProviderHandle,
        dossier: PlacementDossier,
        *,
        attempt: int = 1,
        dry_run: bool = False,
    ) -> Receipt:
        return handle.submit(dossier, attempt=attempt, dry_run=dry_run, on=self.on)

    def _updates(self, handle: ProviderHandle) -> list[PlacementUpdate]:
        pages = handle.pull_updates(None, self.on)
        return sound(item for page in pages for item in page.items)
