"""What a person found out about a message that may have left."""

from __future__ import annotations

from incasso.contract.text import Text, text
from incasso.domain.acts.deliveries import ResolveDelivery
from incasso.domain.sending.delivery import DeliveryStatus
from incasso.services.acts.doing import ActError, Doing, carry_out
from incasso.services.sending.resolve import resolve_by_hand
from incasso.store.sending import deliveries


@carry_out.register
def _resolve(act: ResolveDelivery, doing: Doing) -> Text:
    """Only a delivery in doubt can be resolved."""
    rows = deliveries.in_status(doing.connection, DeliveryStatus.UNCERTAIN)
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
