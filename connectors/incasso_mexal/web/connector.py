"""The connector: one company of Mexal through its WebAPI."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from incasso.api import (
    Attachment,
    CallContext,
    CheckReport,
    ClientItem,
    Cursor,
    DocumentItem,
    DocumentRef,
    ExternalId,
    Gone,
    InstallmentItem,
    InstallmentRecord,
    Known,
    Page,
    PaymentItem,
    PersonRecord,
    Receipt,
    SourceRow,
    WriteBack,
    hookimpl,
)
from incasso_mexal.web.archive import Archive, Groups, groups_of
from incasso_mexal.web.balances import balances
from incasso_mexal.web.clients import GroupsAndAgents, pull_clients
from incasso_mexal.web.documents import Documents, fetched
from incasso_mexal.web.identity import returned_of
from incasso_mexal.web.instalments import Reader
from incasso_mexal.web.ledger import Ledger
from incasso_mexal.web.payments import Payments
from incasso_mexal.web.people import pull_agents, pull_depots
from incasso_mexal.web.refresh import refreshed
from incasso_mexal.web.settings import MexalSettings
from incasso_mexal.web.source_rows import source_rows
from incasso_mexal.web.survey import survey
from incasso_mexal.web.tables import Currencies, currencies_of
from incasso_mexal.web.webapi import WebApi
from incasso_mexal.web.writing import Writer


class MexalConnector:
    """One company. Between calls it remembers only what the set-up of the ERP decides (which
    groups of accounts are clients', and the currencies), and what its blocks replaced."""

    def __init__(self, settings: MexalSettings) -> None:
        self.settings = settings
        self._heard = GroupsAndAgents()
        self._currencies: Currencies | None = None
        self._begun: dict[str, Mapping[str, str]] = {}

    @hookimpl
    def instance_check(self, ctx: CallContext) -> CheckReport:
        """Address, login, version, company, years, fields, clocks: what is there and what not."""
        return survey(WebApi(self.settings, ctx, trying=True), ctx)

    @hookimpl
    def instance_close(self) -> None:
        """Nothing stays open between calls."""
        self._currencies = None

    @hookimpl
    def erp_pull_clients(
        self, since: Cursor | None, ctx: CallContext
    ) -> Iterator[Page[ClientItem]]:
        """`clienti` with the contact of each and the words behind the codes."""
        heard = self._heard if since is not None else GroupsAndAgents()
        for page in pull_clients(self._archive(ctx), since):
            for item in page.items:
                heard.take(item)
            yield page
        if since is None:
            self._heard = heard

    @hookimpl
    def erp_pull_installments(
        self, since: Cursor | None, known: Known, ctx: CallContext
    ) -> Iterator[Page[InstallmentItem]]:
        """`scadenzario`, whole or what changed, all years as one ledger."""
        self._currencies = None  # a currency may have been added since
        archive = self._archive(ctx)
        groups, reader = self._clients_groups(archive), self._reader(archive, ctx)
        ledger = Ledger(archive, groups, reader, returned_of(archive), ctx.on)
        pages = ledger.everything(known) if since is None else ledger.changes(since, known)
        yield from pages
        if ledger.strange_letters:
            ctx.log.warning(
                "status letters %s are unknown and count as open; name them in the settings, "
                'e.g. states = { X = "paid" }',
                ", ".join(sorted(ledger.strange_letters)),
            )

    @hookimpl
    def erp_pull_agents(self, ctx: CallContext) -> Iterator[Page[PersonRecord]]:
        """The accounts that clients name as their agents."""
        yield from pull_agents(self._archive(ctx), self._heard.agents or None)

    @hookimpl
    def erp_pull_depots(self, ctx: CallContext) -> Iterator[Page[PersonRecord]]:
        """The company's stores (magazzini)."""
        yield from pull_depots(self._archive(ctx))

    @hookimpl
    def erp_refresh_installments(
        self, external_ids: tuple[ExternalId, ...], ctx: CallContext
    ) -> tuple[InstallmentRecord | Gone, ...]:
        """The ledger of the clients concerned, read again."""
        archive = self._archive(ctx, streaming=False)
        return refreshed(external_ids, archive, self._reader(archive, ctx), ctx.on)

    @hookimpl
    def erp_source_rows(
        self, external_ids: tuple[ExternalId, ...], ctx: CallContext
    ) -> tuple[SourceRow, ...]:
        """The positions of `scadenzario` and the others of the same document."""
        archive = self._archive(ctx, streaming=False)
        return source_rows(external_ids, archive, self._reader(archive, ctx), ctx.on)

    @hookimpl
    def erp_pull_documents(
        self, since: Cursor | None, ctx: CallContext
    ) -> Iterator[Page[DocumentItem]]:
        """Invoices and credit notes of the types that the settings name."""
        archive = self._archive(ctx)
        yield from Documents(archive, self._money(archive), ctx.on).pull(since)

    @hookimpl
    def erp_pull_payments(
        self, since: Cursor | None, ctx: CallContext
    ) -> Iterator[Page[PaymentItem]]:
        """Receipts of clients that the journal links to their documents."""
        archive = self._archive(ctx)
        yield from Payments(archive, self._clients_groups(archive), ctx.on).pull(since)

    @hookimpl
    def erp_balances(
        self, clients: tuple[ExternalId, ...], ctx: CallContext
    ) -> Mapping[ExternalId, Decimal]:
        """Mexal's own balance of some clients (calcolo_esposizione)."""
        return balances(self._archive(ctx, streaming=False), clients, ctx.on)

    @hookimpl
    def erp_fetch_document(self, document: DocumentRef, ctx: CallContext) -> Attachment:
        """The invoice, printed by Mexal or as it was stored."""
        return fetched(self._archive(ctx, streaming=False), document)

    @hookimpl
    def erp_write_back(self, change: WriteBack, ctx: CallContext) -> Receipt:
        """Stop and release orders, leave a note; off unless the settings allow it."""
        return Writer(self._archive(ctx, streaming=False), ctx, self._begun).leave(change)

    def _archive(self, ctx: CallContext, *, streaming: bool = True) -> Archive:
        return Archive(WebApi(self.settings, ctx, streaming=streaming), ctx.on)

    def _reader(self, archive: Archive, ctx: CallContext) -> Reader:
        return Reader(self.settings, self._money(archive), ctx.on)

    def _clients_groups(self, archive: Archive) -> Groups:
        """As set, else from the last reading of the clients, else asked of Mexal."""
        if not self._heard.groups or self.settings.customer_groups:
            return groups_of(archive)
        return Groups(self._heard.groups)

    def _money(self, archive: Archive) -> Currencies:
        if self._currencies is None:
            where = archive.where("tables")
            self._currencies = currencies_of(archive.api, self.settings, where)
        return self._currencies
