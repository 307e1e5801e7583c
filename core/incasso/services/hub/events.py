"""Tell plugins what has happened, after it is committed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from incasso.contract.general import HubEvent
from incasso.store.proof.journal import Event

if TYPE_CHECKING:
    from incasso.services.hub.hub import Hub


def tell_plugins(hub: Hub, events: Iterable[Event], at: datetime) -> None:
    """Broadcast events of the journal; equal events have equal ids, to recognise a repeat."""
    for event in events:
        facts = {key: str(value) for key, value in event.facts.items()}
        hub.registry.broadcast_event(
            HubEvent(
                id=f"{event.kind}:{event.subject}:{event.on}",
                kind=event.kind,
                at=at,
                source=event.source,
                subject=event.subject,
                facts=facts,
            )
        )
