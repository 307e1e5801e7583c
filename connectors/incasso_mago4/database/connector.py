"""The connector: a Mago4 company database, read only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from incasso.api import (
    CallContext,
    CheckReport,
    ClientItem,
    ControlTotals,
    Cursor,
    DocumentItem,
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
    text,
)
from incasso_mago4 import clients
from incasso_mago4.database import balances, check, documents, payments, people, refresh, totals
from incasso_mago4.database.cursor import Position
from incasso_mago4.database.mago import Mago, connect
from incasso_mago4.database.pull import Pull
from incasso_mago4.database.schema import Schema
from incasso_mago4.database.since import clock_of
from incasso_mago4.database.source_rows import source_rows
from incasso_mago4.order_blocks import OrderBlocks
from incasso_mago4.settings import Mago4Settings

SPARE: Final = timedelta(seconds=4)
"""Seconds reserved before a deadline."""


class Mago4Connector:
    """One company. It remembers which columns the database has, and the last change it read."""

    def __init__(self, settings: Mago4Settings) -> None:
        self.settings = settings
        self._schema: Schema | None = None
        self._last_change: datetime | None = None
        self._blocks = OrderBlocks(settings)

    @hookimpl
    def instance_check(self, ctx: CallContext) -> CheckReport:
        """Reach the database, count what it holds, tell what is missing."""
        ctx.step(text("the tables of the database"))
        return self._blocks.checked(check.report(self._looked_at(ctx), ctx.step), ctx)

    @hookimpl
    def instance_close(self) -> None:
        """Forget the columns, and log off from MagicLink if a call was interrupted."""
        self._schema = None
        self._blocks.close()

    @hookimpl
    def erp_pull_clients(
        self, since: Cursor | None, known: Known, ctx: CallContext
    ) -> Iterator[Page[ClientItem]]:
        """Every customer; there are few of them, so there is no cursor."""
        yield from clients.pull(self._looked_at(ctx), known)

    @hookimpl
    def erp_pull_installments(
        self, since: Cursor | None, known: Known, ctx: CallContext
    ) -> Iterator[Page[InstallmentItem]]:
        """Every open item, or with a cursor what changed and the keys of all the others."""
        mago = self._looked_at(ctx)
        pull = Pull(mago, known, ctx.log)
        clock = clock_of(mago)
        self._last_change = None
        if since is None:
            yield from pull.everything(clock)
        else:
            position = Position.of(since, pull.seed)
            yield from pull.changes(position, clock)
        self._last_change = pull.highest

    @hookimpl
    def erp_pull_agents(self, ctx: CallContext) -> Iterator[Page[PersonRecord]]:
        """Every sales agent."""
        yield from people.agents(self._mago(ctx))

    @hookimpl
    def erp_pull_depots(self, ctx: CallContext) -> Iterator[Page[PersonRecord]]:
        """Every storage."""
        yield from people.depots(self._mago(ctx))

    @hookimpl
    def erp_pull_documents(
        self, since: Cursor | None, ctx: CallContext
    ) -> Iterator[Page[DocumentItem]]:
        """The document behind each open item."""
        yield from documents.pull(self._mago(ctx), since)

    @hookimpl
    def erp_pull_payments(
        self, since: Cursor | None, ctx: CallContext
    ) -> Iterator[Page[PaymentItem]]:
        """Rows that changed what is open."""
        yield from payments.pull(self._mago(ctx), since)

    @hookimpl
    def erp_totals(self, ctx: CallContext) -> ControlTotals:
        """Sums by the server's own arithmetic; none if the ledger moved since it was read."""
        late = ctx.deadline - SPARE
        return totals.totals(self._mago(ctx), self._last_change, lambda: ctx.now() > late)

    @hookimpl
    def erp_balances(
        self, clients: tuple[ExternalId, ...], ctx: CallContext
    ) -> Mapping[ExternalId, Decimal]:
        """Balances of the journal where it can be read."""
        return balances.balances(self._mago(ctx), clients)

    @hookimpl
    def erp_refresh_installments(
        self, external_ids: tuple[ExternalId, ...], ctx: CallContext
    ) -> tuple[InstallmentRecord | Gone, ...]:
        """The current state of some installments."""
        return refresh.refresh(self._mago(ctx), external_ids)

    @hookimpl
    def erp_source_rows(
        self, external_ids: tuple[ExternalId, ...], ctx: CallContext
    ) -> tuple[SourceRow, ...]:
        """Every row of their items."""
        return source_rows(self._mago(ctx), external_ids)

    @hookimpl
    def erp_write_back(self, change: WriteBack, ctx: CallContext) -> Receipt:
        """Block or release a customer for orders, if the office switched it on."""
        return self._blocks.write(change, ctx, lambda: self._mago(ctx))

    def _looked_at(self, ctx: CallContext) -> Mago:
        """The database, its columns looked up again: an upgrade of Mago adds some."""
        self._schema = None
        return self._mago(ctx)

    def _mago(self, ctx: CallContext) -> Mago:
        mago = connect(self.settings, ctx, self._schema)
        self._schema = mago.schema
        return mago
