"""What every provider promises: inherit it, give `plugin_module` and `table`, run pytest."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

import msgspec
import pytest

from incasso.contract.capabilities import Family, ProviderCapability
from incasso.contract.context import CallbackRequest
from incasso.contract.errors import (
    OutcomeUnknownError,
    PluginError,
    RejectedError,
    TemporaryError,
)
from incasso.contract.provider import (
    Amendment,
    AmendmentKind,
    UpdateKind,
)
from incasso.contract.values import Money
from incasso.plugins.handles import ProviderHandle
from incasso.plugins.registry import Registry
from incasso.testing.faults import every_fault, failing, right_class
from incasso.testing.network import no_network
from incasso.testing.provider_news import ProviderNewsContract
from incasso.testing.records import sound, wrong_fields
from incasso.testing.suite import Login, Table, TableFor

Start = Callable[[Table], Registry]


class BaseProviderContract(ProviderNewsContract):
    """Contract of a provider."""

    family: ClassVar[Family] = Family.PROVIDER

    @pytest.fixture
    def cases(self) -> Callable[[], int] | None:
        """How many placements the other side holds."""
        return None

    @pytest.fixture
    def close_case(self) -> Callable[[str], None] | None:
        """Let the other side close a placement, given the receipt's reference."""
        return None

    @pytest.fixture
    def callback(self) -> CallbackRequest | None:
        """A web request of the other side with a valid signature. [CALLBACKS]"""
        return None

    @pytest.fixture
    def dead_table(self) -> Table | None:
        """A table whose server does not answer."""
        return None

    @pytest.fixture
    def silent_table(self) -> Table | None:
        """A table that leads to a server that takes the dossier and then says nothing."""
        return None

    # Handing over.

    @pytest.mark.parametrize("installments", [1, 200])
    def test_a_placement_arrives(
        self, handle: ProviderHandle, cases: Callable[[], int] | None, installments: int
    ) -> None:
        before = cases() if cases else 0
        receipt = self._submit(handle, self.dossier(installments=installments))
        assert wrong_fields(receipt) == []
        assert cases is None or cases() == before + 1

    def test_a_dry_run_places_nothing(
        self, handle: ProviderHandle, cases: Callable[[], int] | None
    ) -> None:
        count = self.proof(cases, "cases")
        before = count()
        self._submit(handle, self.dossier(), dry_run=True)
        assert count() == before

    def test_the_same_key_twice_is_one_case(
        self, handle: ProviderHandle, cases: Callable[[], int] | None
    ) -> None:
        self.needs(handle, ProviderCapability.IDEMPOTENT)
        count = self.proof(cases, "cases", ProviderCapability.IDEMPOTENT)
        before = count()
        first = self._submit(handle, self.dossier())
        second = self._submit(handle, self.dossier(), attempt=2)
        assert first.ref == second.ref and count() == before + 1

    def test_what_was_placed_can_be_found(self, handle: ProviderHandle) -> None:
        self.needs(handle, ProviderCapability.FIND)
        assert handle.find("p-0001", self.on) is None
        receipt = self._submit(handle, self.dossier())
        found = handle.find("p-0001", self.on)
        assert found is not None and found.ref == receipt.ref

    def test_a_quote_places_nothing(
        self, handle: ProviderHandle, cases: Callable[[], int] | None
    ) -> None:
        self.needs(handle, ProviderCapability.QUOTE)
        before = cases() if cases else 0
        quote = handle.quote(self.dossier(), self.on)
        assert wrong_fields(quote) == []
        assert 0 <= quote.rate <= 1 and quote.valid_until >= self.on
        assert cases is None or cases() == before

    def test_nobody_listens(self, start: Start, dead_table: Table | None) -> None:
        handle: Any = self._handle(start(self.proof(dead_table, "dead_table")))
        with pytest.raises(TemporaryError):
            self._submit(handle, self.dossier())

    def test_silence_after_handing_over(self, start: Start, silent_table: Table | None) -> None:
        handle: Any = self._handle(start(self.proof(silent_table, "silent_table")))
        with pytest.raises(OutcomeUnknownError):
            self._submit(handle, self.dossier())

    @every_fault
    def test_handing_over_meets_a_fault_of_the_web(
        self, start: Start, web_table: TableFor | None, login: Login, fault: str
    ) -> None:
        table_for = self.proof(web_table, "web_table")
        with failing(fault, login) as url:
            handle: Any = self._handle(start(table_for(url)))
            with pytest.raises(PluginError) as raised:
                self._submit(handle, self.dossier())
        right_class(fault, raised.value, effect=True)

    # Changing and taking back.

    @pytest.mark.parametrize("kind", AmendmentKind)
    def test_a_change_is_taken(self, handle: ProviderHandle, kind: AmendmentKind) -> None:
        self.needs(handle, ProviderCapability.AMEND)
        placed = self._submit(handle, self.dossier())
        amendment = Amendment(kind=kind, on=self.on, amount=Money(amount=Decimal("10.00")))
        first = handle.amend(placed.ref, amendment, f"a-{kind}", self.on)
        second = handle.amend(placed.ref, amendment, f"a-{kind}", self.on, attempt=2)
        assert wrong_fields(first) == [] and first.ref == second.ref

    def test_recalling_twice_gives_the_same_receipt(self, handle: ProviderHandle) -> None:
        self.needs(handle, ProviderCapability.RECALL)
        placed = self._submit(handle, self.dossier())
        first = handle.recall(placed.ref, "pagato", "r-1", self.on)
        second = handle.recall(placed.ref, "pagato", "r-1", self.on, attempt=2)
        assert wrong_fields(first) == [] and first.ref == second.ref

    def test_a_closed_case_cannot_be_recalled(
        self, handle: ProviderHandle, close_case: Callable[[str], None] | None
    ) -> None:
        self.needs(handle, ProviderCapability.RECALL)
        close = self.proof(close_case, "close_case")
        placed = self._submit(handle, self.dossier())
        close(placed.ref)
        with pytest.raises(RejectedError):
            handle.recall(placed.ref, "troppo tardi", "r-2", self.on)

    # What happens there.

    def test_updates_come_in_order_and_once(
        self, handle: ProviderHandle, happenings: Callable[[str], None] | None
    ) -> None:
        happen = self.proof(happenings, "happenings")
        dossier = self.dossier()
        placed = self._submit(handle, dossier)
        happen(placed.ref)
        updates = self._updates(handle)
        assert len(updates) >= 2
        assert [each.at for each in updates] == sorted(each.at for each in updates)
        ids = [each.update_id for each in updates]
        assert len(ids) == len(set(ids)) and ids == [e.update_id for e in self._updates(handle)]
        collected = [e.amount for e in updates if e.kind is UpdateKind.COLLECTED and e.amount]
        if sum((money.amount for money in collected), Decimal(0)) > dossier.total.amount:
            assert any(each.text for each in updates), "more than was owed needs a word"

    def test_nothing_new_after_the_last_cursor(self, handle: ProviderHandle) -> None:
        pages = list(handle.pull_updates(None, self.on))
        if not pages or pages[-1].cursor is None:
            pytest.skip("its pulls give no cursor")
        later = handle.pull_updates(pages[-1].cursor, self.on)
        assert [item for page in later for item in page.items] == []

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
