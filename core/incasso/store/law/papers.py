"""The files about one client that the archive has: messages, their proofs, answers, attachments."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.contract.channel import DeliveryState
from incasso.domain.recovery.actions import Action
from incasso.domain.sending.delivery import DeliveryStatus
from incasso.domain.sending.replies import ReplyKind
from incasso.store.records import columns_of, records
from incasso.store.tables.proof import archive, attachments, journal, journal_batches
from incasso.store.tables.recovery import cases, step_cases, steps
from incasso.store.tables.replies import replies
from incasso.store.tables.sending import deliveries, delivery_events

MADE: Final = "dossier.made"
"""What the journal writes of a dossier: left out of the next one, which would differ by it."""

_LEFT: Final = (
    DeliveryStatus.ACCEPTED,
    DeliveryStatus.DELIVERED,
    DeliveryStatus.QUESTIONED,
    DeliveryStatus.BOUNCED,
    DeliveryStatus.OPTED_OUT,
)


_TO_THE_CLIENT: Final = tuple(each for each in Action if each.traits.to_client)


class SentRow(msgspec.Struct, frozen=True):
    """A message that left, with the name and type of its archived bytes."""

    id: str
    step_id: int
    iter_version_id: int | None
    stage: str
    medium: str
    to: str
    status: DeliveryStatus
    on_date: date
    accepted_at: datetime | None
    final_at: datetime | None
    ref: str
    tracking: str
    sha256: str
    media_type: str | None
    filename: str | None


class ProofRow(msgspec.Struct, frozen=True):
    """One piece of news about a message, and the file that proves it."""

    delivery_id: str
    at: datetime
    state: DeliveryState
    note: str
    sha256: str
    media_type: str | None
    filename: str | None


class AnswerRow(msgspec.Struct, frozen=True):
    """What the client wrote."""

    id: int
    on_date: date
    kind: ReplyKind
    sender: str
    subject: str
    sha256: str


class AttachmentRow(msgspec.Struct, frozen=True):
    """A file that a person put beside an act."""

    id: int
    sha256: str
    name: str
    act: str
    subject: str
    on_date: date


class JournalEnd(msgspec.Struct, frozen=True):
    """Where the chain of the journal ended, dossiers left out."""

    batch: int
    at: datetime
    hash: str


def messages_of(connection: Connection, clients: Collection[int], on: date) -> list[SentRow]:
    """What left to the client up to a day, in the order it left."""
    table = deliveries.c
    columns = columns_of(
        SentRow,
        deliveries,
        iter_version_id=steps.c.iter_version_id,
        stage=steps.c.stage,
        media_type=archive.c.media_type,
        filename=archive.c.filename,
    )
    query = (
        sa.select(*columns)
        .join(steps, steps.c.id == table.step_id)
        .join(archive, archive.c.sha256 == table.sha256, isouter=True)
        .where(table.client_id.in_(clients), table.on_date <= on, table.status.in_(_LEFT))
        .where(steps.c.action.in_(_TO_THE_CLIENT))
        .order_by(table.on_date, table.accepted_at, table.id)
    )
    return records(connection, SentRow, query)


def proofs_of(connection: Connection, clients: Collection[int]) -> list[ProofRow]:
    """Everything that came back about their messages, in order."""
    table = delivery_events.c
    columns = columns_of(
        ProofRow,
        delivery_events,
        sha256=table.evidence_sha256,
        media_type=archive.c.media_type,
        filename=archive.c.filename,
    )
    query = (
        sa.select(*columns)
        .join(deliveries, deliveries.c.id == table.delivery_id)
        .join(archive, archive.c.sha256 == table.evidence_sha256, isouter=True)
        .where(deliveries.c.client_id.in_(clients))
        .order_by(table.at, table.id)
    )
    return records(connection, ProofRow, query)


def asked_for(connection: Connection, clients: Collection[int]) -> dict[int, frozenset[int]]:
    """By step the installments that its message was about."""
    query = (
        sa.select(step_cases.c.step_id, cases.c.installment_id)
        .join(cases, cases.c.id == step_cases.c.case_id)
        .where(cases.c.client_id.in_(clients))
    )
    found: dict[int, set[int]] = {}
    for step, installment in connection.execute(query):
        found.setdefault(step, set()).add(installment)
    return {step: frozenset(each) for step, each in found.items()}


def answers_of(connection: Connection, clients: Collection[int], on: date) -> list[AnswerRow]:
    """What the client wrote up to a day; what programs answered is left out."""
    table = replies.c
    query = (
        sa.select(*columns_of(AnswerRow, replies))
        .where(table.client_id.in_(clients), table.on_date <= on)
        .where(table.kind == ReplyKind.REPLY, table.sha256 != "")
        .order_by(table.at, table.id)
    )
    return records(connection, AnswerRow, query)


def attachments_of(
    connection: Connection, clients: Collection[int], on: date
) -> list[AttachmentRow]:
    """Files beside acts up to a day, oldest first."""
    table = attachments.c
    query = (
        sa.select(*columns_of(AttachmentRow, attachments))
        .where(table.client_id.in_(clients), table.on_date <= on)
        .order_by(table.id)
    )
    return records(connection, AttachmentRow, query)


def journal_end(connection: Connection) -> JournalEnd | None:
    """The last batch that is not only about a dossier; None for an empty journal."""
    last = (
        sa.select(journal.c.batch_id)
        .where(journal.c.kind != MADE)
        .order_by(journal.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = sa.select(*columns_of(JournalEnd, journal_batches, batch=journal_batches.c.id))
    found = records(connection, JournalEnd, query.where(journal_batches.c.id == last))
    return found[0] if found else None
