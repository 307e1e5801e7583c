"""The open exchange: what a hub and an outside agency say to each other about a lot.

A lot goes out whole, then notices about it; updates come back. The same messages travel as a
workbook, as XML or over a web service: these records are what all forms carry. Which numbers name
what: a lot `L-2026-0007`, a placement `P-0000123` (one client in one currency), a row `R-0004567`
(one installment in a placement). They are never reused, and the other side repeats them.
"""

from incasso.contract.exchange.lot import (
    EXCHANGE_VERSION,
    Debtor,
    DebtorKind,
    LotId,
    LotSheet,
    LotTotals,
    Party,
    PlacedCredit,
    PlacementDossier,
    PlacementId,
    PlacementRef,
    Quote,
    RowId,
    Service,
    StepSummary,
)
from incasso.contract.exchange.returning import (
    ActivityResult,
    Arrival,
    ClosingReason,
    PlacementUpdate,
    RefusalReason,
    ReturnSheet,
    Settled,
    Submitted,
    UpdateItem,
    UpdateKind,
)
from incasso.contract.exchange.telling import Batch, BatchKind, Notice, NoticeKind, Refusal, Written

__all__ = [
    "EXCHANGE_VERSION",
    "ActivityResult",
    "Arrival",
    "Batch",
    "BatchKind",
    "ClosingReason",
    "Debtor",
    "DebtorKind",
    "LotId",
    "LotSheet",
    "LotTotals",
    "Notice",
    "NoticeKind",
    "Party",
    "PlacedCredit",
    "PlacementDossier",
    "PlacementId",
    "PlacementRef",
    "PlacementUpdate",
    "Quote",
    "Refusal",
    "RefusalReason",
    "ReturnSheet",
    "RowId",
    "Service",
    "Settled",
    "StepSummary",
    "Submitted",
    "UpdateItem",
    "UpdateKind",
    "Written",
]
