"""An ERP as services see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from incasso.contract.connector import (
    ConnectorSpec,
    ControlTotals,
    DocumentRef,
    FoundTable,
    Known,
    SourceRow,
    WriteBack,
)
from incasso.contract.errors import UnsupportedError
from incasso.contract.ledger import (
    ClientItem,
    DocumentItem,
    Gone,
    InstallmentItem,
    InstallmentRecord,
    PaymentItem,
    PersonRecord,
    Unreadable,
)
from incasso.contract.text import text
from incasso.contract.values import Attachment, Cursor, ExternalId, Page, Receipt
from incasso.plugins.handles.base import Handle, whole
from incasso.plugins.rules import RULES


class _NothingKnown:
    """What a hub knows before its first pull."""

    def fingerprints(self, keys: Sequence[ExternalId]) -> Mapping[ExternalId, bytes]:
        """None at all."""
        del keys
        return {}

    def recognise(self, fingerprints: Sequence[bytes]) -> Sequence[bool]:
        """None of them."""
        return [False] * len(fingerprints)


class ConnectorHandle(Handle):
    """An ERP: its name is the source."""

    documents: Path | None = None
    """Where the hub itself looks for invoices of this source: a folder or a file pattern."""
    document_names: tuple[str, ...] = ("{number}",)
    """How its PDFs are named."""

    def pull_clients(
        self, since: Cursor | None, on: date, known: Known | None = None
    ) -> Iterator[Page[ClientItem]]:
        """Clients changed after the cursor, page by page; without `known` every one is built."""
        known = known or _NothingKnown()
        return self._stream(ConnectorSpec.erp_pull_clients, on, since=since, known=known)

    def pull_installments(
        self, since: Cursor | None, known: Known, on: date
    ) -> Iterator[Page[InstallmentItem]]:
        """Installments changed after the cursor, page by page."""
        return self._stream(ConnectorSpec.erp_pull_installments, on, since=since, known=known)

    def pull_agents(self, on: date) -> Iterator[Page[PersonRecord | Unreadable]]:
        """All sales agents."""
        return self._stream(ConnectorSpec.erp_pull_agents, on)

    def pull_depots(self, on: date) -> Iterator[Page[PersonRecord | Unreadable]]:
        """All depots."""
        return self._stream(ConnectorSpec.erp_pull_depots, on)

    def pull_documents(self, since: Cursor | None, on: date) -> Iterator[Page[DocumentItem]]:
        """Documents changed after the cursor."""
        return self._stream(ConnectorSpec.erp_pull_documents, on, since=since)

    def pull_payments(self, since: Cursor | None, on: date) -> Iterator[Page[PaymentItem]]:
        """Payments and adjustments changed after the cursor."""
        return self._stream(ConnectorSpec.erp_pull_payments, on, since=since)

    def balances(self, clients: tuple[ExternalId, ...], on: date) -> Mapping[ExternalId, Decimal]:
        """The ERP's own balance of at most 50 clients."""
        return self._call(ConnectorSpec.erp_balances, on, clients=clients)

    def discover(self, on: date) -> tuple[FoundTable, ...]:
        """Tables of an undocumented database, likeliest first."""
        return whole(self._call(ConnectorSpec.erp_discover, on))

    def source_rows(self, ids: tuple[ExternalId, ...], on: date) -> tuple[SourceRow, ...]:
        """The ERP's own rows behind at most 50 installments. Raises UnsupportedError where the
        connector does not show them."""
        rule = RULES[ConnectorSpec.erp_source_rows.__name__]
        if not self._allowed(rule).implements(rule.name):
            raise UnsupportedError(
                text("the connector of {id} does not show the rows of its ERP", id=self.id)
            )
        return whole(self._call(ConnectorSpec.erp_source_rows, on, external_ids=ids))

    def totals(self, on: date) -> ControlTotals:
        """The ERP's own control totals."""
        return self._call(ConnectorSpec.erp_totals, on)

    def refresh(
        self, ids: tuple[ExternalId, ...], on: date
    ) -> tuple[InstallmentRecord | Gone | Unreadable, ...]:
        """The current state of at most 200 installments; wrong records are Unreadable."""
        return self._call(ConnectorSpec.erp_refresh_installments, on, external_ids=ids)

    def fetch_document(self, ref: DocumentRef, on: date) -> Attachment:
        """The invoice as a file."""
        return self._call(ConnectorSpec.erp_fetch_document, on, document=ref)

    def write_back(
        self, change: WriteBack, key: str, on: date, *, attempt: int = 1, dry_run: bool = False
    ) -> Receipt:
        """Writes a trace into the ERP; the same key twice writes one."""
        return self._call(
            ConnectorSpec.erp_write_back,
            on,
            key=key,
            attempt=attempt,
            dry_run=dry_run,
            change=change,
        )
