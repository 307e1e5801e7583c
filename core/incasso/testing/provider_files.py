"""What a provider that exchanges files promises: each file is read once, and every row is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any, TypeAlias

import pytest

from incasso.contract.capabilities import ProviderCapability
from incasso.contract.errors import RejectedError
from incasso.contract.exchange import (
    ActivityResult,
    Arrival,
    ClosingReason,
    PlacementRef,
    PlacementUpdate,
    Settled,
    UpdateKind,
)
from incasso.contract.ledger import Unreadable
from incasso.contract.values import Money
from incasso.plugins.handles import ProviderHandle
from incasso.plugins.registry import Registry
from incasso.testing.network import no_network
from incasso.testing.provider_lots import ProviderLots
from incasso.testing.records import sound
from incasso.testing.suite import Table

Start = Callable[[Table], Registry]
ReturnFile: TypeAlias = Callable[[tuple[PlacementUpdate, ...]], tuple[str, bytes]]

_AT = datetime(2026, 2, 20, 9, 0, tzinfo=UTC)
_REF = PlacementRef(ours="P-0000001")
_LOT = "L-2026-0001"

REPORTED = (
    PlacementUpdate(
        placement=_REF,
        lot=_LOT,
        update_id="u-1",
        at=_AT,
        on=date(2026, 2, 20),
        kind=UpdateKind.ACKNOWLEDGED,
    ),
    PlacementUpdate(
        placement=_REF,
        lot=_LOT,
        update_id="u-2",
        at=_AT,
        on=date(2026, 2, 21),
        kind=UpdateKind.ACTIVITY,
        result=ActivityResult.NO_ANSWER,
        medium="call",
        text="non risponde; riprovare dopo le 18",
    ),
    PlacementUpdate(
        placement=_REF,
        lot=_LOT,
        row="R-0000001-1",
        update_id="pay-0007",
        at=_AT,
        on=date(2026, 2, 23),
        kind=UpdateKind.PAYMENT,
        amount=Money(amount=Decimal("60.05")),
        remittance="bonifico 88",
    ),
    PlacementUpdate(
        placement=_REF,
        lot=_LOT,
        row="R-0000001-1",
        update_id="pay-0007-s",
        at=_AT,
        on=date(2026, 2, 25),
        kind=UpdateKind.REVERSAL,
        amount=Money(amount=Decimal("60.05")),
        corrects="pay-0007",
    ),
    PlacementUpdate(
        placement=_REF,
        lot=_LOT,
        update_id="u-5",
        at=_AT,
        on=date(2026, 2, 27),
        kind=UpdateKind.CLOSED,
        closing=ClosingReason.UNTRACEABLE,
    ),
)
"""What the other side reports about the placement of `dossier`, one of each important kind."""


class ProviderFilesContract(ProviderLots):
    """The part of a provider's contract that is about files that come back."""

    @pytest.fixture
    def return_file(self) -> ReturnFile | None:
        """Write a file as the other side would, of these updates: its name and bytes. [FILES]

        Not by the plugin's own writer: what only reads its own hand proves nothing.
        """
        return None

    @pytest.fixture
    def spoil_row(self) -> Callable[[bytes], bytes] | None:
        """Make the second row of such a file unreadable, for instance by an impossible date."""
        return None

    @pytest.fixture
    def drop(self) -> Callable[[str, bytes], None] | None:
        """Put a file where the plugin looks for arrivals. [FILES]"""
        return None

    def test_what_is_reported_is_read(
        self, handle: ProviderHandle, return_file: ReturnFile | None
    ) -> None:
        self.needs(handle, ProviderCapability.FILES)
        write = self.proof(return_file, "return_file", ProviderCapability.FILES)
        name, content = write(REPORTED)
        read = sound(self.read(handle, name, content))
        assert [_told(each) for each in read] == [_told(each) for each in REPORTED]
        assert [each.text for each in read if each.text] == [REPORTED[1].text]

    def test_the_head_says_which_lot(
        self, handle: ProviderHandle, return_file: ReturnFile | None
    ) -> None:
        self.needs(handle, ProviderCapability.FILES)
        name, content = self.proof(return_file, "return_file", ProviderCapability.FILES)(REPORTED)
        assert handle.identify(name, BytesIO(content), self.on).lot in ("", _LOT)

    def test_the_same_file_gives_the_same_ids_and_no_network(
        self, handle: ProviderHandle, return_file: ReturnFile | None
    ) -> None:
        self.needs(handle, ProviderCapability.FILES)
        name, content = self.proof(return_file, "return_file", ProviderCapability.FILES)(REPORTED)
        with no_network() as tried:
            first, second = self.read(handle, name, content), self.read(handle, name, content)
        assert not tried, f"reading looked for {tried}"
        assert first == second
        ids = [each.update_id for each in sound(first)]
        assert len(set(ids)) == len(REPORTED), "each row is an update of its own"

    def test_rows_have_their_number(
        self, handle: ProviderHandle, return_file: ReturnFile | None
    ) -> None:
        self.needs(handle, ProviderCapability.FILES)
        name, content = self.proof(return_file, "return_file", ProviderCapability.FILES)(REPORTED)
        for page in handle.read(name, BytesIO(content), self.on):
            assert page.file == name and len(page.rows) == len(page.items)
            assert list(page.rows) == sorted(set(page.rows))

    def test_an_unreadable_row_does_not_stop_the_others(
        self,
        handle: ProviderHandle,
        return_file: ReturnFile | None,
        spoil_row: Callable[[bytes], bytes] | None,
    ) -> None:
        self.needs(handle, ProviderCapability.FILES)
        name, content = self.proof(return_file, "return_file", ProviderCapability.FILES)(REPORTED)
        spoil = self.proof(spoil_row, "spoil_row", ProviderCapability.FILES)
        items = self.read(handle, name, spoil(content))
        wrong = [each for each in items if isinstance(each, Unreadable)]
        assert len(items) == len(REPORTED) and len(wrong) == 1
        assert wrong[0].row is not None and wrong[0].problems[0].message

    def test_a_file_of_something_else_is_refused(self, handle: ProviderHandle) -> None:
        self.needs(handle, ProviderCapability.FILES)
        for content in (b"", b"Gentile cliente, ", b"PK\x03\x04 cut", bytes(range(256)) * 20):
            with pytest.raises(RejectedError):
                handle.identify("fattura.pdf", BytesIO(content), self.on)

    def test_a_file_arrives_once(
        self,
        handle: ProviderHandle,
        return_file: ReturnFile | None,
        drop: Callable[[str, bytes], None] | None,
    ) -> None:
        self.needs(handle, ProviderCapability.FILES)
        name, content = self.proof(return_file, "return_file", ProviderCapability.FILES)(REPORTED)
        self.proof(drop, "drop", ProviderCapability.FILES)(name, content)
        [arrival] = self.arrivals(handle)
        sink = BytesIO()
        handle.open(arrival, sink, self.on)
        assert sink.getvalue() == content and arrival.size == len(content)
        handle.settle(arrival, Settled.TAKEN, self.on)
        handle.settle(arrival, Settled.TAKEN, self.on)
        assert self.arrivals(handle) == []

    def test_two_that_look_never_get_the_same_file(
        self,
        start: Start,
        table: Table,
        handle: ProviderHandle,
        return_file: ReturnFile | None,
        drop: Callable[[str, bytes], None] | None,
    ) -> None:
        self.needs(handle, ProviderCapability.FILES)
        name, content = self.proof(return_file, "return_file", ProviderCapability.FILES)(REPORTED)
        place = self.proof(drop, "drop", ProviderCapability.FILES)
        second: Any = self._handle(start(table))
        for number in range(3):
            place(f"{number}-{name}", content)
        seen = [each.name for each in (*self.arrivals(handle), *self.arrivals(second))]
        assert sorted(seen) == sorted(f"{number}-{name}" for number in range(3))

    def read(
        self, handle: ProviderHandle, name: str, content: bytes
    ) -> list[PlacementUpdate | Unreadable]:
        """Everything in a file."""
        pages = handle.read(name, BytesIO(content), self.on)
        return [item for page in pages for item in page.items]

    def arrivals(self, handle: ProviderHandle) -> list[Arrival]:
        """The files that wait, claimed."""
        return sound(item for page in handle.arrivals(self.on) for item in page.items)


def _told(update: PlacementUpdate) -> tuple[Any, ...]:
    """What must not change on the way; ids, times and words may be a form's own."""
    return (
        update.placement.ours,
        update.row,
        update.kind,
        update.on,
        update.amount,
        update.result,
        update.closing,
        update.remittance,
        bool(update.corrects),
    )
