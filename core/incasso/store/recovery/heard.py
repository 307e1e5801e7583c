"""What clients heard from us in a week: conversations, messages that left or are about to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from datetime import date, timedelta
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.recovery.actions import CONVERSATIONS, TO_CLIENT
from incasso.domain.recovery.contact_policy import Contacts, next_week, week_of
from incasso.domain.recovery.iters import Mode
from incasso.domain.recovery.states import NOT_BEGUN, StepStatus
from incasso.domain.sending.delivery import LEFT_US, ON_ITS_WAY, DeliveryStatus
from incasso.store.sql_ids import near
from incasso.store.tables.recovery import conversations, steps
from incasso.store.tables.sending import deliveries


class HeardMessage(msgspec.Struct, frozen=True):
    """A message to a client, by the day it left or leaves."""

    on: date
    step: int
    left: bool
    """It has left, for all we know; else it waits to leave."""


class Heard(msgspec.Struct, frozen=True):
    """What one client heard from us in the week of a day."""

    talks: tuple[date, ...] = ()
    messages: tuple[HeardMessage, ...] = ()

    def contacts(self, on: date, apart_from: int | None = None) -> Contacts:
        """The counts of that day and its week, without a message that waits in that step."""
        days = [one.on for one in self.messages if one.left or one.step != apart_from]
        return Contacts(
            today=self.talks.count(on),
            week=len(self.talks),
            messages_today=days.count(on),
            messages_week=len(days),
        )


NOTHING_HEARD: Final = Heard()


def read_contacts(
    connection: Connection, clients: Set[int], on: date, *, messages_too: bool
) -> dict[int, Heard]:
    """What these clients heard in the week of a day up to that day, for whom there was anything.

    With `messages_too` also the messages, planned ones of the whole week included.
    """
    if not clients:
        return {}
    talks = _talks(connection, clients, on)
    messages: Mapping[int, dict[int, HeardMessage]] = {}
    if messages_too:
        messages = _messages(connection, clients, on)
    return {
        client: Heard(tuple(talks.get(client, ())), tuple(messages.get(client, {}).values()))
        for client in talks.keys() | messages.keys()
    }


def read_sent(connection: Connection, clients: Set[int], on: date) -> dict[int, list[HeardMessage]]:
    """The messages of the week up to that day that left, or wait in the queue of a channel."""
    found: dict[int, list[HeardMessage]] = defaultdict(list)
    for query in (_sent(connection, clients, on), _by_hand(connection, clients, on)):
        for client, step, day, status in connection.execute(query):
            found[client].append(HeardMessage(day, step, status != DeliveryStatus.QUEUED))
    return found


def _talks(connection: Connection, clients: Set[int], on: date) -> dict[int, list[date]]:
    table = conversations
    query = sa.select(table.c.client_id, table.c.on_date).where(
        near(connection, table.c.client_id, clients),
        table.c.on_date.between(week_of(on), on),
        table.c.effective & table.c.medium.in_(CONVERSATIONS),
    )
    found: dict[int, list[date]] = defaultdict(list)
    for client, day in connection.execute(query):
        if client in clients:
            found[client].append(day)
    return found


def _messages(
    connection: Connection, clients: Set[int], on: date
) -> dict[int, dict[int, HeardMessage]]:
    """By client and step: a step has one message on its way at most, and what failed before it
    does not count."""
    found: dict[int, dict[int, HeardMessage]] = defaultdict(dict)
    queries: Sequence[tuple[sa.Select[Any], bool]] = (
        (_waiting(connection, clients, on), False),
        (_sent(connection, clients, on), True),
        (_by_hand(connection, clients, on), True),
    )
    for query, sent in queries:
        for client, step, day, status in connection.execute(query):
            if client in clients:
                left = sent and status != DeliveryStatus.QUEUED
                when = day if left else max(day, on)
                found[client][step] = HeardMessage(when, step, left)
    return found


def _waiting(connection: Connection, clients: Set[int], on: date) -> sa.Select[Any]:
    """Messages that are planned and not begun: those that leave by themselves this week, and
    those made for it that a person has to let go."""
    itself = sa.and_(steps.c.status == StepStatus.READY, steps.c.mode != Mode.MANUAL)
    return sa.select(steps.c.client_id, steps.c.id, steps.c.due_on, steps.c.status).where(
        near(connection, steps.c.client_id, clients),
        steps.c.status.in_(NOT_BEGUN),
        steps.c.action.in_(TO_CLIENT),
        steps.c.due_on < next_week(on),
        sa.or_(itself, steps.c.due_on >= week_of(on)),
        # The partial index is found by these words only.
        sa.text("steps.status IN ('proposed', 'ready')"),
    )


def _sent(connection: Connection, clients: Set[int], on: date) -> sa.Select[Any]:
    return (
        sa.select(
            deliveries.c.client_id, deliveries.c.step_id, deliveries.c.on_date, deliveries.c.status
        )
        .join(steps, steps.c.id == deliveries.c.step_id)
        .where(
            deliveries.c.on_date.in_(_week_up_to(on)),
            near(connection, deliveries.c.client_id, clients),
            deliveries.c.status.in_((*ON_ITS_WAY, *LEFT_US)),
            steps.c.action.in_(TO_CLIENT),
        )
    )


def _by_hand(connection: Connection, clients: Set[int], on: date) -> sa.Select[Any]:
    """Messages that a person sent beside the hub and reported as done."""
    return sa.select(steps.c.client_id, steps.c.id, steps.c.done_on, steps.c.status).where(
        steps.c.done_on.in_(_week_up_to(on)),
        near(connection, steps.c.client_id, clients),
        steps.c.status.in_((StepStatus.DONE, StepStatus.COUNTED)),
        steps.c.action.in_(TO_CLIENT),
        # The partial index is found by these words only.
        sa.text("steps.mode = 'manual' AND steps.done_on IS NOT NULL"),
    )


def _week_up_to(on: date) -> list[date]:
    """A list of days, not a range: so an index is entered at each day's first client."""
    return [week_of(on) + timedelta(days=n) for n in range(on.weekday() + 1)]
