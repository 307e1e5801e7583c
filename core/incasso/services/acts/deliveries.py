"""What a person found out about a message: whether it left, or what came back of it."""

from __future__ import annotations

from incasso.contract.media import Medium
from incasso.contract.text import Text, text
from incasso.domain.acts.deliveries import JudgeReport, LetterOutcome, ResolveDelivery
from incasso.domain.sending.delivery import FINAL, LEFT_US, ON_ITS_WAY, DeliveryStatus
from incasso.services.acts.doing import ActError, Doing, carry_out
from incasso.services.sending.judge import judge_by_hand
from incasso.services.sending.post_outcome import take_outcome
from incasso.services.sending.resolve import resolve_by_hand
from incasso.store.sending import deliveries, delivery_news


@carry_out.register
def _resolve(act: ResolveDelivery, doing: Doing) -> Text:
    """Only a delivery in doubt can be resolved."""
    rows = deliveries.under_way(doing.connection, DeliveryStatus.UNCERTAIN)
    row = next((each for each in rows if each.id == doing.key), None)
    if row is None:
        raise ActError(
            text(
                "delivery {id} is not uncertain: nothing was changed; see `incasso deliveries "
                "--status uncertain`.",
                id=doing.key,
            )
        )
    doing.events.extend(
        resolve_by_hand(
            doing.connection,
            row,
            left=act.sent,
            by=doing.by,
            on=doing.on,
            why=act.why,
            at=doing.office.now(),
        )
    )
    if act.sent:
        return text("Delivery {id}: it was sent.", id=row.id)
    return text("Delivery {id}: not sent, its step is ready again.", id=row.id)


@carry_out.register
def _judge(act: JudgeReport, doing: Doing) -> Text:
    """Only a delivery with reports that wait can be judged."""
    row = deliveries.named(doing.connection, doing.key)
    if row is None or not delivery_news.waiting(doing.connection, row.id):
        raise ActError(
            text(
                "nothing waits for a person about delivery {id}: see `incasso delivery-news "
                "--waiting`.",
                id=doing.key,
            )
        )
    doing.events.extend(
        judge_by_hand(
            doing.connection,
            row,
            bounced=act.bounced,
            bad_address=act.bad_address,
            by=doing.by,
            on=doing.on,
            why=act.why,
            at=doing.office.now(),
        )
    )
    if act.bounced:
        return text("Delivery {id}: it came back.", id=row.id)
    return text("Delivery {id}: it did not come back.", id=row.id)


@carry_out.register
def _letter(act: LetterOutcome, doing: Doing) -> Text:
    """Only a letter that left and is not settled yet."""
    row = deliveries.named(doing.connection, doing.key)
    if row is None or not Medium(row.medium).by_post:
        raise ActError(text("delivery {id} did not go by post.", id=doing.key))
    if act.day is not None and act.day > doing.on:
        raise ActError(
            text("{day} is after {on}: say the day when it happened.", day=act.day, on=doing.on)
        )
    if row.status in FINAL or row.status not in (*LEFT_US, *ON_ITS_WAY):
        raise ActError(
            text("delivery {id} is {status}: nothing was changed.", id=row.id, status=row.status)
        )
    events = take_outcome(
        doing.connection,
        row,
        act.outcome,
        day=act.day or doing.on,
        why=act.why,
        on=doing.on,
        now=doing.office.now(),
        timezone=doing.office.config.timezone,
    )
    doing.events.extend(events)
    return text("Delivery {id}: {words}.", id=row.id, words=act.outcome.meaning.words)
