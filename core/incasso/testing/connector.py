"""What every ERP connector promises: inherit it, give `plugin_module` and `table`, run pytest."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar, TypeVar

import msgspec
import pytest

from incasso.contract.capabilities import ConnectorCapability, Family
from incasso.contract.connector import DocumentRef, WriteBack, WriteBackKind
from incasso.contract.errors import CursorExpiredError, RejectedError, UnsupportedError
from incasso.contract.ledger import (
    ClientRecord,
    DocumentKind,
    Gone,
    InstallmentRecord,
    PersonRecord,
    Unreadable,
)
from incasso.contract.values import Cursor, ExternalId, Page
from incasso.plugins.handles import ConnectorHandle
from incasso.testing.records import wrong_fields
from incasso.testing.samples import HOSTILE_TEXTS
from incasso.testing.suite import BaseContract

T = TypeVar("T", bound=msgspec.Struct)


class Remembered:
    """What a hub would know after a pull."""

    def __init__(self, records: Iterable[InstallmentRecord | ClientRecord] = ()) -> None:
        self._prints = {
            record.code if isinstance(record, ClientRecord) else record.key: record.fingerprint
            for record in records
        }

    def fingerprints(self, keys: Sequence[ExternalId]) -> Mapping[ExternalId, bytes]:
        """The stored fingerprints of these keys."""
        return {key: self._prints[key] for key in keys if self._prints.get(key)}

    def recognise(self, fingerprints: Sequence[bytes]) -> Sequence[bool]:
        """None: every row is asked for by its key."""
        return [False] * len(fingerprints)


class BaseConnectorContract(BaseContract):
    """Contract of a connector. The table must lead to at least one client and installment."""

    family: ClassVar[Family] = Family.CONNECTOR
    trace_kind: ClassVar[WriteBackKind] = WriteBackKind.NOTE
    """What it leaves in the ERP, for one that leaves no notes."""

    @pytest.fixture
    def spoil(self) -> Callable[[], None] | None:
        """Make one row of the ledger unreadable on the other side."""
        return None

    @pytest.fixture
    def rename(self) -> Callable[[str], ExternalId] | None:
        """Give one client this name on the other side; returns its code."""
        return None

    @pytest.fixture
    def change_one(self) -> Callable[[], ExternalId] | None:
        """Change one installment on the other side; returns its key."""
        return None

    @pytest.fixture
    def delete_one(self) -> Callable[[], ExternalId] | None:
        """Delete one installment on the other side; returns its key."""
        return None

    @pytest.fixture
    def traces(self) -> Callable[[], int] | None:
        """How many traces the other side holds."""
        return None

    # Records.

    def test_records_hold_what_their_types_say(self, handle: ConnectorHandle) -> None:
        for record in self._items([*handle.pull_clients(None, self.on), *self._pull(handle)]):
            assert wrong_fields(record) == []
        assert self.clients(handle), "the table leads to no client"
        assert self.installments(handle), "the table leads to no installment"

    def test_keys_are_unique(self, handle: ConnectorHandle) -> None:
        codes = [record.code for record in self.clients(handle)]
        keys = [record.key for record in self.installments(handle)]
        for names in (codes, keys):
            assert len(names) == len(set(names)), "a key comes twice"
            assert all(0 < len(name) <= 128 for name in names), "a key has 1-128 characters"

    def test_every_installment_has_its_client(self, handle: ConnectorHandle) -> None:
        codes = {record.code for record in self.clients(handle)}
        strangers = {each.client for each in self.installments(handle)} - codes
        assert not strangers, f"installments of clients that were not pulled: {strangers}"

    def test_amounts_make_sense(self, handle: ConnectorHandle) -> None:
        for each in self.installments(handle):
            assert len(each.currency) == 3 and each.currency.isupper(), each
            if each.amount is not None:
                assert abs(each.residual) <= abs(each.amount), f"more open than due: {each}"
                assert each.residual * each.amount >= 0, f"signs differ: {each}"
            if each.document_kind in (DocumentKind.CREDIT_NOTE, DocumentKind.ADVANCE):
                assert each.residual <= 0, f"a credit is negative: {each}"

    def test_a_bad_row_stops_nothing(
        self, handle: ConnectorHandle, spoil: Callable[[], None] | None
    ) -> None:
        spoil = self.proof(spoil, "spoil")
        before = len(self.installments(handle)) + len(self.clients(handle))
        spoil()
        items = self._items([*handle.pull_clients(None, self.on), *self._pull(handle)])
        bad = [item for item in items if isinstance(item, Unreadable)]
        assert len(bad) == 1, "the spoiled row comes back as one Unreadable"
        assert bad[0].problems and bad[0].problems[0].message
        assert len(bad[0].raw) <= 2000
        assert len(items) - len(bad) == before - 1, "all other rows arrive"

    @pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
    def test_hostile_names_survive(
        self, handle: ConnectorHandle, rename: Callable[[str], ExternalId] | None, text: str
    ) -> None:
        code = self.proof(rename, "rename")(text)
        [name] = [record.name for record in self.clients(handle) if record.code == code]
        assert _normal(name) == _normal(text)

    # Streams.

    def test_only_the_last_page_is_complete(self, handle: ConnectorHandle) -> None:
        for pages in (list(handle.pull_clients(None, self.on)), self._pull(handle)):
            assert not any(page.complete for page in pages[:-1])

    def test_pulling_twice_gives_the_same(self, handle: ConnectorHandle) -> None:
        assert self.clients(handle) == self.clients(handle)
        assert self.installments(handle) == self.installments(handle)

    def test_a_pull_may_be_left_in_the_middle(self, handle: ConnectorHandle) -> None:
        pages = handle.pull_installments(None, Remembered(), self.on)
        next(pages)
        pages.close()  # type: ignore[attr-defined]
        assert self.installments(handle)

    def test_nothing_new_after_the_last_cursor(self, handle: ConnectorHandle) -> None:
        cursor, known = self._cursor(handle), Remembered(self.installments(handle))
        assert self._items(self._pull(handle, cursor, known)) == []

    def test_an_unknown_cursor_is_told(self, handle: ConnectorHandle) -> None:
        self._cursor(handle)
        with pytest.raises(CursorExpiredError):
            self._pull(handle, "surely no cursor of yours")

    def test_a_change_after_the_cursor_comes_once(
        self, handle: ConnectorHandle, change_one: Callable[[], ExternalId] | None
    ) -> None:
        cursor, known = self._cursor(handle), Remembered(self.installments(handle))
        key = self.proof(change_one, "change_one")()
        items = self._items(self._pull(handle, cursor, known))
        assert [item.key for item in items if isinstance(item, InstallmentRecord)] == [key]

    # Capabilities.

    def test_refresh_tells_the_same_as_the_pull(self, handle: ConnectorHandle) -> None:
        self.needs(handle, ConnectorCapability.REFRESH)
        pulled = self.installments(handle)[:50]
        keys = (*(record.key for record in reversed(pulled)), "no-such-key")
        *records, last = handle.refresh(keys, self.on)
        plain = [_without_fingerprint(record) for record in records]
        assert plain == [_without_fingerprint(record) for record in reversed(pulled)]
        assert isinstance(last, Gone) and last.external_id == "no-such-key"

    def test_a_deletion_is_told(
        self, handle: ConnectorHandle, delete_one: Callable[[], ExternalId] | None
    ) -> None:
        self.needs(handle, ConnectorCapability.DELETIONS)
        cursor = self._cursor(handle)
        key = self.proof(delete_one, "delete_one", ConnectorCapability.DELETIONS)()
        items = self._items(self._pull(handle, cursor))
        assert key in [item.external_id for item in items if isinstance(item, Gone)]

    def test_documents_can_be_fetched(self, handle: ConnectorHandle) -> None:
        self.needs(handle, ConnectorCapability.DOCUMENTS)
        each = next(each for each in self.installments(handle) if each.document_number)
        wanted = DocumentRef(
            client=each.client,
            kind=each.document_kind,
            number=each.document_number,
            date=each.document_date,
        )
        document = handle.fetch_document(wanted, self.on)
        assert wrong_fields(document) == [] and document.content
        if document.media_type == "application/pdf":
            assert document.content.startswith(b"%PDF-")
        with pytest.raises(RejectedError):
            handle.fetch_document(msgspec.structs.replace(wanted, number="no-such"), self.on)

    def test_a_trace_is_left_once(
        self, handle: ConnectorHandle, traces: Callable[[], int] | None
    ) -> None:
        self.needs(handle, ConnectorCapability.WRITE_BACK)
        count = self.proof(traces, "traces", ConnectorCapability.WRITE_BACK)
        each = self.installments(handle)[0]
        change = WriteBack(
            kind=self.trace_kind,
            client=each.client,
            installment=each.key,
            on=self.on,
            text="Sollecito inviato",
        )
        before = count()
        handle.write_back(change, "note-1", self.on, dry_run=True)
        assert count() == before, "a dry run leaves no trace"
        first = handle.write_back(change, "note-1", self.on)
        second = handle.write_back(change, "note-1", self.on, attempt=2)
        assert wrong_fields(first) == [] and first.ref == second.ref
        assert count() == before + 1, "the same key twice leaves one trace"

    def test_people_are_known(self, handle: ConnectorHandle) -> None:
        self.needs(handle, ConnectorCapability.PEOPLE)
        for pages in (handle.pull_agents(self.on), handle.pull_depots(self.on)):
            people = self._items(list(pages))
            assert [wrong for person in people for wrong in wrong_fields(person)] == []
            codes = [person.code for person in people if isinstance(person, PersonRecord)]
            assert len(codes) == len(set(codes)) and all(codes)

    def test_totals_agree_with_the_pull(self, handle: ConnectorHandle) -> None:
        self.needs(handle, ConnectorCapability.TOTALS)
        totals = handle.totals(self.on)
        assert wrong_fields(totals) == []
        sums: dict[str, Decimal] = {}
        for each in self.installments(handle):
            sums[each.currency] = sums.get(each.currency, Decimal(0)) + each.residual
        assert {code: sums.get(code) for code in totals.residual} == dict(totals.residual)
        if totals.open_items is not None:
            still_open = [each for each in self.installments(handle) if each.residual]
            assert totals.open_items == len(still_open)

    def test_documents_and_payments_belong_to_clients(self, handle: ConnectorHandle) -> None:
        codes = {record.code for record in self.clients(handle)}
        pulls: list[Iterable[Page[Any]]] = []
        if handle.can(ConnectorCapability.DOCUMENT_LIST):
            pulls.append(handle.pull_documents(None, self.on))
        if handle.can(ConnectorCapability.PAYMENTS):
            pulls.append(handle.pull_payments(None, self.on))
        for pages in pulls:
            items = self._items(pages)
            assert [wrong for item in items for wrong in wrong_fields(item)] == []
            records = [item for item in items if hasattr(item, "client")]
            assert {record.client for record in records} <= codes
            keys = [record.key for record in records]
            assert len(keys) == len(set(keys)), "a key comes twice"

    def test_balances_agree_with_the_pull(self, handle: ConnectorHandle) -> None:
        self.needs(handle, ConnectorCapability.BALANCES)
        sums: dict[str, Decimal] = {}
        for each in self.installments(handle):
            open_now = each.residual if each.base_residual is None else each.base_residual
            sums[each.client] = sums.get(each.client, Decimal(0)) + open_now
        asked = tuple(sums)[:50]
        balances = handle.balances((*asked, "no-such"), self.on)
        assert "no-such" not in balances
        assert {code: sums[code] for code in balances} == dict(balances)

    def test_source_rows_belong_to_what_was_asked(self, handle: ConnectorHandle) -> None:
        """A connector without them says so; others show something of each installment."""
        asked = tuple(each.key for each in self.installments(handle))[:50]
        try:
            rows = handle.source_rows((*asked, "no-such"), self.on)
        except UnsupportedError as error:
            assert str(error)
            return
        assert {row.external_id for row in rows} == set(asked)
        assert all(row.where and row.fields for row in rows)

    def test_fingerprints_spare_unchanged_rows(self, handle: ConnectorHandle) -> None:
        self.needs(handle, ConnectorCapability.FINGERPRINTS)
        records = self.installments(handle)
        assert all(0 < len(record.fingerprint) <= 16 for record in records)
        pages = self._pull(handle, known=Remembered(records))
        assert self._items(pages) == [], "a known fingerprint needs no record"
        same = [key for page in pages for key in page.unchanged]
        assert sorted(same) == sorted(record.key for record in records)

    def test_a_client_comes_or_is_said_to_be_unchanged(self, handle: ConnectorHandle) -> None:
        records = self.clients(handle)
        assert all(len(record.fingerprint) <= 16 for record in records)
        pages = list(handle.pull_clients(None, self.on, Remembered(records)))
        came = [item.code for item in self._items(pages) if isinstance(item, ClientRecord)]
        same = [code for page in pages for code in page.unchanged]
        assert sorted([*came, *same]) == sorted(record.code for record in records)

    # Ways to pull.

    def clients(self, handle: ConnectorHandle) -> list[ClientRecord]:
        """Every client of a full pull."""
        items = self._items(list(handle.pull_clients(None, self.on)))
        return [item for item in items if isinstance(item, ClientRecord)]

    def installments(self, handle: ConnectorHandle) -> list[InstallmentRecord]:
        """Every installment of a full pull."""
        items = self._items(self._pull(handle))
        return [item for item in items if isinstance(item, InstallmentRecord)]

    def _pull(
        self,
        handle: ConnectorHandle,
        since: Cursor | None = None,
        known: Remembered | None = None,
    ) -> list[Page[Any]]:
        return list(handle.pull_installments(since, known or Remembered(), self.on))

    def _items(self, pages: Iterable[Page[T]]) -> list[T]:
        return [item for page in pages for item in page.items]

    def _cursor(self, handle: ConnectorHandle) -> Cursor:
        """Where a full pull of installments stopped."""
        pages = self._pull(handle)
        cursor: Cursor | None = pages[-1].cursor if pages else None
        if cursor is None:
            pytest.skip("its pulls give no cursor: every one is full")
        assert len(cursor) <= 2048
        return cursor


def _without_fingerprint(record: Any) -> Any:
    if isinstance(record, InstallmentRecord):
        return msgspec.structs.replace(record, fingerprint=b"")
    return record


def _normal(text: str) -> str:
    """Line breaks and runs of blanks may become one blank; nothing else may change."""
    return " ".join(unicodedata.normalize("NFC", text).split())
