"""What a person found out about a message of which nobody knew whether it left."""

from __future__ import annotations

from datetime import date

from incasso.services.acts.act import ActError, need_actor
from incasso.services.running.hub import Hub
from incasso.services.sending.recover import NotUncertainError, resolve_by_hand


def resolve(hub: Hub, delivery: str, *, by: str, on: date, why: str = "", sent: bool) -> str:
    """Say of an uncertain delivery that it left, or that it surely did not.

    Left: the step goes on as if the channel had said so. Not: the step is ready again and leaves
    with the next dispatch. Raises ActError for any other delivery.
    """
    with hub.store.read() as connection:
        need_actor(connection, by)
    name = delivery.strip().removeprefix("delivery").lstrip(": ")
    try:
        resolve_by_hand(hub, name, left=sent, by=by, on=on, why=why)
    except NotUncertainError as error:
        raise ActError(f"{error}; see `incasso deliveries --status uncertain`.") from None
    return f"Delivery {name}: {'it was sent' if sent else 'not sent, its step is ready again'}."
