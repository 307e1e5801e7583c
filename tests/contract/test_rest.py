"""The provider "rest" keeps the contract of every provider, with both ways of placing."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from msgspec.structs import replace

import incasso_webservice
from incasso.api import (
    Money,
    OutcomeUnknownError,
    PlacementUpdate,
    PluginError,
    RefusalReason,
    TemporaryError,
    Unreadable,
    UpdateKind,
)
from incasso.plugins.handles import ProviderHandle
from incasso.testing import BaseProviderContract
from incasso.testing.agency_service import IN_BATCHES, MAPPING, AgencyService
from incasso.testing.network import Answer, StubServer, closed_port
from incasso.testing.provider_lots import Outcome
from incasso.testing.suite import Login, Table, TableFor
from incasso_webservice.memory import Memory


class TestRest(BaseProviderContract):
    mapping = MAPPING

    @pytest.fixture
    def service(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[AgencyService]:
        with AgencyService(now=lambda: self.instant) as service:
            monkeypatch.setenv("AGENCY_KEY", service.secret)
            yield service

    @pytest.fixture
    def plugin_module(self) -> ModuleType:
        return incasso_webservice

    @pytest.fixture
    def table(self, service: AgencyService, base: Path) -> Table:
        (base / "alfa.toml").write_text(self.mapping, "utf-8")
        return {
            "plugin": "rest",
            "base_url": service.url,
            "mapping": "alfa.toml",
            "user": "acme",
            "allow_private_addresses": True,
            "secret": {"env": "AGENCY_KEY"},
        }

    @pytest.fixture
    def second_table(self, table: Table, monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
        with AgencyService("beta") as other:
            monkeypatch.setenv("OTHER_KEY", other.secret)
            yield {**table, "base_url": other.url, "secret": {"env": "OTHER_KEY"}}

    @pytest.fixture
    def web_table(self, table: Table) -> TableFor:
        return lambda url: {**table, "base_url": url}

    @pytest.fixture
    def login(self) -> Login:
        return {"/oauth/token": {"access_token": "t", "expires_in": 3600}}

    @pytest.fixture
    def dead_table(self, table: Table) -> Table:
        return {**table, "base_url": f"http://127.0.0.1:{closed_port()}"}

    @pytest.fixture
    def silent_table(self, table: Table, login: Login) -> Iterator[Table]:
        with StubServer() as stub:
            stub.before = {path: Answer.of(value) for path, value in login.items()}
            stub.fault = Answer(silent=True)
            yield {**table, "base_url": stub.url}

    @pytest.fixture
    def taken(self, service: AgencyService) -> Callable[[], int]:
        return lambda: len(service.claims)

    @pytest.fixture
    def happenings(self, service: AgencyService) -> Callable[[str], None]:
        def happen(placement: str) -> None:
            service.calls(placement, "non risponde")
            service.pays(placement, "60.05")

        return happen

    @pytest.fixture
    def outcome(self, service: AgencyService) -> Outcome:
        def report(placement: str, kind: UpdateKind) -> None:
            if kind is UpdateKind.PAYMENT:
                service.pays(placement, "60.05")
            elif kind is UpdateKind.CLOSED:
                service.closes(placement)
            else:
                service.gives_back(placement)

        return report

    # Each claim once, whatever happens in between.

    @pytest.mark.parametrize("taken_over_there", [True, False])
    def test_a_lost_answer_costs_no_claim_twice(
        self, handle: ProviderHandle, service: AgencyService, taken_over_there: bool
    ) -> None:
        batch, content = self.prepared(handle, *self.dossiers(3, 1))
        service.trouble = deque([Answer(silent=True)])
        service.takes_it = taken_over_there
        with pytest.raises(OutcomeUnknownError):
            self.leave(handle, batch, content)
        assert handle.find(batch, self.on) is None
        receipt = self.leave(handle, batch, content, attempt=2)
        assert list(service.claims) == ["P-0000001", "P-0000002", "P-0000003"]
        assert service.copies == 0
        told = {each.placement.ours: each.placement.theirs for each in receipt.updates}
        assert told == {"P-0000001": "C00001", "P-0000002": "C00002", "P-0000003": "C00003"}

    def test_what_was_taken_before_a_crash_is_not_handed_over_again(
        self, handle: ProviderHandle, service: AgencyService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The answer came, and the program died before it was written down."""
        batch, content = self.prepared(handle, *self.dossiers(3, 1))
        with monkeypatch.context() as patch:
            patch.setattr(Memory, "done", _dies)
            with pytest.raises(PluginError):
                self.leave(handle, batch, content)
        assert service.claims and handle.find(batch, self.on) is None
        self.leave(handle, batch, content, attempt=2)
        assert (len(service.claims), service.copies) == (3, 0)

    def test_it_goes_on_where_the_service_stopped(
        self, handle: ProviderHandle, service: AgencyService
    ) -> None:
        batch, content = self.prepared(handle, *self.dossiers(3, 1))
        service.trouble = deque([Answer(status=503)])
        with pytest.raises(TemporaryError):
            self.leave(handle, batch, content)
        first = self.leave(handle, batch, content, attempt=2)
        again = self.leave(handle, batch, content, attempt=3)
        assert (len(service.claims), service.copies) == (3, 0)
        assert first.updates == again.updates
        assert handle.find(batch, self.on) is not None

    def test_a_path_that_ends_half_way_does_not_give_the_lot_up(
        self, handle: ProviderHandle, service: AgencyService
    ) -> None:
        """Refused for good would leave claims with the agency that the hub counts as its own."""
        batch, content = self.prepared(handle, *self.dossiers(3, 1))
        honest = service._placed
        service._placed = lambda seen: (  # type: ignore[method-assign]
            Answer(status=404) if service.claims else honest(seen)
        )
        with pytest.raises(TemporaryError, match="1 of"):
            self.leave(handle, batch, content)
        service._placed = honest  # type: ignore[method-assign]
        self.leave(handle, batch, content, attempt=2)
        assert (len(service.claims), service.copies) == (3, 0)

    def test_a_refused_placement_is_told_and_the_others_go_on(
        self, handle: ProviderHandle, service: AgencyService
    ) -> None:
        service.refused_cities = {"Nuoro"}
        good, far, last = self.dossiers(3, 1)
        far = replace(far, debtor=replace(far.debtor, city="Nuoro"))
        told = self.submit(handle, good, far, last).updates
        assert [(each.placement.ours, each.kind, each.refused) for each in told] == [
            ("P-0000001", UpdateKind.ACKNOWLEDGED, None),
            ("P-0000002", UpdateKind.REFUSED, RefusalReason.TERRITORY),
            ("P-0000003", UpdateKind.ACKNOWLEDGED, None),
        ]
        assert told[1].text == "ZONE: fuori zona"
        assert {each.on for each in told} == {self.on}, "the hub's day, not the clock's"

    def test_bodies_are_filled_as_the_mapping_says(
        self, handle: ProviderHandle, service: AgencyService
    ) -> None:
        self.submit(handle, self.dossier(credits=2))
        [claim] = service.claims.values()
        assert (claim["amount"], claim["invoices"][1]["amount"]) == expected_amounts(self.mapping)
        assert claim["invoices"][1]["due"] == "2026-02-02"
        assert claim["subject"] == "Credito di Acme S.p.A., lotto L-2026-0001"
        assert "email" not in claim["debtor"], "what is empty is left away"

    def test_amounts_over_there_are_read_to_the_cent(
        self, handle: ProviderHandle, service: AgencyService
    ) -> None:
        """0.1 + 0.2 is 0.30000000000000004 as a float."""
        self.submit(handle, self.dossier())
        service.pays("P-0000001", "1234567890.10")
        [update] = self.updates(handle)
        assert update.amount == Money(amount=Decimal("1234567890.1"))
        assert (update.code, update.placement.theirs) == ("INC", "C00001")

    def test_a_code_that_the_mapping_does_not_know_waits_for_a_person(
        self, handle: ProviderHandle, service: AgencyService
    ) -> None:
        self.submit(handle, self.dossier())
        service.closes("P-0000001", "ALTRO")
        service.pays("P-0000001", "1")
        [page, *_] = handle.pull_updates(None, self.on)
        wrong, right = page.items
        assert isinstance(wrong, Unreadable) and "ALTRO" in wrong.problems[0].message
        assert isinstance(right, PlacementUpdate) and right.kind is UpdateKind.PAYMENT

    def test_everything_wrong_in_a_mapping_is_named(
        self, start: Any, table: Table, base: Path
    ) -> None:
        spoiled = (
            self.mapping.replace("{document_number}", "{number}")
            .replace('"payment"', '"paid"')
            .replace('update_id = "id"', "")
        )
        (base / "alfa.toml").write_text(spoiled, "utf-8")
        [view] = start(table).instances()
        assert all(each in view.reason for each in ("“number”", "“paid”", "“update_id”"))

    def test_a_mapping_that_could_hand_over_twice_is_refused(
        self, start: Any, table: Table, base: Path
    ) -> None:
        """Without a key or a way to ask nobody could settle a lost answer."""
        lines = self.mapping.replace("[find]", "[updates.reasons]").splitlines(keepends=True)
        kept = [each for each in lines if "key_header" not in each and "by-reference" not in each]
        (base / "alfa.toml").write_text("".join(kept), "utf-8")
        [view] = start(table).instances()
        assert "place.key_header and [find] are both missing" in view.reason


def expected_amounts(mapping: str) -> tuple[object, object]:
    """By hand: two installments of 100.10; as numbers one by one, as texts in batches."""
    if mapping is MAPPING:
        return Decimal("200.20"), Decimal("100.10")
    return "200.20", "100.10"


def _dies(*_: object) -> None:
    raise RuntimeError("the program dies here")


class TestRestInBatches(TestRest):
    mapping = IN_BATCHES
