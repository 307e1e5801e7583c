"""A recipient who wants no more messages by a medium, as a channel reports it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from sqlalchemy import Connection

from incasso.contract.channel import DeliveryState, DeliveryUpdate
from incasso.locale import localize
from incasso.services.sending.answers import ACTOR as DISPATCH
from incasso.services.sending.answers import Answer, Refused
from incasso.services.sending.stop_answers import refuse_address
from incasso.store.proof.journal import Event
from incasso.store.sending import deliveries, sent_to
from incasso.store.sending.deliveries import Delivery

ACTOR: Final = "collect"


def answered(connection: Connection, channel: str, news: DeliveryUpdate) -> Delivery | None:
    """The message that a refusal answers, where it names only an address: the last one to it."""
    if news.state is not DeliveryState.OPTED_OUT or not news.recipient:
        return None
    found = sent_to.newest_to(connection, channel, news.recipient)
    return deliveries.named(connection, found[0].id) if found else None


def block(
    connection: Connection, delivery: Delivery, news: DeliveryUpdate, *, on: date, language: str
) -> list[Event]:
    """Every client with that address refuses its medium; the journal's events. Other news: none."""
    if news.state is not DeliveryState.OPTED_OUT:
        return []
    return refused_by_all(connection, delivery, on=on, by=ACTOR, language=language, why=news.note)


def refusals_in(
    connection: Connection, answers: Iterable[Answer], *, on: date, language: str
) -> list[Event]:
    """The same for messages that were refused because their recipients want none."""
    events: list[Event] = []
    for each in answers:
        if isinstance(each, Refused) and each.opted_out:
            sent = deliveries.named(connection, each.message.delivery)
            if sent is not None:
                told = {"by": DISPATCH, "language": language, "why": each.reason}
                events += refused_by_all(connection, sent, on=on, **told)
    return events


def refused_by_all(
    connection: Connection, sent: Delivery, *, on: date, by: str, language: str, why: str
) -> list[Event]:
    """The refusal of whoever reads what is sent to that address, kept with each client who has it.

    What was known already makes no event.
    """
    others = sent_to.newest_to(connection, sent.channel, sent.to) or [sent]
    reason = localize(why, language)
    found = (
        refuse_address(connection, each, on=on, by=by, language=language, reason=reason)
        for each in others
    )
    return [event for event in found if event is not None]
