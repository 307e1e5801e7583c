"""What is shown about a message and a client, in sentences: agreements, credits, proof."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from incasso.contract.text import Text, term, text
from incasso.locale.labels import (
    AGREEMENT_KINDS,
    DELIVERY_STATUSES,
    MEDIA,
    Labels,
)

PARTS: Final[Labels] = {
    "subject": term("part of a message", "subject"),
    "text": term("part of a message", "text"),
    "opening": term("part of a message", "opening"),
    "closing": term("part of a message", "closing"),
}


def agreement_text(
    kind: str,
    *,
    until: date | None,
    amount: Decimal | None = None,
    currency: str = "",
    installment: str | None = None,
) -> Text:
    """What was agreed: a promise of so much by a day, a hold until a day."""
    what = AGREEMENT_KINDS.get(kind, kind)
    if amount is not None:
        told = text(
            "{what} of {amount} {currency} by {until}",
            what=what,
            amount=amount,
            currency=currency,
            until=until,
        )
    elif kind == "extension":
        told = text("{what} to {until}", what=what, until=until)
    elif until is None:
        told = text("{what} without an end", what=what)
    else:
        told = text("{what} until {until}", what=what, until=until)
    if not installment:
        return told
    return text("{told} on installment {installment}", told=told, installment=installment)


def with_reason(told: Text, by: str, why: str) -> Text:
    """A sentence with who did it, and why."""
    if by and why:
        return text("{told} ({by}): {why}", told=told, by=by, why=why)
    if by:
        return text("{told} ({by})", told=told, by=by)
    return text("{told}: {why}", told=told, why=why) if why else told


def credit_text(amount: Decimal, currency: str) -> Text:
    """That the client is owed something too."""
    return text("open credits of {amount} {currency}", amount=amount, currency=currency)


def payment_text(amount: Decimal, currency: str, on: date | None) -> Text:
    """The client's last payment."""
    return text(
        "last payment {amount} {currency} on {day}", amount=amount, currency=currency, day=on
    )


def earlier_text(medium: str, on: date, stage: str, status: str, final_at: datetime | None) -> Text:
    """A message that was handed over before, with its proof."""
    told = text(
        "{day} {stage} by {medium}: {status}",
        day=on,
        stage=stage,
        medium=MEDIA.get(medium, medium),
        status=DELIVERY_STATUSES.get(status, status),
    )
    if final_at is None:
        return told
    return text("{told} on {when}", told=told, when=final_at)


def own_words_text(parts: Sequence[str], *, bare: bool) -> Text:
    """That a person changed the words, and whether they took the table out."""
    told = text("changed by a person: {parts}", parts=[PARTS[part] for part in parts])
    if not bare:
        return told
    return text(
        "{told}; greeting, table, payment details and signature only as written there", told=told
    )


def changed_text(
    since: str,
    *,
    on: date | None,
    by: str,
    was: Decimal,
    now: Decimal,
    currency: str,
    came: Sequence[str],
    left: Sequence[str],
) -> Text:
    """How the content differs from what was planned or seen."""
    match since:
        case "edited":
            told = text("since {by} edited it on {day}", by=by, day=on)
        case "approved":
            told = text("since {by} approved it on {day}", by=by, day=on)
        case _:
            told = text("since it was planned")
    if came:
        told = text("{told}, came in: {keys}", told=told, keys=list(came))
    if left:
        told = text("{told}, dropped out: {keys}", told=told, keys=list(left))
    return text(
        "{told}, total {now} {currency} instead of {was} {currency}",
        told=told,
        now=now,
        was=was,
        currency=currency,
    )
