"""Messages that came in: whose they are, each stored once, and how far the office is with them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.ledger.search_words import words_of_address
from incasso.domain.recovery.actions import Action
from incasso.domain.sending.reach import split_addresses
from incasso.domain.sending.replies import ReplyKind, ReplyState
from incasso.store.records import columns_of, maybe_record, one_record, records
from incasso.store.tables.ledger import client_words, clients, sources
from incasso.store.tables.office import users
from incasso.store.tables.recovery import steps
from incasso.store.tables.replies import replies
from incasso.store.tables.sending import deliveries
from incasso.store.upserting import insert_into

_MOST_ALIKE: Final = 200
"""Clients whose addresses are compared: the words of one address are rarely those of more."""


class Owner(msgspec.Struct, frozen=True):
    """Whose a message is: the client and, where it answers one of ours, that delivery."""

    source_id: int | None = None
    client_id: int | None = None
    source: str = ""
    client: str = ""
    step_id: int | None = None
    delivery_id: str | None = None
    action: Action | None = None
    """Of the step whose message it answers."""


NOBODY: Final = Owner()
"""Of a message of which nobody knows yet whose it is."""


class NewReply(msgspec.Struct, frozen=True, kw_only=True):
    """One message, as it is stored."""

    source_id: int | None
    client_id: int | None
    step_id: int | None
    delivery_id: str | None
    channel: str
    update_id: str
    at: datetime
    on_date: date
    sender: str
    sender_name: str
    subject: str
    preview: str
    kind: ReplyKind
    state: ReplyState
    sha256: str
    is_cut: bool
    answers_to: str = ""
    """The message that it answers, if nobody knows that one yet."""


class Reply(msgspec.Struct, frozen=True):
    """A stored message as acts change it."""

    id: int
    source_id: int | None
    client_id: int | None
    kind: ReplyKind
    state: ReplyState
    sender: str
    on_date: date
    channel: str


class ReplyHead(msgspec.Struct, frozen=True):
    """A stored message as it is shown; the client's fields are null where nobody knows whose it
    is."""

    id: int
    source: str | None
    client: str | None
    client_name: str | None
    step_id: int | None
    delivery_id: str | None
    channel: str
    at: datetime
    on_date: date
    sender: str
    sender_name: str
    subject: str
    preview: str
    kind: ReplyKind
    state: ReplyState
    state_on: date | None
    state_by: str
    assigned: str | None
    sha256: str
    is_cut: bool


_OWNER: Final = (
    sa.select(
        *columns_of(
            Owner,
            deliveries,
            source=sources.c.name,
            client=clients.c.code,
            delivery_id=deliveries.c.id,
            action=steps.c.action,
        )
    )
    .join(sources, sources.c.id == deliveries.c.source_id)
    .join(clients, clients.c.id == deliveries.c.client_id)
    .join(steps, steps.c.id == deliveries.c.step_id)
)


def answered(connection: Connection, channel: str, names: Sequence[str]) -> Owner | None:
    """Whose message of ours is named, the first of the names that is one.

    A Message-ID may come back by any channel; what else a channel calls a message, by that alone.
    """
    for name in filter(None, names):
        called = (deliveries.c.id, deliveries.c.ref, deliveries.c.prepared_ref)
        found = sa.or_(*(column == name for column in called), _known_as(name))
        query = _OWNER.where(found)
        if not name.startswith("<"):
            query = query.where(deliveries.c.channel == channel)
        if (owner := maybe_record(connection, Owner, query.limit(1))) is not None:
            return owner
    return None


def _known_as(name: str) -> sa.ColumnElement[bool]:
    """As its partial index says it."""
    named = deliveries.c.known_as != sa.literal_column("''")
    return sa.and_(named, deliveries.c.known_as == name)


def owners_of_address(
    connection: Connection, address: str, among_sources: Collection[str]
) -> list[Owner]:
    """The clients that have this mail address, of these sources; of every one if none is named.

    They are found by the words of the address, which an index has, then compared.
    """
    words = words_of_address(address)
    if "@" not in address or not words:
        return []
    query = (
        sa.select(
            *columns_of(
                Owner,
                clients,
                source=sources.c.name,
                client_id=clients.c.id,
                client=clients.c.code,
                step_id=sa.null(),
                delivery_id=sa.null(),
                action=sa.null(),
            ),
            clients.c.email,
            clients.c.pec,
        )
        .join(sources, sources.c.id == clients.c.source_id)
        .where(clients.c.gone_on.is_(None), *(_has_word(word) for word in set(words)))
        .order_by(clients.c.id)
        .limit(_MOST_ALIKE)
    )
    if among_sources:
        query = query.where(sources.c.name.in_(sorted(among_sources)))
    wanted = address.lower()
    return [
        Owner(*row[:-2])
        for row in connection.execute(query)
        if wanted in map(str.lower, (*split_addresses(row.email), *split_addresses(row.pec)))
    ]


def _has_word(word: str) -> sa.ColumnElement[bool]:
    having = sa.select(client_words.c.client_id).where(client_words.c.word == word)
    return clients.c.id.in_(having)


def record(connection: Connection, reply: NewReply) -> int | None:
    """Store it; None if it is there already, be it by another channel of the same mailbox."""
    same = sa.select(replies.c.id).where(replies.c.sha256 == reply.sha256)
    if reply.sha256 and connection.scalar(same.limit(1)) is not None:
        return None
    new = insert_into(connection, replies).on_conflict_do_nothing().returning(replies.c.id)
    return connection.execute(new, msgspec.structs.asdict(reply)).scalar_one_or_none()


def waiting_for(connection: Connection, name: str) -> list[Reply]:
    """Messages that answer one of that name, which nobody knew when they came."""
    named = replies.c.answers_to != sa.literal_column("''")
    query = sa.select(*columns_of(Reply, replies)).where(named, replies.c.answers_to == name)
    return records(connection, Reply, query.order_by(replies.c.id).with_for_update())


def numbered(connection: Connection, number: int) -> Reply | None:
    """The message of that number, locked until the transaction ends."""
    query = sa.select(*columns_of(Reply, replies)).where(replies.c.id == number)
    return maybe_record(connection, Reply, query.with_for_update())


def head(connection: Connection, number: int) -> ReplyHead:
    """The message of that number, with the names of whose it is. Raises NoResultFound."""
    query = (
        sa.select(
            *columns_of(
                ReplyHead,
                replies,
                source=sources.c.name,
                client=clients.c.code,
                client_name=clients.c.name,
                assigned=users.c.login,
            )
        )
        .outerjoin(sources, sources.c.id == replies.c.source_id)
        .outerjoin(clients, clients.c.id == replies.c.client_id)
        .outerjoin(users, users.c.id == replies.c.assigned_id)
    )
    return one_record(connection, ReplyHead, query.where(replies.c.id == number))


def set_values(connection: Connection, number: int, **values: object) -> None:
    """Change some of its fields."""
    connection.execute(sa.update(replies).where(replies.c.id == number).values(**values))


def count_to_answer(connection: Connection) -> int:
    """How many wait for an answer."""
    waiting = sa.text("state IN ('new', 'handed_over')")
    return connection.scalar(sa.select(sa.func.count()).select_from(replies).where(waiting)) or 0
