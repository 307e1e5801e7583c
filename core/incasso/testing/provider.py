"""What every provider promises: inherit it, give `plugin_module` and `table`, run pytest."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any, ClassVar

import msgspec
import pytest

from incasso.contract.capabilities import Family, ProviderCapability
from incasso.contract.errors import (
    OutcomeUnknownError,
    PluginError,
    TemporaryError,
)
from incasso.contract.exchange import (
    BatchKind,
    Debtor,
    NoticeKind,
    PlacedCredit,
    Refusal,
    ReturnSheet,
)
from incasso.plugins.handles import ProviderHandle
from incasso.plugins.registry import Registry
from incasso.testing import samples
from incasso.testing.faults import every_fault, failing, right_class
from incasso.testing.network import no_network
from incasso.testing.packed import seen_in
from incasso.testing.provider_files import ProviderFilesContract
from incasso.testing.provider_lots import named
from incasso.testing.provider_news import ProviderNewsContract
from incasso.testing.records import wrong_fields
from incasso.testing.suite import Login, Table, TableFor

Start = Callable[[Table], Registry]


class BaseProviderContract(ProviderFilesContract, ProviderNewsContract):
    """Contract of a provider: what leaves here, files and news in the two classes it inherits."""

    family: ClassVar[Family] = Family.PROVIDER

    @pytest.fixture
    def taken(self) -> Callable[[], int] | None:
        """How many batches, or for services that take them one by one placements, arrived."""
        return None

    @pytest.fixture
    def dead_table(self) -> Table | None:
        """A table whose server does not answer."""
        return None

    @pytest.fixture
    def silent_table(self) -> Table | None:
        """A table that leads to a server that takes the batch and then says nothing."""
        return None

    # Writing: the exact bytes, before anything leaves.

    @pytest.mark.parametrize(("placements", "credits"), [(1, 1), (1, 40), (60, 2)])
    def test_a_lot_is_written_whole(
        self, handle: ProviderHandle, placements: int, credits: int
    ) -> None:
        dossiers = self.dossiers(placements, credits)
        written, content = self.written(handle, *dossiers)
        assert wrong_fields(written) == [] and content and written.filename
        assert "/" not in written.filename and "\\" not in written.filename
        totals = samples.lot_sheet(*dossiers).totals
        assert (written.items, written.rows) == (totals.placements, totals.rows)
        assert written.sums == totals.sums

    def test_writing_is_repeatable_and_needs_no_network(self, handle: ProviderHandle) -> None:
        with no_network() as tried:
            first, second = (self.written(handle, self.dossier()) for _ in (1, 2))
        assert not tried, f"preparing looked for {tried}"
        assert first == second, "the same lot must give the same bytes"

    def test_each_batch_has_a_file_name_of_its_own(self, handle: ProviderHandle) -> None:
        names = {self.written(handle, self.dossier(), number=each)[0].filename for each in (1, 2)}
        assert len(names) == 2, "the sequence belongs into the name"

    @pytest.mark.parametrize("what", samples.HOSTILE_TEXTS)
    def test_a_hostile_name_is_carried(self, handle: ProviderHandle, what: str) -> None:
        written, content = self.written(
            handle, samples.dossier(name=samples.HOSTILE_TEXTS[what][:4000])
        )
        assert written.items == 1 and content

    def test_what_the_service_may_not_see_is_not_written(self, handle: ProviderHandle) -> None:
        """The hub blanks it, and names the fields that are left."""
        dossier = self.dossier()
        assert dossier.debtor.phone, "the sample needs a phone number for this"
        bare = msgspec.structs.replace(
            dossier, debtor=msgspec.structs.replace(dossier.debtor, phone="")
        )
        fields = tuple(each for each in _all_fields() if each != "phone")
        _, content = self.written(handle, bare, fields=fields)
        assert dossier.debtor.phone[-9:].encode() not in seen_in(content)

    def test_every_notice_it_declares_is_written(self, handle: ProviderHandle) -> None:
        self.needs(handle, ProviderCapability.NOTICES)
        for number, kind in enumerate(NoticeKind, start=1):
            notice = self.notice(kind, number)
            if handle.can_tell(notice):
                written, content = self.written_notices(handle, notice)
                assert wrong_fields(written) == [] and written.items == 1 and content, kind

    def test_refused_rows_are_written(self, handle: ProviderHandle) -> None:
        self.needs(handle, ProviderCapability.REFUSALS)
        refusals = (
            Refusal(file="esiti.xlsx", row=7, code="unknown_row", message="la riga non esiste"),
            Refusal(file="esiti.xlsx", update_id="p-9", code="date", message="data nel futuro"),
        )
        sink = BytesIO()
        batch = samples.batch(3, BatchKind.ANSWER)
        written = handle.prepare_answer(batch, ReturnSheet(), refusals, sink, self.on)
        assert wrong_fields(written) == [] and written.items == 2
        said = seen_in(sink.getvalue())
        assert b"la riga non esiste" in said and b"data nel futuro" in said

    # Handing over.

    def test_a_lot_arrives(self, handle: ProviderHandle, taken: Callable[[], int] | None) -> None:
        before = taken() if taken else 0
        assert wrong_fields(self.submit(handle, self.dossier())) == []
        assert taken is None or taken() == before + 1

    def test_a_dry_run_hands_over_nothing(
        self, handle: ProviderHandle, taken: Callable[[], int] | None
    ) -> None:
        count = self.proof(taken, "taken")
        before = count()
        self.submit(handle, self.dossier(), dry_run=True)
        assert count() == before

    def test_the_same_batch_twice_is_one(
        self, handle: ProviderHandle, taken: Callable[[], int] | None
    ) -> None:
        self.needs(handle, ProviderCapability.IDEMPOTENT)
        count = self.proof(taken, "taken", ProviderCapability.IDEMPOTENT)
        before = count()
        first = self.submit(handle, self.dossier())
        second = self.submit(handle, self.dossier(), attempt=2)
        assert first.ref == second.ref and count() == before + 1

    def test_what_was_handed_over_can_be_found(self, handle: ProviderHandle) -> None:
        self.needs(handle, ProviderCapability.FIND)
        batch, content = self.prepared(handle, self.dossier())
        assert handle.find(batch, self.on) is None
        receipt = self.leave(handle, batch, content)
        found = handle.find(batch, self.on)
        assert found is not None and found.ref == receipt.ref

    @pytest.mark.parametrize("kind", NoticeKind)
    def test_a_notice_arrives(
        self, handle: ProviderHandle, taken: Callable[[], int] | None, kind: NoticeKind
    ) -> None:
        notice = self.notice(kind)
        if not handle.can_tell(notice):
            pytest.skip(f"a person tells the provider of {kind}")
        self.submit(handle, self.dossier())
        sink = BytesIO()
        batch = samples.batch(2, BatchKind.NOTICES)
        written = handle.prepare_notices(batch, (notice,), sink, self.on)
        ready = named(batch, written)
        first = self.leave(handle, ready, sink.getvalue())
        second = self.leave(handle, ready, sink.getvalue(), attempt=2)
        assert wrong_fields(first) == []
        if handle.can(ProviderCapability.IDEMPOTENT):
            assert first.ref == second.ref

    def test_a_quote_hands_over_nothing(
        self, handle: ProviderHandle, taken: Callable[[], int] | None
    ) -> None:
        self.needs(handle, ProviderCapability.QUOTE)
        before = taken() if taken else 0
        quote = handle.quote(self.dossier(), self.on)
        assert wrong_fields(quote) == []
        assert 0 <= quote.rate <= 1 and quote.valid_until >= self.on
        assert taken is None or taken() == before

    def test_nobody_listens(self, start: Start, dead_table: Table | None) -> None:
        handle: Any = self._handle(start(self.proof(dead_table, "dead_table")))
        with pytest.raises(TemporaryError):
            self.submit(handle, self.dossier())

    def test_silence_after_handing_over(self, start: Start, silent_table: Table | None) -> None:
        handle: Any = self._handle(start(self.proof(silent_table, "silent_table")))
        with pytest.raises(OutcomeUnknownError):
            self.submit(handle, self.dossier())

    @every_fault
    def test_handing_over_meets_a_fault_of_the_web(
        self, start: Start, web_table: TableFor | None, login: Login, fault: str
    ) -> None:
        table_for = self.proof(web_table, "web_table")
        with failing(fault, login) as url:
            handle: Any = self._handle(start(table_for(url)))
            with pytest.raises(PluginError) as raised:
                self.submit(handle, self.dossier())
        right_class(fault, raised.value, effect=True)


def _all_fields() -> tuple[str, ...]:
    return (*Debtor.__struct_fields__, *PlacedCredit.__struct_fields__)
