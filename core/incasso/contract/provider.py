"""Outside agencies and lawyers: dossiers, what they report, and the hooks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from incasso.contract.capabilities import ProviderCapability
from incasso.contract.context import CallbackAnswer, CallbackRequest, CallContext
from incasso.contract.hooks import InstanceSpec, hook
from incasso.contract.ledger import ClientRecord, InstallmentRecord
from incasso.contract.values import (
    Attachment,
    Cursor,
    ExternalId,
    Money,
    Page,
    Receipt,
    Reference,
    UpdateId,
    Value,
)


class Service(StrEnum):
    """What a provider is asked to do with a placement."""

    PHONE = "phone"
    POSTAL = "postal"
    EXTRAJUDICIAL = "extrajudicial"
    DUE_DILIGENCE = "due_diligence"
    JUDICIAL = "judicial"
    NEGATIVE_REPORT = "negative_report"


class StepSummary(Value, frozen=True, kw_only=True):
    """One thing already done about the placed credits."""

    on: date
    stage: str
    medium: str
    outcome: str = ""


class PlacementDossier(Value, frozen=True, kw_only=True):
    """One client's credits handed over, in one currency."""

    placement: str
    lot: str
    service: Service
    client: ClientRecord
    installments: tuple[InstallmentRecord, ...]
    history: tuple[StepSummary, ...] = ()
    documents: tuple[Attachment, ...] = ()
    total: Money
    until: date | None = None


class AmendmentKind(StrEnum):
    """What changed on our side after the hand-over."""

    PAID_TO_CREDITOR = "paid_to_creditor"
    REDUCED = "reduced"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    CORRECTED = "corrected"


class Amendment(Value, frozen=True, kw_only=True):
    """A change the provider must know."""

    kind: AmendmentKind
    on: date
    amount: Money | None = None
    installment: ExternalId = ""
    note: str = ""


class UpdateKind(StrEnum):
    """What a provider reports about a placement."""

    TAKEN = "taken"
    CONTACTED = "contacted"
    PROMISE = "promise"
    COLLECTED = "collected"
    COMMISSION = "commission"
    CORRECTION = "correction"
    CLOSED_PAID = "closed_paid"
    CLOSED_UNPAID = "closed_unpaid"
    RETURNED = "returned"
    NOTE = "note"


class PlacementUpdate(Value, frozen=True, kw_only=True):
    """One thing that happened; `update_id` is unique, so applying it twice is harmless."""

    ref: Reference
    update_id: UpdateId
    at: datetime
    kind: UpdateKind
    on: date | None = None
    amount: Money | None = None
    installment: ExternalId = ""
    text: str = ""
    evidence: Attachment | None = None


class Quote(Value, frozen=True, kw_only=True):
    """A price before anything is committed; `rate` is a fraction: 0.04 is four per cent."""

    fixed: Money
    rate: Decimal
    valid_until: date
    text: str = ""


class ProviderSpec(InstanceSpec):
    """Hooks of a provider."""

    @hook(deadline_s=20, needs=ProviderCapability.QUOTE, provisional=True)
    def provider_quote(self, dossier: PlacementDossier, ctx: CallContext) -> Quote:
        """The price, before anything is committed; no effect on the other side."""
        raise NotImplementedError

    @hook(deadline_s=30, effect=True, required=True, provisional=True)
    def provider_submit(self, dossier: PlacementDossier, ctx: CallContext) -> Receipt:
        """Hand over one placement; dry_run and errors as for channel_send."""
        raise NotImplementedError

    @hook(deadline_s=30, effect=True, needs=ProviderCapability.AMEND, provisional=True)
    def provider_amend(
        self, placement: ExternalId, amendment: Amendment, ctx: CallContext
    ) -> Receipt:
        """Report a change: the debtor paid us, the amount fell, stop for now."""
        raise NotImplementedError

    @hook(deadline_s=30, effect=True, needs=ProviderCapability.RECALL, provisional=True)
    def provider_recall(self, placement: ExternalId, reason: str, ctx: CallContext) -> Receipt:
        """Take a placement back. Recalling twice gives the same receipt."""
        raise NotImplementedError

    @hook(deadline_s=60, required=True, provisional=True)
    def provider_pull_updates(
        self, since: Cursor | None, ctx: CallContext
    ) -> Iterator[Page[PlacementUpdate]]:
        """Everything that happened to our placements after the cursor, oldest first.

        Raises CursorExpiredError for a cursor it does not know.
        """
        raise NotImplementedError

    @hook(deadline_s=20, needs=ProviderCapability.FIND, provisional=True)
    def provider_find(self, idempotency_key: str, ctx: CallContext) -> Receipt | None:
        """The receipt of a placement; None means that the provider certainly does not have it."""
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
