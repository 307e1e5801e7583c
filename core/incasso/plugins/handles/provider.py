"""An outside agency or lawyer as services see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import BinaryIO, Final

from incasso.contract.capabilities import ProviderCapability
from incasso.contract.context import CallbackAnswer, CallbackRequest
from incasso.contract.exchange import (
    Arrival,
    Batch,
    LotSheet,
    Notice,
    NoticeKind,
    PlacementDossier,
    PlacementUpdate,
    Quote,
    Refusal,
    ReturnSheet,
    Settled,
    Submitted,
    Written,
)
from incasso.contract.ledger import Unreadable
from incasso.contract.provider import ProviderSpec
from incasso.contract.values import Cursor, Page
from incasso.plugins.handles.base import Handle, with_answer

_NEEDS: Final[Mapping[NoticeKind, ProviderCapability]] = {
    NoticeKind.DIRECT_PAYMENT: ProviderCapability.DIRECT_PAYMENT,
    NoticeKind.PAYMENT_REVERSED: ProviderCapability.DIRECT_PAYMENT,
    NoticeKind.CORRECTION: ProviderCapability.CORRECTION,
    NoticeKind.SUSPENSION: ProviderCapability.SUSPENSION,
    NoticeKind.RESUMPTION: ProviderCapability.SUSPENSION,
    NoticeKind.RECALL: ProviderCapability.RECALL,
    NoticeKind.EXTENSION: ProviderCapability.EXTENSION,
    NoticeKind.ANSWER: ProviderCapability.ANSWERS,
    NoticeKind.DOCUMENT: ProviderCapability.DOCUMENTS,
    NoticeKind.RETURN_TAKEN: ProviderCapability.CLOSING,
    NoticeKind.CLOSING: ProviderCapability.CLOSING,
}


class ProviderHandle(Handle):
    """An outside agency or lawyer; errors of effects mean the same as for channels."""

    def can_tell(self, notice: Notice) -> bool:
        """Whether this notice can go to it; if not, a person has to tell the provider."""
        if not (self.can(ProviderCapability.NOTICES) and self.can(_NEEDS[notice.kind])):
            return False
        partial = notice.kind is NoticeKind.RECALL and (notice.row or notice.placement.ours)
        return not partial or self.can(ProviderCapability.PARTIAL_RECALL)

    def quote(self, dossier: PlacementDossier, on: date) -> Quote:
        """The price, before anything is committed."""
        return self._call(ProviderSpec.provider_quote, on, dossier=dossier)

    def prepare_lot(
        self,
        batch: Batch,
        lot: LotSheet,
        dossiers: Iterator[PlacementDossier],
        sink: BinaryIO,
        on: date,
    ) -> Written:
        """The exact bytes of a lot, into the sink; `dossiers` is read on the instance's thread."""
        return self._call(
            ProviderSpec.provider_prepare_lot,
            on,
            key=batch.id,
            batch=batch,
            lot=lot,
            dossiers=dossiers,
            sink=sink,
        )

    def prepare_notices(
        self, batch: Batch, notices: tuple[Notice, ...], sink: BinaryIO, on: date
    ) -> Written:
        """The exact bytes of notices, into the sink; only of those that `can_tell` allows."""
        return self._call(
            ProviderSpec.provider_prepare_notices,
            on,
            key=batch.id,
            batch=batch,
            notices=notices,
            sink=sink,
        )

    def prepare_answer(
        self,
        batch: Batch,
        sheet: ReturnSheet,
        refusals: tuple[Refusal, ...],
        sink: BinaryIO,
        on: date,
    ) -> Written:
        """The exact bytes of what became of a file, into the sink."""
        return self._call(
            ProviderSpec.provider_prepare_answer,
            on,
            key=batch.id,
            batch=batch,
            sheet=sheet,
            refusals=refusals,
            sink=sink,
        )

    def submit(
        self, batch: Batch, source: BinaryIO, *, attempt: int, dry_run: bool, on: date
    ) -> Submitted:
        """Let a batch leave; its key is the batch's id."""
        return self._call(
            ProviderSpec.provider_submit,
            on,
            key=batch.id,
            attempt=attempt,
            dry_run=dry_run,
            batch=batch,
            source=source,
        )

    def find(self, batch: Batch, on: date) -> Submitted | None:
        """Whether the provider has a batch; None: certainly not all of it."""
        return self._call(ProviderSpec.provider_find, on, key=batch.id, batch=batch)

    def arrivals(self, on: date) -> Iterator[Page[Arrival | Unreadable]]:
        """The files that wait, claimed for this hub."""
        return self._stream(ProviderSpec.provider_arrivals, on)

    def open(self, arrival: Arrival, sink: BinaryIO, on: date) -> None:
        """Copies a claimed file into the sink."""
        self._call(ProviderSpec.provider_open, on, arrival=arrival, sink=sink)

    def identify(self, name: str, source: BinaryIO, on: date) -> ReturnSheet:
        """The head of a file. Raises RejectedError if it is not of this form."""
        return self._call(ProviderSpec.provider_identify, on, name=name, source=source)

    def read(
        self, name: str, source: BinaryIO, on: date
    ) -> Iterator[Page[PlacementUpdate | Unreadable]]:
        """The rows of a file; wrong ones are Unreadable."""
        return self._stream(ProviderSpec.provider_read, on, name=name, source=source)

    def settle(self, arrival: Arrival, settled: Settled, on: date) -> None:
        """Puts a file away."""
        self._call(ProviderSpec.provider_settle, on, arrival=arrival, settled=settled)

    def pull_updates(
        self, since: Cursor | None, on: date
    ) -> Iterator[Page[PlacementUpdate | Unreadable]]:
        """What happened after the cursor, oldest first; wrong records are Unreadable."""
        return self._stream(ProviderSpec.provider_pull_updates, on, since=since)

    def parse_callback(
        self, request: CallbackRequest, on: date
    ) -> CallbackAnswer[PlacementUpdate | Unreadable]:
        """Updates in a web request. Raises RejectedError if its signature is wrong."""
        return with_answer(self._call(ProviderSpec.provider_parse_callback, on, request=request))
