"""Rows of a client's history, whichever table tells them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import ColumnElement

from incasso.domain.money import from_minor
from incasso.store.ledger.client_documents import Document

BEFORE_THE_DAY, OF_THE_DAY, AFTER_THE_DAY = 0, 1, 2


class HistoryRow(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened; `kind` is the journal's, or of the same form."""

    on: date
    at: datetime | None
    """When it was written down, where that is known."""
    kind: str
    who: str
    """Login of a person, or the service that did it."""
    name: str
    """The person's name; empty for services."""
    source: str
    client: str
    """The code the client had then."""
    subject: str
    amount: Decimal | None = None
    currency: str = ""
    facts: Mapping[str, Any] = {}
    documents: Mapping[str, Document] = {}
    """The documents of the installments that it is about, by the key of each."""
    rank: int = 0
    """Place within a day of what has no time."""


class Client(msgspec.Struct, frozen=True):
    """A client, by the code it has or had."""

    id: int
    source: str
    code: str


class Span(msgspec.Struct, frozen=True):
    """The days asked for, both included."""

    on: date
    since: date | None
    until: date | None

    def holds(self, day: ColumnElement[Any]) -> ColumnElement[bool]:
        """The condition on a column of days."""
        first = sa.true() if self.since is None else day >= self.since
        last = sa.true() if self.until is None else day <= self.until
        return sa.and_(day.is_not(None), first, last)

    def has(self, day: date | None) -> bool:
        """The same of one day."""
        if day is None or (self.since is not None and day < self.since):
            return False
        return self.until is None or day <= self.until


def theirs(column: ColumnElement[int], known: Sequence[Client]) -> ColumnElement[bool]:
    """The condition on a column of clients: one of these."""
    return column.in_([each.id for each in known])


def of_ledger(
    client: Client,
    on: date,
    kind: str,
    subject: str,
    minor: int | None,
    currency: str,
    facts: Mapping[str, Any],
    rank: int = BEFORE_THE_DAY,
) -> HistoryRow:
    """A row that no journal tells."""
    return HistoryRow(
        on=on,
        at=None,
        kind=kind,
        who="",
        name="",
        source=client.source,
        client=client.code,
        subject=subject,
        amount=None if minor is None else from_minor(minor, currency),
        currency=currency,
        facts=facts,
        rank=rank,
    )
