"""An agency in memory: it takes batches, and reports what you let it report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import BinaryIO

import msgspec

from incasso.contract.capabilities import Capability, Family, ProviderCapability
from incasso.contract.context import CallbackRequest, CallContext
from incasso.contract.errors import CursorExpiredError, RejectedError
from incasso.contract.exchange import (
    Arrival,
    Batch,
    LotSheet,
    Notice,
    PlacementDossier,
    PlacementRef,
    PlacementUpdate,
    Quote,
    Refusal,
    ReturnSheet,
    Settled,
    Submitted,
    UpdateItem,
    UpdateKind,
    Written,
)
from incasso.contract.hooks import hookimpl
from incasso.contract.ledger import Unreadable
from incasso.contract.values import CheckReport, Cursor, Money, Page, Problem
from incasso.testing.fakes.callbacks import news
from incasso.testing.script import Reaction, Script, Scripted, scripted


class FakeProvider(Scripted):
    """An agency that keeps the batches it was given in `taken`, as they arrived.

    A batch is JSON, one record a line, the head of a lot first. `script`: what the next submits do.
    """

    family = Family.PROVIDER
    media: tuple[str, ...] = ()

    def __init__(
        self,
        script: Iterable[Reaction | BaseException | None] | Script = (),
        *,
        sources: Iterable[str] = (),
        capabilities: Iterable[Capability] = tuple(ProviderCapability),
    ) -> None:
        super().__init__(script if isinstance(script, Mapping) else {"provider_submit": script})
        self.sources = tuple(sources)
        self.capabilities = tuple(capabilities)
        self.taken: dict[str, bytes] = {}
        """By the batch's id."""
        self.updates: list[PlacementUpdate] = []
        self.files: dict[str, bytes] = {}
        """What waits in its folder: a ReturnSheet and updates, JSON, one a line."""
        self.settled: dict[str, Settled] = {}
        self.claimed: set[str] = set()
        """Names of files that somebody is reading; clear it when he died."""
        self._receipts: dict[str, Submitted] = {}

    def report(
        self,
        placement: str,
        kind: UpdateKind,
        at: datetime,
        *,
        amount: Money | None = None,
        row: str = "",
        text: str = "",
        corrects: str = "",
    ) -> PlacementUpdate:
        """Let the agency say something; the next pull brings it."""
        update = PlacementUpdate(
            placement=PlacementRef(ours=placement, theirs=f"case-{placement}"),
            update_id=f"{placement}-{len(self.updates)}",
            at=at,
            on=at.date(),
            kind=kind,
            amount=amount,
            row=row,
            text=text,
            corrects=corrects,
        )
        self.updates.append(update)
        return update

    def leave_file(self, name: str, sheet: ReturnSheet, updates: Iterable[PlacementUpdate]) -> None:
        """Let the agency put a file into its folder."""
        self.files[name] = _lines(sheet, *updates)

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
    def provider_quote(self, dossier: PlacementDossier, ctx: CallContext) -> Quote:
        """Ten and five per cent, for thirty days."""
        return Quote(
            fixed=Money(amount=Decimal("10.00"), currency=dossier.total.currency),
            rate=Decimal("0.05"),
            valid_until=ctx.on + timedelta(days=30),
        )

    @hookimpl
    @scripted
    def provider_prepare_lot(
        self,
        batch: Batch,
        lot: LotSheet,
        dossiers: Iterator[PlacementDossier],
        sink: BinaryIO,
    ) -> Written:
        """The head, then a dossier a line."""
        sink.write(_lines(lot))
        placements = rows = 0
        sums: dict[str, Decimal] = {}
        for each in dossiers:
            sink.write(_lines(each))
            placements, rows = placements + 1, rows + len(each.credits)
            currency = each.total.currency
            sums[currency] = sums.get(currency, Decimal(0)) + each.total.amount
        return Written(
            filename=f"{batch.sequence:06d}-{lot.lot}.jsonl",
            media_type="application/jsonl",
            items=placements,
            rows=rows,
            sums=tuple(Money(amount=sums[each], currency=each) for each in sorted(sums)),
        )

    @hookimpl
    @scripted
    def provider_prepare_notices(
        self, batch: Batch, notices: tuple[Notice, ...], sink: BinaryIO
    ) -> Written:
        """A notice a line."""
        sink.write(_lines(*notices))
        return Written(
            filename=f"{batch.sequence:06d}-notices.jsonl",
            media_type="application/jsonl",
            items=len(notices),
        )

    @hookimpl
    @scripted
    def provider_prepare_answer(
        self, batch: Batch, sheet: ReturnSheet, refusals: tuple[Refusal, ...], sink: BinaryIO
    ) -> Written:
        """A refusal a line."""
        sink.write(_lines(sheet, *refusals))
        return Written(
            filename=f"{batch.sequence:06d}-answer.jsonl",
            media_type="application/jsonl",
            items=len(refusals),
        )

    @hookimpl
    @scripted
    def provider_submit(self, batch: Batch, source: BinaryIO, ctx: CallContext) -> Submitted:
        """Take it once per key."""
        receipt = Submitted(ref=f"got-{batch.id}"[:128], at=ctx.now())
        if ctx.dry_run:
            return receipt
        self.taken.setdefault(ctx.idempotency_key, source.read())
        return self._receipts.setdefault(ctx.idempotency_key, receipt)

    @hookimpl
    @scripted
    def provider_find(self, batch: Batch, ctx: CallContext) -> Submitted | None:
        """The truth."""
        return self._receipts.get(ctx.idempotency_key)

    @hookimpl
    @scripted
    def provider_arrivals(self, ctx: CallContext) -> Iterator[Page[Arrival]]:
        """What waits and nobody has claimed."""
        waiting = [each for each in sorted(self.files) if each not in self.claimed]
        self.claimed.update(waiting)
        items = tuple(
            Arrival(name=each, identity=each, size=len(self.files[each]), at=ctx.now())
            for each in waiting
        )
        return iter((Page(items=items),))

    @hookimpl
    @scripted
    def provider_open(self, arrival: Arrival, sink: BinaryIO) -> None:
        """The bytes."""
        sink.write(self.files[arrival.identity])

    @hookimpl
    @scripted
    def provider_identify(self, name: str, source: BinaryIO) -> ReturnSheet:
        """The first line."""
        try:
            return msgspec.json.decode(source.readline(), type=ReturnSheet)
        except msgspec.DecodeError:
            raise RejectedError(f"{name} is no file of this agency", code="form") from None

    @hookimpl
    @scripted
    def provider_read(
        self, name: str, source: BinaryIO, ctx: CallContext
    ) -> Iterator[Page[UpdateItem]]:
        """The other lines; one that is no update is unreadable."""
        lines = source.read().splitlines()[1:]
        items = tuple(_update(name, row, each) for row, each in enumerate(lines, start=2))
        return iter((Page(items=items, file=name, rows=tuple(range(2, len(items) + 2))),))

    @hookimpl
    @scripted
    def provider_settle(self, arrival: Arrival, settled: Settled) -> None:
        """Put it away."""
        self.settled[arrival.identity] = settled

    @hookimpl
    @scripted
    def provider_pull_updates(self, since: Cursor | None) -> Iterator[Page[PlacementUpdate]]:
        """What happened after the cursor."""
        start = int(since) if since and since.isdigit() else 0
        if since and (not since.isdigit() or start > len(self.updates)):
            raise CursorExpiredError
        items = tuple(self.updates[start:])
        return iter((Page(items=items, cursor=str(start + len(items))),))

    @hookimpl
    @scripted
    def provider_parse_callback(self, request: CallbackRequest) -> tuple[PlacementUpdate, ...]:
        """The news in a request made by `signed`."""
        return news(request, PlacementUpdate)


def _lines(*records: msgspec.Struct) -> bytes:
    return b"".join(msgspec.json.encode(each) + b"\n" for each in records)


def _update(name: str, row: int, line: bytes) -> UpdateItem:
    try:
        return msgspec.json.decode(line, type=PlacementUpdate)
    except msgspec.DecodeError as error:
        problem = Problem(code="row", message=str(error))
        return Unreadable(file=name, row=row, problems=(problem,), raw=line[:2000].decode())
