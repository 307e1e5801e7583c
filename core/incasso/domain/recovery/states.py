"""The states of cases, steps, agreements and iters, as the database and JSON spell them."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class CaseState(StrEnum):
    """The states of a case."""

    OPEN = "open"
    PARKED = "parked"
    PLACED = "placed"
    CLOSED = "closed"


class CloseReason(StrEnum):
    """Why planning or a person closes a case; a `close` stage gives its own label instead."""

    PAID = "paid"
    VANISHED = "vanished"
    GONE = "gone"
    MOVED = "moved"
    """It became unpaid or stopped being so, or a person chose another iter."""


class Finished(StrEnum):
    """What a `close` stage ended an installment as."""

    MISSED = "missed"
    UNPAID = "unpaid"


class StepStatus(StrEnum):
    """The states of a step."""

    PROPOSED = "proposed"
    """Waits for approval."""
    READY = "ready"
    WORKING = "working"
    DONE = "done"
    """Carried out; it may still wait for proof of delivery."""
    COUNTED = "counted"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    FAILED = "failed"


NOT_BEGUN: Final = (StepStatus.PROPOSED, StepStatus.READY)
WAITING: Final = (*NOT_BEGUN, StepStatus.WORKING)
"""Somebody or the hub still has to carry it out, or is doing so."""
IN_HAND: Final = (*WAITING, StepStatus.DONE, StepStatus.FAILED)
"""Its cases are in it: the stage has neither counted nor been abandoned."""


class AgreementKind(StrEnum):
    """What was agreed with a client."""

    HOLD = "hold"
    PROMISE = "promise"
    PLAN = "plan"
    DISPUTE = "dispute"
    EXTENSION = "extension"


OF_PAYMENTS: Final = (AgreementKind.PROMISE, AgreementKind.PLAN)
"""Agreements that payments keep or break."""


class AgreementStatus(StrEnum):
    """The states of an agreement."""

    ACTIVE = "active"
    KEPT = "kept"
    BROKEN = "broken"
    RELEASED = "released"
    SUPERSEDED = "superseded"
    """Another took its place."""


class PromisedMethod(StrEnum):
    """How a client says it will pay."""

    TRANSFER = "transfer"
    CHEQUE = "cheque"
    CASH = "cash"
    CARD = "card"
    BILL = "bill"
    SDD = "sdd"
    OTHER = "other"


class DisputeResult(StrEnum):
    """What came of a dispute."""

    ACCEPTED = "accepted"
    """The client was right."""
    PARTLY = "partly"
    REJECTED = "rejected"
    """The debt stands."""
    WITHDRAWN = "withdrawn"
    """The client no longer contests."""


class OfficeTask(StrEnum):
    """Tasks outside every iter; the stage of their steps."""

    PROMISE_BROKEN = "promise_broken"
    PARK_REVIEW = "park_review"


class IterStatus(StrEnum):
    """The states of a version of an iter."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"
