"""What is known of a message that may have left, for the channel that is asked about it."""

from __future__ import annotations

from datetime import datetime

from incasso.contract.channel import Sought
from incasso.store.engine import Store
from incasso.store.proof import archive
from incasso.store.sending.deliveries import Delivery


def sought_of(store: Store, delivery: Delivery) -> Sought:
    """Recipient, exact bytes and time of a delivery."""
    return sought(store, delivery.to, delivery.sha256, delivery.sending_at)


def sought(store: Store, to: str, sha256: str, not_before: datetime | None) -> Sought:
    """The same, of a message that the database may not know; without bytes if they are lost."""
    try:
        content = archive.get(store, sha256) if sha256 else b""
    except OSError:
        content = b""
    return Sought(to=to, content=content, not_before=not_before)
