"""What a list may be narrowed by; an empty field narrows nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Select

from incasso.domain.orders import write_back
from incasso.domain.sending.delivery import DeliveryStatus
from incasso.store.lists.rows import is_client
from incasso.store.tables.ledger import clients, sources

INSTALLMENT_STATUSES = ("open", "paid", "vanished", "gone")
CASE_STATES = ("open", "parked", "placed", "closed")
STEP_STATUSES = (
    "proposed", "ready", "working", "done", "counted", "skipped", "cancelled", "failed",
)  # fmt: skip
DELIVERY_STATUSES = tuple(status.value for status in DeliveryStatus)
WRITE_BACK_STATUSES = tuple(status.value for status in write_back.WriteBackStatus)


@dataclass(frozen=True, kw_only=True)
class WhoFilter:
    """Whose rows: every list that speaks of clients understands these."""

    source: str | None = None
    client: str | None = None
    agent: str | None = None
    area: str | None = None
    depot: str | None = None
    operator: str | None = None


@dataclass(frozen=True, kw_only=True)
class ClientFilter(WhoFilter):
    """Which clients."""

    category: str | None = None
    seasonal: bool | None = None
    blocked: bool | None = None
    excluded: bool | None = None
    overdue: bool | None = None
    """Only clients with (or without) something past due on the business date."""


@dataclass(frozen=True, kw_only=True)
class InstallmentFilter(WhoFilter):
    """Which installments; `band` is a first and last day of lateness, both included."""

    status: tuple[str, ...] = ()
    payment_method: str | None = None
    unpaid: bool | None = None
    held: bool | None = None
    """Held back by the ERP: with the lawyers, blocked, sold to a factor."""
    due_from: date | None = None
    due_to: date | None = None
    band: tuple[int, int | None] | None = None


@dataclass(frozen=True, kw_only=True)
class CaseFilter(WhoFilter):
    """Which cases; `due_from` and `due_to` look at the next day something is due."""

    state: tuple[str, ...] = ()
    iter: str | None = None
    stage: str | None = None
    container: str | None = None
    blocked: bool | None = None
    due_from: date | None = None
    due_to: date | None = None


@dataclass(frozen=True, kw_only=True)
class StepFilter(WhoFilter):
    """Which steps; `operator` is who has to do it."""

    status: tuple[str, ...] = ()
    iter: str | None = None
    stage: str | None = None
    action: str | None = None
    medium: str | None = None
    mode: str | None = None
    due_from: date | None = None
    due_to: date | None = None


@dataclass(frozen=True, kw_only=True)
class DeliveryFilter(WhoFilter):
    """Which deliveries; `sent_from` and `sent_to` are business dates."""

    status: tuple[str, ...] = ()
    medium: str | None = None
    channel: str | None = None
    step: int | None = None
    sent_from: date | None = None
    sent_to: date | None = None


@dataclass(frozen=True, kw_only=True)
class BlockFilter(WhoFilter):
    """Which order blocks; those that are over only if `released`."""

    released: bool = False
    made_from: date | None = None
    made_to: date | None = None


@dataclass(frozen=True, kw_only=True)
class HistoryFilter(WhoFilter):
    """Which documents or payments; the days are of the document or of the payment."""

    number: str | None = None
    """Number of the document."""
    first_on: date | None = None
    last_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class QuarantineFilter:
    """Which rows that could not be taken in; those that arrived well later only if `resolved`."""

    source: str | None = None
    run: int | None = None
    file: str | None = None
    resolved: bool = False


def narrow_who(query: Select[Any], who: WhoFilter) -> Select[Any]:
    """Narrow by source and by the client's own code, agent, area and depot."""
    if who.source is not None:
        query = query.where(sources.c.name == who.source)
    if who.client is not None:
        query = query.where(is_client(who.client))
    for column, wanted in (
        (clients.c.agent, who.agent),
        (clients.c.area, who.area),
        (clients.c.depot, who.depot),
    ):
        query = narrow(query, column, wanted)
    return query


def narrow(query: Select[Any], column: sa.ColumnElement[Any], wanted: object) -> Select[Any]:
    """Narrow by equality, or by being one of several; None and () narrow nothing."""
    if wanted is None or wanted == ():
        return query
    if isinstance(wanted, tuple):
        return query.where(column.in_(wanted))
    return query.where(column == wanted)


def narrow_days(
    query: Select[Any], column: sa.ColumnElement[Any], first: date | None, last: date | None
) -> Select[Any]:
    """Narrow to a span of days, both ends included."""
    if first is not None:
        query = query.where(column >= first)
    if last is not None:
        query = query.where(column <= last)
    return query
