"""What the suites of providers share: lots to try with, written and handed over."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import TypeAlias

import msgspec

from incasso.contract.exchange import (
    Batch,
    BatchKind,
    Notice,
    NoticeKind,
    PlacementDossier,
    Submitted,
    UpdateKind,
    Written,
)
from incasso.contract.values import Attachment
from incasso.plugins.handles import ProviderHandle
from incasso.testing import samples
from incasso.testing.suite import BaseContract

Outcome: TypeAlias = Callable[[str, UpdateKind], object]
"""Lets the other side report something of a placement, given our number of it."""


class ProviderLots(BaseContract):
    """Lots of invented debtors, and the two halves of handing one over."""

    def dossier(self, placement: str = "P-0000001", *, credits: int = 1) -> PlacementDossier:
        """The dossier to try with; override it if the provider asks for more."""
        return samples.dossier(placement, credits=credits)

    def dossiers(self, placements: int, credits: int) -> tuple[PlacementDossier, ...]:
        """So many placements with so many credits each."""
        numbers = range(1, placements + 1)
        return tuple(self.dossier(f"P-{each:07d}", credits=credits) for each in numbers)

    def notice(self, kind: NoticeKind, number: int = 1) -> Notice:
        """A notice about the placement of `dossier`; a document brings its file."""
        notice = samples.notice(kind, number)
        if kind is not NoticeKind.DOCUMENT:
            return notice
        copy = Attachment(
            filename="fattura-12.pdf", media_type="application/pdf", content=samples.PDF
        )
        return msgspec.structs.replace(notice, documents=(copy,))

    def written(
        self,
        handle: ProviderHandle,
        *dossiers: PlacementDossier,
        number: int = 1,
        fields: tuple[str, ...] = (),
    ) -> tuple[Written, bytes]:
        """A lot of these dossiers, and its bytes."""
        sheet = msgspec.structs.replace(samples.lot_sheet(*dossiers), fields=fields)
        sink = BytesIO()
        written = handle.prepare_lot(samples.batch(number), sheet, iter(dossiers), sink, self.on)
        return written, sink.getvalue()

    def written_notices(
        self, handle: ProviderHandle, *notices: Notice, number: int = 2
    ) -> tuple[Written, bytes]:
        """Notices, and their bytes."""
        sink = BytesIO()
        batch = samples.batch(number, BatchKind.NOTICES)
        return handle.prepare_notices(batch, notices, sink, self.on), sink.getvalue()

    def prepared(
        self, handle: ProviderHandle, *dossiers: PlacementDossier, number: int = 1
    ) -> tuple[Batch, bytes]:
        """A batch that may leave, and its bytes."""
        written, content = self.written(handle, *dossiers, number=number)
        return named(samples.batch(number), written), content

    def submit(
        self,
        handle: ProviderHandle,
        *dossiers: PlacementDossier,
        number: int = 1,
        attempt: int = 1,
        dry_run: bool = False,
    ) -> Submitted:
        """Hand over a lot of these dossiers."""
        batch, content = self.prepared(handle, *dossiers, number=number)
        return self.leave(handle, batch, content, attempt=attempt, dry_run=dry_run)

    def leave(
        self,
        handle: ProviderHandle,
        batch: Batch,
        content: bytes,
        *,
        attempt: int = 1,
        dry_run: bool = False,
    ) -> Submitted:
        """Let prepared bytes leave."""
        return handle.submit(batch, BytesIO(content), attempt=attempt, dry_run=dry_run, on=self.on)


def named(batch: Batch, written: Written) -> Batch:
    """The batch with the name and type that its bytes got."""
    return msgspec.structs.replace(batch, filename=written.filename, media_type=written.media_type)
