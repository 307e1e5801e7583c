"""The connector to MexalDB: clients and open items out of the SQL replica of Mexal's archives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from incasso.api import (
    CallContext,
    CheckReport,
    ClientItem,
    Cursor,
    CursorExpiredError,
    DocumentItem,
    ExternalId,
    FoundTable,
    Gone,
    InstallmentItem,
    InstallmentRecord,
    Known,
    Page,
    PersonRecord,
    RejectedError,
    SourceRow,
    SqlClient,
    hookimpl,
    text,
)
from incasso_mexal.cells import CellError
from incasso_mexal.replica.cells import Cells
from incasso_mexal.replica.check import surveyed
from incasso_mexal.replica.discovery import discovered
from incasso_mexal.replica.ledger import Ledger, pages_of
from incasso_mexal.replica.parties import client_of, document_of, person_of
from incasso_mexal.replica.queries import only, query_of, rows_of
from incasso_mexal.replica.rows import InstallmentReader
from incasso_mexal.replica.settings import ReplicaSettings


class ReplicaConnector:
    """One company in one replica. It reads, and never writes: the replica is not the archive."""

    def __init__(self, settings: ReplicaSettings) -> None:
        self.settings = settings

    @hookimpl
    def instance_check(self, ctx: CallContext) -> CheckReport:
        """Ask every query for its columns, count its rows, try some of them."""
        return surveyed(self._database(ctx), self.settings, ctx)

    @hookimpl
    def erp_pull_clients(
        self, since: Cursor | None, ctx: CallContext
    ) -> Iterator[Page[ClientItem]]:
        """All clients that the query returns."""
        if since is not None:
            raise CursorExpiredError(text("clients are always read whole"))
        database = self._database(ctx)
        query = query_of(database, self.settings, "clients_sql")
        cells = Cells(query, self.settings)
        yield from pages_of(database, query, self.settings, lambda row: client_of(row, cells))

    @hookimpl
    def erp_pull_installments(
        self, since: Cursor | None, known: Known, ctx: CallContext
    ) -> Iterator[Page[InstallmentItem]]:
        """All open items, or with :since those that changed; unchanged rows are only named."""
        yield from self._ledger(ctx).pages(since, known)

    @hookimpl
    def erp_pull_agents(self, ctx: CallContext) -> Iterator[Page[PersonRecord]]:
        """The agents, none without agents_sql; an unreadable one is logged."""
        if not self.settings.agents_sql.strip():
            return
        database = self._database(ctx)
        query = query_of(database, self.settings, "agents_sql")
        cells = Cells(query, self.settings)
        for page in pages_of(database, query, self.settings, lambda row: person_of(row, cells)):
            people = tuple(each for each in page.items if isinstance(each, PersonRecord))
            if bad := len(page.items) - len(people):
                ctx.log.warning("%d agents cannot be read", bad)
            yield Page(file=page.file, items=people, complete=page.complete)

    @hookimpl
    def erp_pull_documents(
        self, since: Cursor | None, ctx: CallContext
    ) -> Iterator[Page[DocumentItem]]:
        """All documents, nothing without documents_sql."""
        if since is not None:
            raise CursorExpiredError(text("documents are always read whole"))
        if not self.settings.documents_sql.strip():
            return
        database, settings = self._database(ctx), self.settings
        query = query_of(database, settings, "documents_sql")
        cells = Cells(query, settings)
        yield from pages_of(
            database, query, settings, lambda row: document_of(row, cells, settings)
        )

    @hookimpl
    def erp_balances(
        self, clients: tuple[ExternalId, ...], ctx: CallContext
    ) -> Mapping[ExternalId, Decimal]:
        """The balances of clients from balances_sql; none without that query."""
        if not self.settings.balances_sql.strip() or not clients:
            return {}
        database = self._database(ctx)
        query = query_of(database, self.settings, "balances_sql")
        cells = Cells(query, self.settings)
        found: dict[ExternalId, Decimal] = {}
        for rows in rows_of(database, only(query, "client", clients), self.settings, query.name):
            for row in rows:
                try:
                    balance = cells.amount(row, "balance")
                    code = cells.needed(row, "client")
                except CellError as error:
                    raise RejectedError(f"{query.name}: {error}") from None
                if balance is not None:
                    found[code] = found.get(code, Decimal(0)) + balance
        return found

    @hookimpl
    def erp_discover(self, ctx: CallContext) -> tuple[FoundTable, ...]:
        """Tables that may hold what the queries need, to help write them."""
        return discovered(
            self._database(ctx), lambda: (ctx.deadline - ctx.now()).total_seconds() > 8
        )

    @hookimpl
    def erp_refresh_installments(
        self, external_ids: tuple[ExternalId, ...], ctx: CallContext
    ) -> tuple[InstallmentRecord | Gone, ...]:
        """The current rows of some open items; those the query no longer returns are gone."""
        return self._ledger(ctx).refreshed(external_ids)

    @hookimpl
    def erp_source_rows(
        self, external_ids: tuple[ExternalId, ...], ctx: CallContext
    ) -> tuple[SourceRow, ...]:
        """The rows of installments_sql."""
        return self._ledger(ctx).source_rows(external_ids)

    def _ledger(self, ctx: CallContext) -> Ledger:
        database = self._database(ctx)
        query = query_of(database, self.settings, "installments_sql")
        reader = InstallmentReader(query, self.settings, ctx.on)
        return Ledger(database, query, reader, self.settings)

    def _database(self, ctx: CallContext) -> SqlClient:
        return ctx.sql(self.settings.login)
