"""ERP connectors: their hooks, and the values of requests and changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from incasso.contract.capabilities import ConnectorCapability
from incasso.contract.context import CallContext
from incasso.contract.hooks import InstanceSpec, hook
from incasso.contract.ledger import (
    ClientItem,
    DocumentItem,
    DocumentKind,
    Gone,
    InstallmentItem,
    InstallmentRecord,
    PaymentItem,
    PersonRecord,
)
from incasso.contract.values import (
    Attachment,
    CurrencyCode,
    Cursor,
    ExternalId,
    Page,
    Receipt,
    Value,
)


class ControlTotals(Value, frozen=True, kw_only=True):
    """The ERP's own sum of open items per currency, to compare with what was read."""

    open_items: int | None = None
    residual: Mapping[CurrencyCode, Decimal] = {}


class WriteBackKind(StrEnum):
    """What the hub may write into the ERP."""

    NOTE = "note"
    STEP_DONE = "step_done"
    BLOCK_ORDERS = "block_orders"
    RELEASE_ORDERS = "release_orders"


class WriteBack(Value, frozen=True, kw_only=True):
    """A change to write into the ERP, about a client or one of its installments."""

    kind: WriteBackKind
    client: ExternalId
    installment: ExternalId = ""
    on: date
    text: str = ""
    by: str = ""
    """Login of the person who asked for it; empty: the hub by its rules."""
    before: Mapping[str, str] = {}
    """RELEASE_ORDERS: the value of `before` in the receipt of BLOCK_ORDERS."""


class DocumentRef(Value, frozen=True, kw_only=True):
    """The document that generated an installment."""

    client: ExternalId
    kind: DocumentKind
    number: str
    date: date | None = None
    key: ExternalId = ""
    """Key of its DocumentRecord, where the connector pulls documents."""


class FoundTable(Value, frozen=True, kw_only=True):
    """A table that may hold what the connector looks for."""

    name: str
    purpose: str
    """`clients`, `installments`, `documents` or `agents`."""
    score: int
    """Higher is more likely; comparable within one purpose."""
    why: str
    rows: int | None = None
    columns: tuple[str, ...] = ()
    sample: tuple[tuple[str, ...], ...] = ()
    """At most five rows, as text, in the order of `columns`."""


class SourceRow(Value, frozen=True, kw_only=True):
    """One row of the ERP behind an installment, as the ERP shows it."""

    external_id: ExternalId
    """The installment it belongs to."""
    where: str
    """Where it stands: file and row, table, resource."""
    fields: tuple[tuple[str, str], ...]
    """Name and value of each filled field, in the ERP's own order and words."""


class Known(Protocol):
    """What the hub already holds, so that unchanged rows need not be built or compared."""

    def fingerprints(self, keys: Sequence[ExternalId]) -> Mapping[ExternalId, bytes]:
        """The stored fingerprint of each known key; absent keys are new. Ask one page at a time."""
        ...

    def recognise(self, fingerprints: Sequence[bytes]) -> Sequence[bool]:
        """Whether each of these rows came in the last read too; cheaper than asking by key.

        Only for fingerprints that cover the key. A row that is recognised counts as read and
        unchanged at once: leave it out of the page, and do not name it. Ask about each row once,
        in the order of reading, a page at a time, and about the others by their keys: false says
        nothing.
        """
        ...


class ConnectorSpec(InstanceSpec):
    """Hooks of an ERP connector."""

    @hook(deadline_s=60, required=True)
    def erp_pull_clients(
        self, since: Cursor | None, known: Known, ctx: CallContext
    ) -> Iterator[Page[ClientItem]]:
        """Clients changed after the cursor; None means from the beginning.

        A stream of pages of at most `Limits.max_page` items. Raises CursorExpiredError for a cursor
        it does not know. Clients with a fingerprint may be left out and named in `Page.unchanged`,
        as installments are; most ERPs have too few clients for this to matter, so `known` may be
        left out.
        """
        raise NotImplementedError

    @hook(deadline_s=60, required=True)
    def erp_pull_installments(
        self, since: Cursor | None, known: Known, ctx: CallContext
    ) -> Iterator[Page[InstallmentItem]]:
        """Installments changed after the cursor; a bad row comes back as Unreadable.

        With FINGERPRINTS a connector asks `known` page by page and names the rows that did not
        change in `Page.unchanged` without building them. What `known.recognise` knows is left out.
        """
        raise NotImplementedError

    @hook(deadline_s=60, needs=ConnectorCapability.PEOPLE)
    def erp_pull_agents(self, ctx: CallContext) -> Iterator[Page[PersonRecord]]:
        """All sales agents."""
        raise NotImplementedError

    @hook(deadline_s=60, needs=ConnectorCapability.PEOPLE)
    def erp_pull_depots(self, ctx: CallContext) -> Iterator[Page[PersonRecord]]:
        """All depots or branches."""
        raise NotImplementedError

    @hook(deadline_s=60, needs=ConnectorCapability.DOCUMENT_LIST)
    def erp_pull_documents(
        self, since: Cursor | None, ctx: CallContext
    ) -> Iterator[Page[DocumentItem]]:
        """Documents changed after the cursor."""
        raise NotImplementedError

    @hook(deadline_s=60, needs=ConnectorCapability.PAYMENTS)
    def erp_pull_payments(
        self, since: Cursor | None, ctx: CallContext
    ) -> Iterator[Page[PaymentItem]]:
        """Payments and adjustments changed after the cursor."""
        raise NotImplementedError

    @hook(deadline_s=20, needs=ConnectorCapability.TOTALS)
    def erp_totals(self, ctx: CallContext) -> ControlTotals:
        """The ERP's own control totals, read beside the pull."""
        raise NotImplementedError

    @hook(deadline_s=20, needs=ConnectorCapability.BALANCES)
    def erp_balances(
        self, clients: tuple[ExternalId, ...], ctx: CallContext
    ) -> Mapping[ExternalId, Decimal]:
        """The ERP's own balance of at most 50 clients, in the company's currency.

        Clients without a known balance are left out. The hub compares it and never applies it.
        """
        raise NotImplementedError

    @hook(deadline_s=20, needs=ConnectorCapability.DISCOVERY)
    def erp_discover(self, ctx: CallContext) -> tuple[FoundTable, ...]:
        """Tables of an undocumented database, most likely first, for the integrator."""
        raise NotImplementedError

    @hook(deadline_s=20, needs=ConnectorCapability.REFRESH)
    def erp_refresh_installments(
        self, external_ids: tuple[ExternalId, ...], ctx: CallContext
    ) -> tuple[InstallmentRecord | Gone, ...]:
        """The current state of at most 200 installments, asked just before a message leaves.

        Keeps the order of the request.
        """
        raise NotImplementedError

    @hook(deadline_s=60)
    def erp_source_rows(
        self, external_ids: tuple[ExternalId, ...], ctx: CallContext
    ) -> tuple[SourceRow, ...]:
        """The ERP's own rows behind at most 50 installments, for a person who doubts an amount.

        Read only. Several rows may stand behind one installment; one that the ERP no longer has
        gets none. A connector without this hook says that it does not show its rows.
        """
        raise NotImplementedError

    @hook(deadline_s=20, needs=ConnectorCapability.DOCUMENTS)
    def erp_fetch_document(self, document: DocumentRef, ctx: CallContext) -> Attachment:
        """The invoice as a file. Raises RejectedError if it does not exist."""
        raise NotImplementedError

    @hook(deadline_s=30, effect=True, needs=ConnectorCapability.WRITE_BACK)
    def erp_write_back(self, change: WriteBack, ctx: CallContext) -> Receipt:
        """Write a change into the ERP; the same key twice writes it once.

        BLOCK_ORDERS reports in `Receipt.before` what it replaced; RELEASE_ORDERS gets that in
        `change.before` and restores it. Raises UnsupportedError for a kind it does not do.
        """
        raise NotImplementedError
