"""An agency in memory: placements, quotes, amendments, recalls, and the updates you give it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from incasso.contract.capabilities import Capability, Family, ProviderCapability
from incasso.contract.context import CallbackRequest, CallContext
from incasso.contract.errors import CursorExpiredError, RejectedError
from incasso.contract.hooks import hookimpl
from incasso.contract.provider import (
    Amendment,
    PlacementDossier,
    PlacementUpdate,
    Quote,
    UpdateKind,
)
from incasso.contract.values import CheckReport, Cursor, ExternalId, Money, Page, Receipt
from incasso.testing.fakes.callbacks import news
from incasso.testing.script import Reaction, Script, Scripted, scripted

_CLOSED = (UpdateKind.CLOSED_PAID, UpdateKind.CLOSED_UNPAID, UpdateKind.RETURNED)


class FakeProvider(Scripted):
    """An agency that keeps what it was given in `placed`. `script`: what the next submits do."""

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
        self.placed: dict[str, PlacementDossier] = {}
        self.amended: dict[str, tuple[ExternalId, Amendment]] = {}
        self.recalled: dict[ExternalId, Receipt] = {}
        self.updates: list[PlacementUpdate] = []
        self._receipts: dict[str, Receipt] = {}

    def report(
        self,
        placement: str,
        kind: UpdateKind,
        at: datetime,
        *,
        amount: Money | None = None,
        installment: ExternalId = "",
        text: str = "",
    ) -> PlacementUpdate:
        """Let the agency say something; the next pull brings it."""
        update = PlacementUpdate(
            ref=f"case-{placement}",
            update_id=f"{placement}-{len(self.updates)}",
            at=at,
            on=at.date(),
            kind=kind,
            amount=amount,
            installment=installment,
            text=text,
        )
        self.updates.append(update)
        return update

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
    def provider_submit(self, dossier: PlacementDossier, ctx: CallContext) -> Receipt:
        """Take it once per key; a total that is not the sum of its installments is refused."""
        if sum((each.residual for each in dossier.installments), Decimal(0)) != (
            dossier.total.amount
        ):
            raise RejectedError("the total is not the sum of the installments", code="total")
        receipt = Receipt(ref=f"case-{dossier.placement}"[:128], at=ctx.now())
        if ctx.dry_run:
            return receipt
        self.placed.setdefault(ctx.idempotency_key, dossier)
        return self._receipts.setdefault(ctx.idempotency_key, receipt)

    @hookimpl
    @scripted
    def provider_amend(
        self, placement: ExternalId, amendment: Amendment, ctx: CallContext
    ) -> Receipt:
        """Take a change once per key."""
        self._open(placement)
        if not ctx.dry_run:
            self.amended.setdefault(ctx.idempotency_key, (placement, amendment))
        return Receipt(ref=placement, at=ctx.now())

    @hookimpl
    @scripted
    def provider_recall(self, placement: ExternalId, reason: str, ctx: CallContext) -> Receipt:
        """Give it back; the second time gives the first receipt."""
        if placement in self.recalled:
            return self.recalled[placement]
        self._open(placement)
        receipt = Receipt(ref=placement, at=ctx.now(), note=reason)
        return receipt if ctx.dry_run else self.recalled.setdefault(placement, receipt)

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
    def provider_find(self, idempotency_key: str) -> Receipt | None:
        """The truth."""
        return self._receipts.get(idempotency_key)

    @hookimpl
    @scripted
    def provider_parse_callback(self, request: CallbackRequest) -> tuple[PlacementUpdate, ...]:
        """The news in a request made by `signed`."""
        return news(request, PlacementUpdate)

    def _open(self, placement: ExternalId) -> None:
        """Refuse for a placement that is unknown or finished."""
        known = {f"case-{dossier.placement}" for dossier in self.placed.values()}
        closed = any(each.ref == placement and each.kind in _CLOSED for each in self.updates)
        if placement not in known or closed:
            raise RejectedError(f"{placement} is not open here", code="closed")
