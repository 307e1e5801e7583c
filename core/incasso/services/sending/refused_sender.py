"""Stop a channel whose sender is refused everywhere, before more messages are lost to it.

A block list or a wrong SPF record makes every recipient refuse. Addresses stay good, and what has
not left waits until a person has put it right and checked the channel.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Final

from incasso.contract.errors import RejectedError
from incasso.contract.text import Text, text
from incasso.domain.office.actor import Actor
from incasso.domain.sending.refused_sender import WITHIN, refuse_the_sender
from incasso.plugins.handles import ChannelHandle
from incasso.plugins.states import State
from incasso.services.hub.hub import Hub
from incasso.store.proof import journal
from incasso.store.proof.journal import Event
from incasso.store.sending import delivery_news

CURE: Final = text(
    "have it taken off the block list, or correct SPF, DKIM and the server's name; then check the "
    "instance"
)


class RefusedSenders:
    """Refusals of one dispatch that blame the sender, by channel, since it was last accepted."""

    def __init__(self) -> None:
        self._to: dict[str, list[str]] = defaultdict(list)

    def accepted(self, channel: ChannelHandle) -> None:
        """Somebody took a message: the refusals before it were their own."""
        self._to.pop(channel.id, None)

    def stopped(self, channel: ChannelHandle, to: str, error: RejectedError) -> bool:
        """Whether this refusal stops the channel; then it is stopped."""
        if not error.sender_refused:
            return False
        self._to[channel.id].append(to)
        if not refuse_the_sender(self._to[channel.id]):
            return False
        channel.halt(_reason(str(error)), CURE)
        return True


def stop_if_refused(hub: Hub, channel: ChannelHandle, known: int) -> str:
    """Stop a channel if news after the known one blames its sender, and several did in a day.

    Returns why, once; empty if it goes on or was stopped before.
    """
    with hub.store.read() as connection:
        found = delivery_news.refused_since(connection, channel.id, hub.now() - WITHIN)
    news = any(each.id > known for each in found)
    if not (news and refuse_the_sender(each.to for each in found)):
        return ""
    before = channel.view.state
    reason = _reason(found[0].note)
    channel.halt(reason, CURE)
    return "" if before is State.PAUSED else reason


def started(hub: Hub, actor: Actor, channel: str, reason: str, on: date) -> None:
    """The journal says who set an instance going again, and what had stopped it."""
    event = Event(
        kind="instance.started", actor=actor.name, on=on, subject=channel, facts={"was": reason}
    )
    with hub.store.write() as connection:
        journal.record(connection, [event], at=hub.now())


def _reason(said: str) -> Text:
    return text("several recipients refuse this sender, the last one: {said}", said=said)
