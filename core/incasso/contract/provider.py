"""Outside agencies and lawyers: the hooks. What crosses the border is in `contract.exchange`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from incasso.contract.capabilities import ProviderCapability
from incasso.contract.context import CallbackAnswer, CallbackRequest, CallContext
from incasso.contract.exchange import (
    Arrival,
    Batch,
    LotSheet,
    Notice,
    PlacementDossier,
    PlacementUpdate,
    Quote,
    Refusal,
    ReturnSheet,
    Settled,
    Submitted,
    UpdateItem,
    Written,
)
from incasso.contract.hooks import InstanceSpec, hook
from incasso.contract.values import Cursor, Page


class ProviderSpec(InstanceSpec):
    """Hooks of a provider.

    Out: `prepare` writes the exact bytes without network, the hub archives them, `submit` lets
    them leave. In: files (`arrivals`, `open`, `identify`, `read`, `settle`) or a web service
    (`pull_updates`, `parse_callback`).
    """

    # Out.

    @hook(deadline_s=20, needs=ProviderCapability.QUOTE, provisional=True)
    def provider_quote(self, dossier: PlacementDossier, ctx: CallContext) -> Quote:
        """The price, before anything is committed; no effect on the other side."""
        raise NotImplementedError

    @hook(deadline_s=600, local=True, required=True, provisional=True)
    def provider_prepare_lot(
        self,
        batch: Batch,
        lot: LotSheet,
        dossiers: Iterator[PlacementDossier],
        sink: BinaryIO,
        ctx: CallContext,
    ) -> Written:
        """Write a whole lot into the sink: what will leave, byte for byte. No network.

        `dossiers` is read once, one at a time: 50,000 rows fit in constant memory. The same lot
        gives the same bytes. Raises RejectedError if this form cannot carry it.
        """
        raise NotImplementedError

    @hook(deadline_s=120, local=True, needs=ProviderCapability.NOTICES, provisional=True)
    def provider_prepare_notices(
        self,
        batch: Batch,
        notices: tuple[Notice, ...],
        sink: BinaryIO,
        ctx: CallContext,
    ) -> Written:
        """Write what the provider must know into the sink. No network.

        Only kinds whose capability the plugin declares come here; the others go on a person's list.
        """
        raise NotImplementedError

    @hook(deadline_s=120, local=True, needs=ProviderCapability.REFUSALS, provisional=True)
    def provider_prepare_answer(
        self,
        batch: Batch,
        sheet: ReturnSheet,
        refusals: tuple[Refusal, ...],
        sink: BinaryIO,
        ctx: CallContext,
    ) -> Written:
        """Write what became of a file of the provider's: the refused rows with reason and cure."""
        raise NotImplementedError

    @hook(deadline_s=600, effect=True, required=True, provisional=True)
    def provider_submit(self, batch: Batch, source: BinaryIO, ctx: CallContext) -> Submitted:
        """Let a prepared batch leave; dry_run and errors as for channel_send.

        The key is that of the batch: the same batch twice is one batch over there. A service that
        takes placements one by one remembers in `ctx.state` how far it came, and may raise
        TemporaryError in between: the hub calls it again with the same batch.
        """
        raise NotImplementedError

    @hook(deadline_s=60, needs=ProviderCapability.FIND, provisional=True)
    def provider_find(self, batch: Batch, ctx: CallContext) -> Submitted | None:
        """Whether the provider has a batch, whole; None: it certainly does not have all of it."""
        raise NotImplementedError

    # In, as files.

    @hook(deadline_s=60, needs=ProviderCapability.FILES, provisional=True)
    def provider_arrivals(self, ctx: CallContext) -> Iterator[Page[Arrival]]:
        """The files that wait, each claimed for this hub alone, oldest first."""
        raise NotImplementedError

    @hook(deadline_s=300, needs=ProviderCapability.FILES, provisional=True)
    def provider_open(self, arrival: Arrival, sink: BinaryIO, ctx: CallContext) -> None:
        """Copy the bytes of a claimed file into the sink, deciphered if it was encrypted."""
        raise NotImplementedError

    @hook(deadline_s=60, local=True, needs=ProviderCapability.FILES, provisional=True)
    def provider_identify(self, name: str, source: BinaryIO, ctx: CallContext) -> ReturnSheet:
        """The head of a file. Raises RejectedError for a file that is not of this form at all."""
        raise NotImplementedError

    @hook(deadline_s=120, local=True, needs=ProviderCapability.FILES, provisional=True)
    def provider_read(
        self, name: str, source: BinaryIO, ctx: CallContext
    ) -> Iterator[Page[UpdateItem]]:
        """The rows of a file, in their order, with `file` and `rows` in each page.

        A row that cannot be read is an Unreadable; the others go on. No network, no effect: the
        same bytes always give the same updates with the same ids.
        """
        raise NotImplementedError

    @hook(deadline_s=60, effect=True, needs=ProviderCapability.FILES, provisional=True)
    def provider_settle(self, arrival: Arrival, settled: Settled, ctx: CallContext) -> None:
        """Put a file away that the hub has done with; twice is harmless. Nothing is deleted."""
        raise NotImplementedError

    # In, from a web service.

    @hook(deadline_s=60, needs=ProviderCapability.PULL, provisional=True)
    def provider_pull_updates(
        self, since: Cursor | None, ctx: CallContext
    ) -> Iterator[Page[UpdateItem]]:
        """Everything that happened to our placements after the cursor, oldest first.

        Raises CursorExpiredError for a cursor it does not know.
        """
        raise NotImplementedError

    @hook(
        deadline_s=1,
        local=True,
        from_outside=True,
        needs=ProviderCapability.CALLBACKS,
        provisional=True,
    )
    def provider_parse_callback(
        self, request: CallbackRequest, ctx: CallContext
    ) -> tuple[PlacementUpdate, ...] | CallbackAnswer[PlacementUpdate]:
        """Check the signature first; raise RejectedError if it is wrong. No network.

        The updates alone, or with the answer that the other side wants.
        """
        raise NotImplementedError
