"""What whoever approves a message should know: agreements, credits, payments, earlier messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection

from incasso.domain.money import from_minor
from incasso.domain.sending.rewording import Rewording
from incasso.services.sending.shown import (
    Changed,
    Earlier,
    Flags,
    ShownAgreement,
    ShownMoney,
)
from incasso.store.sending import showing
from incasso.store.sending.page_reads import StepLine
from incasso.store.sending.showing import AgreementNow, DeliveryHead, StepHead
from incasso.store.sending.shown_before import earlier_messages

_SINCE: Final = {"step.edited": "edited", "step.approved": "approved"}


def flags(connection: Connection, head: StepHead, own: Rewording, on: date) -> Flags:
    """What holds with the client on a day, and what a person changed in the words."""
    paid = showing.last_payment(connection, head.client_id)
    return Flags(
        agreements=tuple(map(_agreement, showing.agreements_now(connection, head.client_id, on))),
        credits=tuple(
            ShownMoney(amount=from_minor(each.amount, each.currency), currency=each.currency)
            for each in showing.open_credits(connection, head.client_id)
        ),
        last_payment=None
        if paid is None
        else ShownMoney(
            amount=from_minor(paid.amount, paid.currency), currency=paid.currency, on=paid.paid_on
        ),
        earlier=tuple(map(_earlier, earlier_messages(connection, head.id))),
        own_words=tuple(
            name
            for name in ("subject", "text", "opening", "closing")
            if getattr(own, name) is not None
        ),
        bare=own.bare,
    )


def changed(connection: Connection, head: StepHead, lines: Sequence[StepLine]) -> Changed | None:
    """How what is asked now differs from what a person last saw, else from what was planned."""
    seen = showing.last_seen(connection, head.source, head.client, head.id)
    if seen is not None and (kept := seen.facts.get("seen")):
        before = Changed(
            since=_SINCE[seen.kind],
            on=seen.on_date,
            by=seen.actor,
            total_was=Decimal(kept["total"]),
            total_now=Decimal(kept["total"]),
        )
        return _compared(before, kept["installments"], head, lines)
    planned = showing.planned(connection, head.id)
    total = from_minor(sum(each.residual for each in planned), head.currency)
    before = Changed(since="planned", on=None, by="", total_was=total, total_now=total)
    return _compared(before, [each.key for each in planned], head, lines)


def _compared(
    before: Changed, keys: Sequence[str], head: StepHead, lines: Sequence[StepLine]
) -> Changed | None:
    now = {line.key for line in lines}
    total = from_minor(sum(line.residual for line in lines), head.currency)
    came, left = sorted(now - set(keys)), sorted(set(keys) - now)
    if not came and not left and total == before.total_was:
        return None
    return Changed(
        since=before.since,
        on=before.on,
        by=before.by,
        total_was=before.total_was,
        total_now=total,
        came=tuple(came),
        left=tuple(left),
    )


def _agreement(row: AgreementNow) -> ShownAgreement:
    return ShownAgreement(
        kind=row.kind.value,
        installment=row.installment,
        until=row.until_on,
        amount=None if row.amount is None else from_minor(row.amount, row.currency),
        currency=row.currency,
        reason=row.reason,
        made_by=row.made_by,
        made_on=row.made_on,
    )


def _earlier(row: DeliveryHead) -> Earlier:
    return Earlier(
        delivery=row.id,
        on=row.on_date,
        stage=row.stage,
        medium=row.medium,
        to=row.to,
        status=row.status.value,
        final_at=row.final_at,
        total=from_minor(row.total, row.currency),
        currency=row.currency,
    )
