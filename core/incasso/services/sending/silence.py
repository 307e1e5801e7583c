"""Says once when a channel's other side should have confirmed a message and did not.

A provider of certified mail writes its acceptance within seconds. None after ten minutes means
that something is wrong and nobody would notice: another folder is read, a rule moves receipts, the
account is locked. The message itself stays as it is.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

from incasso.contract.channel import DeliveryState, DeliveryUpdate
from incasso.contract.text import Text, counted, text
from incasso.domain.sending.trust import NewsStanding
from incasso.plugins.handles import ChannelHandle
from incasso.services.hub.hub import Hub
from incasso.store.proof import journal
from incasso.store.proof.journal import Event
from incasso.store.revision import is_migrated
from incasso.store.sending import delivery_news, outbox
from incasso.store.sending.silence import SILENCE, Silent, heard_again, still_silent, unanswered

SILENT: Final = text("the other side has not confirmed it: look into the mailbox")
LOOK_BACK: Final = timedelta(days=3)
"""Older ones were told, or have come to an end."""

_ACTOR: Final = "collect"


def tell_silence(hub: Hub, channel: ChannelHandle, on: date) -> Text | None:
    """Mark the messages that should have been confirmed; what to say of those newly found.

    To be called after the channel was asked for news. Those marked before are not told again.
    """
    within = channel.acknowledges_within
    if within is None:
        return None
    now, first_day = hub.now(), on - LOOK_BACK
    with hub.store.write() as connection:
        heard_again(connection, channel.id, first_day, SILENT)
        found = unanswered(connection, channel.id, first_day=first_day, before=now - within)
        for each in found:
            news = DeliveryUpdate(
                ref=each.id,
                update_id=SILENCE,
                state=DeliveryState.DELAYED,
                at=now,
                permanent=False,
                note=SILENT,
            )
            delivery_news.record(connection, each.id, news, "", standing=NewsStanding.NOTE)
        outbox.set_reasons(connection, {each.step_id: SILENT for each in found})
        journal.record(connection, [_event(each, within, on) for each in found], at=now)
    return _silence_text(len(found), within) if found else None


def standing_silence(hub: Hub, names: Collection[str], on: date) -> list[Text]:
    """What `check` says of these channels while messages of theirs stay unconfirmed."""
    found: list[Text] = []
    if not hub.store.is_there:  # reading makes the file of an embedded database
        return found
    with hub.store.read() as connection:
        if not is_migrated(connection):
            return found
        for channel in hub.registry.channels():
            within = channel.acknowledges_within if channel.id in names else None
            if within is None:
                continue
            if number := still_silent(connection, channel.id, on - LOOK_BACK):
                told = _silence_text(number, within)
                found.append(text("{source}: {problem}", source=channel.id, problem=told))
    return found


def _silence_text(number: int, within: timedelta) -> Text:
    """How many, and what to look at."""
    return counted(
        "{n} message was not confirmed within {minutes} minutes: look whether its receipt lies in "
        "another folder, or the account is locked",
        "{n} messages were not confirmed within {minutes} minutes: look whether their receipts lie "
        "in another folder, or the account is locked",
        n=number,
        minutes=_minutes(within),
    )


def _minutes(within: timedelta) -> int:
    return int(within.total_seconds() // 60)


def _event(silent: Silent, within: timedelta, on: date) -> Event:
    return Event(
        kind="delivery.silent",
        actor=_ACTOR,
        on=on,
        source=silent.source,
        client=silent.client,
        subject=f"delivery {silent.id}",
        facts={
            "step": str(silent.step_id),
            "channel": silent.channel,
            "stage": silent.stage,
            "medium": silent.medium,
            "to": silent.to,
            "minutes": str(_minutes(within)),
        },
    )
