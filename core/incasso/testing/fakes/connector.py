"""An ERP in memory: cursors, deletions, refresh, totals, documents and traces really work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from hashlib import blake2b
from typing import Any

import msgspec

from incasso.contract.capabilities import Capability, ConnectorCapability, Family
from incasso.contract.connector import (
    ControlTotals,
    DocumentRef,
    FoundTable,
    Known,
    SourceRow,
    WriteBack,
    WriteBackKind,
)
from incasso.contract.context import CallContext
from incasso.contract.errors import CursorExpiredError, RejectedError
from incasso.contract.hooks import hookimpl
from incasso.contract.ledger import (
    ClientItem,
    ClientRecord,
    DocumentItem,
    DocumentRecord,
    Gone,
    GoneReason,
    InstallmentItem,
    InstallmentRecord,
    PaymentItem,
    PaymentRecord,
    PersonRecord,
)
from incasso.contract.values import Attachment, CheckReport, Cursor, ExternalId, Page, Receipt
from incasso.testing.script import Script, Scripted, scripted

PAGE = 1000


class FakeConnector(Scripted):
    """A ledger you change with `put` and `remove`; every change moves its cursor on."""

    family = Family.CONNECTOR
    media: tuple[str, ...] = ()

    def __init__(
        self,
        clients: Iterable[ClientItem] = (),
        installments: Iterable[InstallmentItem] = (),
        *,
        agents: Iterable[PersonRecord] = (),
        depots: Iterable[PersonRecord] = (),
        documents: Mapping[str, Attachment] | None = None,
        document_list: Iterable[DocumentRecord] = (),
        payments: Iterable[PaymentRecord] = (),
        capabilities: Iterable[Capability] = tuple(ConnectorCapability),
        complete: bool = True,
        script: Script | None = None,
    ) -> None:
        super().__init__(script or {})
        self.capabilities = tuple(capabilities)
        self.complete = complete
        self.agents = tuple(agents)
        self.depots = tuple(depots)
        self.documents = dict(documents or {})
        self.document_list = tuple(document_list)
        self.payments = tuple(payments)
        self.written: dict[str, WriteBack] = {}
        self._receipts: dict[str, Receipt] = {}
        self._version = 0
        self._clients: dict[str, tuple[int, ClientItem]] = {}
        self._installments: dict[str, tuple[int, InstallmentItem]] = {}
        self.put(*clients, *installments)

    def put(self, *items: ClientItem | InstallmentItem) -> None:
        """Add or replace records; an Unreadable counts as an installment row."""
        for item in items:
            self._version += 1
            if isinstance(item, ClientRecord):
                self._clients[item.code] = (self._version, item)
            elif isinstance(item, InstallmentRecord):
                self._installments[item.key] = (self._version, self._printed(item))
            else:
                key = item.external_id or f"row {self._version}"
                self._installments[key] = (self._version, item)

    def remove(self, *keys: ExternalId) -> None:
        """Delete installments, as when they are paid and leave the list of open items."""
        for key in keys:
            self._version += 1
            gone = Gone(external_id=key, why=GoneReason.DELETED)
            self._installments[key] = (self._version, gone)

    def all_clients(self) -> tuple[ClientRecord, ...]:
        """The clients as they are now."""
        items = (item for _, item in self._clients.values())
        return tuple(item for item in items if isinstance(item, ClientRecord))

    def open_items(self) -> tuple[InstallmentRecord, ...]:
        """The installments as they are now."""
        items = (item for _, item in self._installments.values())
        return tuple(item for item in items if isinstance(item, InstallmentRecord))

    @hookimpl
    @scripted
    def instance_check(self, ctx: CallContext) -> CheckReport:
        """Always there."""
        return CheckReport(remote_identity=f"memory {ctx.instance_id}")

    @hookimpl
    @scripted
    def instance_close(self) -> None:
        """Nothing to release."""

    @hookimpl
    @scripted
    def erp_pull_clients(self, since: Cursor | None) -> Iterator[Page[ClientItem]]:
        """Clients, oldest change first."""
        return self._pages(self._clients, since, None)

    @hookimpl
    @scripted
    def erp_pull_installments(
        self, since: Cursor | None, known: Known
    ) -> Iterator[Page[InstallmentItem]]:
        """Installments, oldest change first; unchanged ones by key where the hub knows them."""
        ask = known if ConnectorCapability.FINGERPRINTS in self.capabilities else None
        return self._pages(self._installments, since, ask)

    @hookimpl
    @scripted
    def erp_pull_agents(self) -> Iterator[Page[PersonRecord]]:
        """All agents in one page."""
        return iter((Page(items=self.agents, complete=True),))

    @hookimpl
    @scripted
    def erp_pull_depots(self) -> Iterator[Page[PersonRecord]]:
        """All depots in one page."""
        return iter((Page(items=self.depots, complete=True),))

    @hookimpl
    @scripted
    def erp_pull_documents(self, since: Cursor | None) -> Iterator[Page[DocumentItem]]:
        """All documents in one page; nothing after a cursor."""
        items = () if since else self.document_list
        yield Page(items=items, cursor="all", complete=since is None)

    @hookimpl
    @scripted
    def erp_pull_payments(self, since: Cursor | None) -> Iterator[Page[PaymentItem]]:
        """All payments in one page; nothing after a cursor."""
        items = () if since else self.payments
        yield Page(items=items, cursor="all", complete=since is None)

    @hookimpl
    @scripted
    def erp_balances(self, clients: tuple[ExternalId, ...]) -> Mapping[ExternalId, Decimal]:
        """What is open per client; clients it does not hold are left out."""
        sums = {code: Decimal(0) for code in clients if code in self._clients}
        for item in self.open_items():
            if item.client in sums:
                sums[item.client] += item.residual
        return sums

    @hookimpl
    @scripted
    def erp_discover(self) -> tuple[FoundTable, ...]:
        """A ledger in memory is one table."""
        found = FoundTable(name="memory", purpose="installments", score=1, why="the only one")
        return (found,)

    @hookimpl
    @scripted
    def erp_totals(self) -> ControlTotals:
        """Count and sums of what is open."""
        sums: dict[str, Decimal] = {}
        for item in self.open_items():
            sums[item.currency] = sums.get(item.currency, Decimal(0)) + item.residual
        return ControlTotals(open_items=len(self.open_items()), residual=sums)

    @hookimpl
    @scripted
    def erp_refresh_installments(
        self, external_ids: tuple[ExternalId, ...]
    ) -> tuple[InstallmentRecord | Gone, ...]:
        """Today's truth, in the order of the question."""
        found = (self._installments.get(key, (0, None))[1] for key in external_ids)
        return tuple(
            item if isinstance(item, InstallmentRecord) else Gone(external_id=key)
            for key, item in zip(external_ids, found, strict=True)
        )

    @hookimpl
    @scripted
    def erp_source_rows(self, external_ids: tuple[ExternalId, ...]) -> tuple[SourceRow, ...]:
        """One row for each open item that it has."""
        return tuple(
            SourceRow(external_id=key, where="fake", fields=(("residual", f"{item.residual:f}"),))
            for key in external_ids
            if isinstance(item := self._installments.get(key, (0, None))[1], InstallmentRecord)
        )

    @hookimpl
    @scripted
    def erp_fetch_document(self, document: DocumentRef) -> Attachment:
        """The document under its number."""
        if document.number not in self.documents:
            raise RejectedError(f"there is no document {document.number}")
        return self.documents[document.number]

    @hookimpl
    @scripted
    def erp_write_back(self, change: WriteBack, ctx: CallContext) -> Receipt:
        """A trace per key; an order block is a flag of the client, as in a real ERP."""
        ref = f"trace-{ctx.idempotency_key}"[:128]
        if ctx.dry_run:
            return Receipt(ref=ref, at=ctx.now(), before=self._replaced(change))
        if ctx.idempotency_key not in self._receipts:
            self.written[ctx.idempotency_key] = change
            receipt = Receipt(ref=ref, at=ctx.now(), before=self._replaced(change))
            self._receipts[ctx.idempotency_key] = receipt
            self._flag(change)
        return self._receipts[ctx.idempotency_key]

    def _replaced(self, change: WriteBack) -> Mapping[str, str]:
        """What BLOCK_ORDERS replaces, for a client that this ERP knows."""
        _, client = self._clients.get(change.client, (0, None))
        if change.kind is not WriteBackKind.BLOCK_ORDERS or not isinstance(client, ClientRecord):
            return {}
        return {"blocked": "1" if client.blocked else "0"}

    def _flag(self, change: WriteBack) -> None:
        """Set or restore the flag; as in a real ERP, the client counts as changed."""
        _, client = self._clients.get(change.client, (0, None))
        if not isinstance(client, ClientRecord):
            return
        if change.kind is WriteBackKind.BLOCK_ORDERS:
            self.put(msgspec.structs.replace(client, blocked=True))
        elif change.kind is WriteBackKind.RELEASE_ORDERS:
            self.put(msgspec.structs.replace(client, blocked=change.before.get("blocked") == "1"))

    def _pages(
        self, table: Mapping[str, tuple[int, Any]], since: Cursor | None, known: Known | None
    ) -> Iterator[Page[Any]]:
        version = self._since(since)
        changed = self._changed(table, version, full=since is None)
        rest = [changed[start : start + PAGE] for start in range(0, len(changed), PAGE)] or [[]]
        for number, part in enumerate(rest, start=1):
            last = number == len(rest)
            same = _unchanged([key for _, key, _ in part], table, known)
            yield Page(
                items=tuple(item for _, key, item in part if key not in same),
                unchanged=tuple(key for _, key, _ in part if key in same),
                cursor=str(self._version if last else part[-1][0]),
                complete=last and since is None and self.complete,
            )

    def _changed(
        self, table: Mapping[str, tuple[int, Any]], version: int, *, full: bool
    ) -> list[tuple[int, str, Any]]:
        found = [
            (at, key, item)
            for key, (at, item) in table.items()
            if at > version and not (full and isinstance(item, Gone))
        ]
        return sorted(found, key=lambda change: change[0])

    def _since(self, cursor: Cursor | None) -> int:
        if cursor is None:
            return 0
        if not cursor.isdigit() or int(cursor) > self._version:
            raise CursorExpiredError
        return int(cursor)

    def _printed(self, item: InstallmentRecord) -> InstallmentRecord:
        """With a fingerprint, if this fake gives any."""
        if item.fingerprint or ConnectorCapability.FINGERPRINTS not in self.capabilities:
            return item
        digest = blake2b(msgspec.json.encode(item), digest_size=16).digest()
        return msgspec.structs.replace(item, fingerprint=digest)


def _unchanged(
    keys: list[str], table: Mapping[str, tuple[int, Any]], known: Known | None
) -> frozenset[str]:
    """The keys whose fingerprint the hub already holds."""
    if known is None:
        return frozenset()
    prints = known.fingerprints(keys)
    return frozenset(
        key
        for key in keys
        if isinstance(item := table[key][1], InstallmentRecord)
        and item.fingerprint
        and prints.get(key) == item.fingerprint
    )
