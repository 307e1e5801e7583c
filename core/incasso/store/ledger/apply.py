"""Apply one staged read to the ledger, set by set, inside the caller's transaction."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.ledger.states import InstallmentStatus
from incasso.store.ledger import client_words
from incasso.store.ledger.staging import (
    CLIENT_COLUMNS,
    INSTALLMENT_COLUMNS,
    OPEN,
    absent_clients,
    absent_installments,
    gone_installments,
    staged_clients,
    staged_installments,
    touched_clients,
)
from incasso.store.ledger.successors import follow
from incasso.store.recovery import agenda
from incasso.store.seals import reseal, seal_of
from incasso.store.sql_ids import among
from incasso.store.tables.ledger import clients, installments

NOBODY = b""
"""The fingerprint of an absent row: none, so that it counts as changed when it comes back."""

_COUNTED: Final = {"preserve_rowcount": True}


def apply_clients(connection: Connection, source_id: int, on: date) -> tuple[int, int]:
    """New and changed clients; gives both numbers. Who is absent is marked, never deleted."""
    staged = staged_clients
    fields: dict[str, Any] = {name: staged.c[name] for name in CLIENT_COLUMNS}
    fields["gone_on"] = sa.null()
    fields["seal"] = seal_of(clients, fields)
    changed = connection.execute(
        sa.update(clients).where(clients.c.id == staged.c.known_id).values(fields)
    ).rowcount
    known = sa.select(staged.c.known_id).where(staged.c.known_id.is_not(None))
    client_words.renew(connection, connection.scalars(known).all())
    last = connection.scalar(sa.select(sa.func.max(clients.c.id))) or 0
    fields["source_id"] = sa.literal(source_id)
    chosen = sa.select(*fields.values()).where(staged.c.known_id.is_(None))
    new = connection.execute(
        sa.insert(clients).from_select(list(fields), chosen.order_by(staged.c.seq)),
        execution_options=_COUNTED,
    ).rowcount
    client_words.add_new(connection, last)
    absent = clients.c.id.in_(sa.select(absent_clients.c.id))
    connection.execute(
        sa.update(clients)
        .where(absent, clients.c.gone_on.is_(None))
        .values(gone_on=on, fingerprint=NOBODY)
    )
    reseal(connection, clients, absent)
    return new, changed


def apply_installments(
    connection: Connection, source_id: int, on: date, moved_why: str = ""
) -> tuple[int, int]:
    """New and changed installments; gives both numbers. A residual of zero is paid.

    `moved_why` says to the office why a step lost a case: its client has another code.
    """
    changed = connection.execute(_update(on)).rowcount
    known = sa.select(staged_installments.c.known_id)
    last = connection.scalar(sa.select(sa.func.max(installments.c.id))) or 0
    moved = connection.scalars(_move(source_id).returning(installments.c.id)).all()
    if moved:
        reseal(connection, installments, among(connection, installments.c.id, moved))
    follow(connection, moved, on, moved_why)
    new = connection.execute(_insert(source_id, on), execution_options=_COUNTED).rowcount
    agenda.review_on(connection, known.where(staged_installments.c.known_id.is_not(None)), on)
    agenda.review_new(connection, source_id, last, on)
    return new, changed


def _update(on: date) -> sa.Update:
    staged, table = staged_installments, installments
    # Without the key and the client: SQLite rewrites the index of a column even if it is unchanged.
    names = [name for name in INSTALLMENT_COLUMNS if name != "key"]
    fields: dict[str, Any] = {name: staged.c[name] for name in names}
    fields["amount"] = sa.func.coalesce(staged.c.amount, _amount_kept())
    closed_on = sa.case(
        (staged.c.residual != 0, sa.null()),
        (table.c.status == InstallmentStatus.OPEN, sa.literal(on)),
        else_=table.c.closed_on,
    )
    fields |= {"status": _status(), "closed_on": closed_on, "absences": sa.literal(0)}
    fields["seal"] = seal_of(table, {**table.c, **fields})
    return sa.update(table).where(table.c.id == staged.c.known_id).values(fields)


def _move(source_id: int) -> sa.Update:
    """Installments that the ERP has given to another client."""
    staged = staged_installments
    return (
        sa.update(installments)
        # Said, so that SQLite does not look up the client of every new row first.
        .where(staged.c.known_id.is_not(None), installments.c.id == staged.c.known_id)
        .where(clients.c.source_id == source_id, clients.c.code == staged.c.client)
        .where(staged.c.was_client_id != clients.c.id)
        .values(client_id=clients.c.id)
    )


def _amount_kept() -> sa.ColumnElement[Any]:
    """For an ERP without original amounts: the largest residual ever seen is used."""
    staged, table = staged_installments, installments
    same_sign = sa.or_(staged.c.residual == 0, (table.c.amount < 0) == (staged.c.residual < 0))
    covers = sa.func.abs(table.c.amount) >= sa.func.abs(staged.c.residual)
    return sa.case((sa.and_(same_sign, covers), table.c.amount), else_=staged.c.residual)


def _status() -> sa.ColumnElement[Any]:
    paid, still_open = (
        sa.literal(status, installments.c.status.type)
        for status in (InstallmentStatus.PAID, InstallmentStatus.OPEN)
    )
    return sa.case((staged_installments.c.residual == 0, paid), else_=still_open)


def _insert(source_id: int, on: date) -> sa.Insert:
    staged = staged_installments
    fields: dict[str, Any] = {name: staged.c[name] for name in INSTALLMENT_COLUMNS}
    fields["amount"] = sa.func.coalesce(staged.c.amount, staged.c.residual)
    fields |= {
        "source_id": sa.literal(source_id),
        "client_id": clients.c.id,
        "status": _status(),
        "first_seen_on": sa.literal(on, sa.Date()),
        "closed_on": sa.case((staged.c.residual == 0, sa.literal(on)), else_=sa.null()),
        "absences": sa.literal(0),
    }
    fields["seal"] = seal_of(installments, fields)
    chosen = (
        sa.select(*(value.label(name) for name, value in fields.items()))
        .select_from(staged)
        .join(clients, sa.and_(clients.c.source_id == source_id, clients.c.code == staged.c.client))
        .where(staged.c.known_id.is_(None))
        .order_by(clients.c.id, staged.c.seq)
    )
    return sa.insert(installments).from_select(list(fields), chosen)


def apply_absences(connection: Connection, on: date, *, closing_at: int | None) -> tuple[int, int]:
    """Count the absent once more and close them as vanished at `closing_at` absences in a row.

    None closes nobody and counts only the first absence: something in the read was unreadable and
    may be the missing row, or the same state of the source was read before. Gives how many are
    absent but open, and how many were closed.
    """
    table = installments
    absent = table.c.id.in_(sa.select(absent_installments.c.id))
    values = {"absences": table.c.absences + 1, "fingerprint": NOBODY}
    agenda.review_where(connection, absent, on)
    if closing_at is None:
        kept = connection.execute(
            sa.update(table).where(absent, table.c.absences == 0).values(values)
        )
        reseal(connection, table, absent)
        return kept.rowcount, 0
    enough = table.c.absences + 1 >= closing_at
    closing = {**values, "status": InstallmentStatus.VANISHED, "closed_on": on}
    closed = connection.execute(sa.update(table).where(absent, enough).values(closing)).rowcount
    kept = connection.execute(sa.update(table).where(absent, OPEN).values(values))
    reseal(connection, table, absent)
    return kept.rowcount, closed


def apply_gone(connection: Connection, on: date) -> int:
    """Close what the ERP says it deleted; gives the number."""
    table = installments
    gone = table.c.id.in_(sa.select(gone_installments.c.id))
    agenda.review_where(connection, sa.and_(gone, OPEN), on)
    closed = connection.execute(
        sa.update(table)
        .where(gone, OPEN)
        .values(status=InstallmentStatus.GONE, closed_on=on, fingerprint=NOBODY)
    ).rowcount
    reseal(connection, table, gone)
    return closed


def review_touched_clients(connection: Connection, source_id: int, on: date) -> None:
    """Planning must look at whole clients whose own facts changed, or whose credits net again."""
    table = installments
    changed = sa.select(staged_clients.c.known_id).where(staged_clients.c.known_id.is_not(None))
    for chosen in (
        changed,
        _with_credits(connection, on),
        _with_new_credits(source_id),
        _with_lost_credits(),
    ):
        known = sa.select(touched_clients.c.id)
        fresh = chosen.distinct().where(chosen.selected_columns[0].not_in(known))
        connection.execute(sa.insert(touched_clients).from_select(["id"], fresh))
    touched = table.c.client_id.in_(sa.select(touched_clients.c.id))
    agenda.review_where(connection, sa.and_(touched, OPEN), on)


def _with_credits(connection: Connection, on: date) -> sa.Select[Any]:
    """Clients with open credits, some of whose items changed: more or less is past due now."""
    table = installments
    moved = agenda.is_due_of(connection, table.c.client_id, on)
    return sa.select(table.c.client_id).where(
        table.c.residual < sa.literal_column("0"), OPEN, moved
    )


def _with_new_credits(source_id: int) -> sa.Select[Any]:
    """Clients whose credits came, shrank or were used up."""
    staged = staged_installments
    return (
        sa.select(clients.c.id)
        .join(staged, staged.c.client == clients.c.code)
        .where(clients.c.source_id == source_id)
        .where(sa.or_(staged.c.residual < 0, staged.c.was_residual < 0))
    )


def _with_lost_credits() -> sa.Select[Any]:
    """Clients whose credits are absent or gone."""
    table = installments
    ids = sa.union_all(sa.select(absent_installments.c.id), sa.select(gone_installments.c.id))
    return sa.select(table.c.client_id).where(table.c.id.in_(ids), table.c.amount < 0)
