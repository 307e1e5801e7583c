"""An ERP as services see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from incasso.contract.capabilities import ConnectorCapability
from incasso.contract.connector import ControlTotals, DocumentRef, FoundTable, Known, WriteBack
from incasso.contract.ledger import (
    ClientItem,
    DocumentItem,
    Gone,
    InstallmentItem,
    InstallmentRecord,
    PaymentItem,
    PersonRecord,
)
from incasso.contract.values import Attachment, Cursor, ExternalId, Page, Receipt
from incasso.plugins.handles.base import Handle


class _NothingKnown:
    """What a hub knows that never read anything."""

    def fingerprints(self, keys: Sequence[ExternalId]) -> Mapping[ExternalId, bytes]:
        """None at all."""
        del keys
        return {}


class ConnectorHandle(Handle):
    """An ERP: its name is the source."""

    documents: Path | None = None
    """Where the hub itself finds invoices of this source: a folder, or a pattern of files."""
    document_names: tuple[str, ...] = ("{number}",)
    """How its PDFs are named."""

    def pull_clients(
        self, since: Cursor | None, on: date, known: Known | None = None
    ) -> Iterator[Page[ClientItem]]:
        """Clients changed after the cursor, page by page; without `known` every one is built."""
        given = {"since": since, "known": known or _NothingKnown()}
        return self._stream("erp_pull_clients", on, given)

    def pull_installments(
        self, since: Cursor | None, known: Known, on: date
    ) -> Iterator[Page[InstallmentItem]]:
        """Installments changed after the cursor, page by page."""
        return self._stream("erp_pull_installments", on, {"since": since, "known": known})

    def pull_agents(self, on: date) -> Iterator[Page[PersonRecord]]:
        """All sales agents. [PEOPLE]"""
        return self._stream("erp_pull_agents", on, {}, ConnectorCapability.PEOPLE)

    def pull_depots(self, on: date) -> Iterator[Page[PersonRecord]]:
        """All depots. [PEOPLE]"""
        return self._stream("erp_pull_depots", on, {}, ConnectorCapability.PEOPLE)

    def pull_documents(self, since: Cursor | None, on: date) -> Iterator[Page[DocumentItem]]:
        """Documents changed after the cursor. [DOCUMENT_LIST]"""
        needs = ConnectorCapability.DOCUMENT_LIST
        return self._stream("erp_pull_documents", on, {"since": since}, needs)

    def pull_payments(self, since: Cursor | None, on: date) -> Iterator[Page[PaymentItem]]:
        """Payments and adjustments changed after the cursor. [PAYMENTS]"""
        needs = ConnectorCapability.PAYMENTS
        return self._stream("erp_pull_payments", on, {"since": since}, needs)

    def balances(self, clients: tuple[ExternalId, ...], on: date) -> Mapping[ExternalId, Decimal]:
        """The ERP's own balance of at most 50 clients. [BALANCES]"""
        needs = ConnectorCapability.BALANCES
        found: Mapping[ExternalId, Decimal] = self._call(
            "erp_balances", on, {"clients": clients}, needs=needs
        )
        return found

    def discover(self, on: date) -> tuple[FoundTable, ...]:
        """Tables of an undocumented database, likeliest first. [DISCOVERY]"""
        needs = ConnectorCapability.DISCOVERY
        found: tuple[FoundTable, ...] = self._call("erp_discover", on, {}, needs=needs)
        return found

    def totals(self, on: date) -> ControlTotals:
        """The ERP's own control totals. [TOTALS]"""
        totals: ControlTotals = self._call("erp_totals", on, {}, needs=ConnectorCapability.TOTALS)
        return totals

    def refresh(
        self, ids: tuple[ExternalId, ...], on: date
    ) -> tuple[InstallmentRecord | Gone, ...]:
        """Today's truth about at most 200 installments. [REFRESH]"""
        records: tuple[InstallmentRecord | Gone, ...] = self._call(
            "erp_refresh_installments",
            on,
            {"external_ids": ids},
            needs=ConnectorCapability.REFRESH,
        )
        return records

    def fetch_document(self, ref: DocumentRef, on: date) -> Attachment:
        """The invoice as a file. [DOCUMENTS]"""
        document: Attachment = self._call(
            "erp_fetch_document", on, {"document": ref}, needs=ConnectorCapability.DOCUMENTS
        )
        return document

    def write_back(
        self, change: WriteBack, key: str, on: date, *, attempt: int = 1, dry_run: bool = False
    ) -> Receipt:
        """Leave a trace in the ERP; the same key twice leaves one. [WRITE_BACK]"""
        receipt: Receipt = self._call(
            "erp_write_back",
            on,
            {"change": change},
            needs=ConnectorCapability.WRITE_BACK,
            key=key,
            attempt=attempt,
            dry_run=dry_run,
        )
        return receipt
