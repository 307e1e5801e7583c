"""Everything that happened to one client, out of the tables that keep it, merged by date.

What an act, a message or an order block did stands in the journal. What planning and syncs do in
bulk does not, so it comes from the ledger and the cases. One query for each kind of source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.office.actor import Scope
from incasso.domain.recovery.states import AgreementKind, AgreementStatus
from incasso.store.ledger.client_documents import Document, documents_of
from incasso.store.lists.history_replies import RECEIVED, written_by
from incasso.store.lists.history_reports import JOURNALED, reported
from incasso.store.lists.history_rows import (
    AFTER_THE_DAY,
    BEFORE_THE_DAY,
    OF_THE_DAY,
    Client,
    HistoryRow,
    Span,
    of_ledger,
    theirs,
)
from incasso.store.office.scope import within
from incasso.store.tables.history import payments
from incasso.store.tables.ledger import clients, installments, sources
from incasso.store.tables.office import users
from incasso.store.tables.proof import journal
from incasso.store.tables.recovery import agreements, case_events, cases, steps

MOST_PREDECESSORS: Final = 20
"""Codes that a client had before, followed from the newest back."""


RETURNED: Final = "installment.unpaid"
_TOLD_TWICE: Final = (RETURNED, "installment.paid")
"""By the journal where it has more to say, else by the installment."""
_TOLD_BY_TABLES: Final = ("case.closed", "steps.planned", RECEIVED)
"""Kinds of events that the tables themselves tell, each with its reason: a journal holds no word
of what people write, and a message may become another client's."""


def client_history(
    connection: Connection,
    scope: Scope,
    client: int,
    *,
    on: date,
    since: date | None = None,
    until: date | None = None,
    replies_too: bool = True,
) -> list[HistoryRow]:
    """Everything between two days, oldest first; nothing if the client is outside the scope.

    `on` is the business date: what ended by itself before it is over. `replies_too`: also what the
    client wrote.
    """
    known = known_as(connection, scope, client)
    if not known:
        return []
    names = _names(connection)
    span = Span(on, since, until)
    parts = [_events, _payments, _installments, _cases, _left_steps, _ended, _reports]
    if replies_too:
        parts.append(_replies)
    found = [row for part in parts for row in part(connection, known, span, names)]
    found = _named(_once(found), documents_of(connection, {each.id: each.source for each in known}))
    beginning = datetime.combine(date.min, time(), UTC)
    return sorted(found, key=lambda row: (row.on, row.rank, row.at or beginning))


def _once(found: list[HistoryRow]) -> list[HistoryRow]:
    """What the journal tells of an installment is not told by the installment too."""
    told = {(row.kind, row.subject) for row in found if row.kind in _TOLD_TWICE and row.at}
    return [
        row
        for row in found
        if row.kind not in _TOLD_TWICE or row.at or (row.kind, row.subject) not in told
    ]


def _named(
    found: list[HistoryRow], documents: Mapping[tuple[str, str], Document]
) -> list[HistoryRow]:
    """The rows with the documents of their installments."""
    return [
        msgspec.structs.replace(
            row,
            documents={
                key: documents[row.source, key]
                for key in _keys_in(row)
                if (row.source, key) in documents
            },
        )
        for row in found
    ]


def _keys_in(row: HistoryRow) -> list[str]:
    """The keys of the installments that a row names."""
    thing, _, key = row.subject.partition(" ")
    own = [key.removeprefix(f"{row.source}/")] if thing == "installment" else []
    own += [str(row.facts["key"])] if row.facts.get("key") else []
    listed = row.facts.get("installments")
    return own + [str(each) for each in listed] if isinstance(listed, list) else own


def known_as(connection: Connection, scope: Scope, client: int) -> list[Client]:
    """The client, and who it was before the ERP renumbered or merged it."""
    query = (
        sa.select(clients.c.id, sources.c.name, clients.c.code)
        .join(sources, sources.c.id == clients.c.source_id)
        .where(clients.c.id == client, within(scope))
    )
    found = [Client(*row) for row in connection.execute(query)]
    new = [each.id for each in found]
    while new and len(found) < MOST_PREDECESSORS:
        before = (
            sa.select(clients.c.id, sources.c.name, clients.c.code)
            .join(sources, sources.c.id == clients.c.source_id)
            .where(clients.c.successor_id.in_(new))
            .where(clients.c.id.not_in([each.id for each in found]))
        )
        older = [Client(*row) for row in connection.execute(before)]
        found += older
        new = [each.id for each in older]
    return found


def _names(connection: Connection) -> Mapping[str, str]:
    """The people of the office by login."""
    query = sa.select(users.c.login, users.c.name)
    return {login: name or login for login, name in connection.execute(query)}


def _events(
    connection: Connection, known: Sequence[Client], span: Span, names: Mapping[str, str]
) -> Iterator[HistoryRow]:
    """What the journal keeps about the client."""
    of_client = sa.or_(
        *(sa.and_(journal.c.source == each.source, journal.c.client == each.code) for each in known)
    )
    told_by_erp = sa.exists().where(
        theirs(payments.c.client_id, known), payments.c.gone_on.is_(None)
    )
    query = (
        sa.select(journal)
        .where(of_client, span.holds(journal.c.on_date), journal.c.kind.not_in(_TOLD_BY_TABLES))
        .where(sa.or_(journal.c.kind != "installment.part_paid", ~told_by_erp))
        .where(journal.c.kind.not_like(JOURNALED))
        .order_by(journal.c.id)
    )
    for row in connection.execute(query):
        facts = {name: value for name, value in row.facts.items() if name != "before"}
        yield HistoryRow(
            on=row.on_date,
            at=row.at,
            kind=row.kind,
            who=row.actor,
            name=names.get(row.actor, ""),
            source=row.source,
            client=row.client,
            subject=row.subject,
            facts=facts,
            rank=OF_THE_DAY,
        )


def _payments(
    connection: Connection, known: Sequence[Client], span: Span, names: Mapping[str, str]
) -> Iterator[HistoryRow]:
    """What the ERP tells of payments and other reductions, as of its last read."""
    query = (
        sa.select(payments)
        .where(theirs(payments.c.client_id, known), payments.c.gone_on.is_(None))
        .where(span.holds(payments.c.paid_on))
        .order_by(payments.c.id)
    )
    whose = {each.id: each for each in known}
    for row in connection.execute(query):
        yield of_ledger(
            whose[row.client_id],
            row.paid_on,
            f"payment.{row.kind}",
            f"payment {row.key}",
            row.amount,
            row.currency,
            {
                "document": row.document_number,
                "installment": row.installment,
                "method": row.payment_method,
                "notes": row.notes,
            },
        )


_CLOSED_AS: Final[Mapping[str, str]] = {
    InstallmentStatus.PAID: "installment.paid",
    InstallmentStatus.GONE: "installment.gone",
}
"""Ends of an installment that the journal does not tell one by one."""


def _installments(
    connection: Connection, known: Sequence[Client], span: Span, names: Mapping[str, str]
) -> Iterator[HistoryRow]:
    """Installments that appeared, were paid, or left the ERP."""
    table = installments.c
    days = (table.first_seen_on, table.closed_on, table.unpaid_on)
    query = (
        sa.select(installments)
        .where(theirs(table.client_id, known), sa.or_(*map(span.holds, days)))
        .order_by(table.due_date, table.id)
    )
    whose = {each.id: each for each in known}
    for row in connection.execute(query):
        facts = {"key": row.key, "document": row.document_number, "due": str(row.due_date)}
        facts["document_kind"] = row.document_kind
        for day, kind, amount, rank in (
            (row.first_seen_on, "installment.new", row.amount, BEFORE_THE_DAY),
            (row.unpaid_on, RETURNED, row.amount, BEFORE_THE_DAY),
            (row.closed_on, _CLOSED_AS.get(row.status, ""), row.amount, BEFORE_THE_DAY),
        ):
            if kind and span.has(day):
                yield of_ledger(
                    whose[row.client_id],
                    day,
                    kind,
                    f"installment {row.key}",
                    amount,
                    row.currency,
                    facts,
                    rank,
                )


def _cases(
    connection: Connection, known: Sequence[Client], span: Span, names: Mapping[str, str]
) -> Iterator[HistoryRow]:
    """Cases that were opened and closed, with the reason."""
    query = (
        sa.select(cases, installments.c.key, installments.c.residual, installments.c.currency)
        .join(installments, installments.c.id == cases.c.installment_id)
        .where(theirs(cases.c.client_id, known))
        .where(sa.or_(span.holds(cases.c.opened_on), span.holds(cases.c.closed_on)))
        .order_by(cases.c.id)
    )
    whose = {each.id: each for each in known}
    for row in connection.execute(query):
        facts = {"key": row.key, "reason": row.close_reason}
        for day, kind, rank in (
            (row.opened_on, "case.opened", BEFORE_THE_DAY),
            (row.closed_on, "case.closed", AFTER_THE_DAY),
        ):
            if span.has(day):
                yield of_ledger(
                    whose[row.client_id], day, kind, f"case:{row.id}", None, "", facts, rank
                )


def _left_steps(
    connection: Connection, known: Sequence[Client], span: Span, names: Mapping[str, str]
) -> Iterator[HistoryRow]:
    """Cases that the hub itself took out of a step that had not left."""
    table = case_events.c
    columns = (table.on_date, steps.c.stage, table.step_id, table.why, cases.c.client_id)
    query = (
        sa.select(*columns, sa.func.count().label("cases"))
        .join(cases, cases.c.id == table.case_id)
        .join(steps, steps.c.id == table.step_id)
        .where(theirs(cases.c.client_id, known), span.holds(table.on_date))
        .where(table.what == "left", table.who == "", table.step_id.is_not(None))
        .group_by(*columns)
        .order_by(table.on_date, table.step_id)
    )
    whose = {each.id: each for each in known}
    for row in connection.execute(query):
        facts = {"stage": row.stage, "why": row.why, "cases": row.cases}
        yield of_ledger(
            whose[row.client_id],
            row.on_date,
            "step.left",
            f"step:{row.step_id}",
            None,
            "",
            facts,
            AFTER_THE_DAY,
        )


def _replies(
    connection: Connection, known: Sequence[Client], span: Span, names: Mapping[str, str]
) -> Iterator[HistoryRow]:
    """What the client wrote."""
    return written_by(connection, known, span)


def _reports(
    connection: Connection, known: Sequence[Client], span: Span, names: Mapping[str, str]
) -> Iterator[HistoryRow]:
    """What agencies and lawyers told of the client."""
    return reported(connection, known, span)


def _ended(
    connection: Connection, known: Sequence[Client], span: Span, names: Mapping[str, str]
) -> Iterator[HistoryRow]:
    """Holds and disputes whose last day has passed: nobody ends them, so the journal is silent."""
    table = agreements.c
    query = (
        sa.select(agreements)
        .where(theirs(table.client_id, known), table.status == AgreementStatus.ACTIVE)
        .where(table.kind.in_((AgreementKind.HOLD, AgreementKind.DISPUTE)))
        .where(span.holds(table.until_on), table.until_on < span.on)
        .order_by(table.id)
    )
    whose = {each.id: each for each in known}
    for row in connection.execute(query):
        facts = {"kind": str(row.kind), "why": row.reason}
        yield of_ledger(
            whose[row.client_id],
            row.until_on,
            "agreement.ended",
            f"agreement {row.id}",
            None,
            "",
            facts,
            AFTER_THE_DAY,
        )
