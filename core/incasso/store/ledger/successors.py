"""When the ERP renumbers or merges clients: what the office decided goes over to the new one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.recovery.states import NOT_BEGUN, CaseState
from incasso.store.ledger import totals
from incasso.store.ledger.staging import OPEN, staged_installments, successors
from incasso.store.records import columns_of, one_record, records
from incasso.store.recovery import agenda, case_counts, case_progress
from incasso.store.sql_ids import among
from incasso.store.tables.history import documents, payments
from incasso.store.tables.ledger import client_corrections, clients, installments
from incasso.store.tables.proof import attachments
from incasso.store.tables.reaching import client_contacts, consents
from incasso.store.tables.recovery import (
    agreement_installments,
    agreements,
    cases,
    conversations,
    steps,
)
from incasso.store.tables.replies import replies
from incasso.store.tables.sending import bad_addresses
from incasso.store.written_rows import written


def follow(connection: Connection, moved: Collection[int], on: date, why: str) -> None:
    """Cases and agreements of these installments go where the installments went.

    A step that nobody began is left: planning makes it anew for the new client. What is being
    sent, or waits for its proof, stays with whom it was sent to. `why` says it to the office.
    """
    if not moved:
        return
    for table in (cases, agreements):
        here = sa.select(installments.c.client_id).where(
            installments.c.id == table.c.installment_id
        )
        connection.execute(
            sa.update(table)
            .where(among(connection, table.c.installment_id, moved))
            .values(client_id=here.scalar_subquery())
        )
    before = sa.select(staged_installments.c.was_client_id).where(
        among(connection, staged_installments.c.known_id, moved)
    )
    now = sa.select(installments.c.client_id).where(among(connection, installments.c.id, moved))
    both = connection.scalars(before.union(now)).all()
    totals.changed(connection, both, on)
    case_counts.count_again(connection, both)
    _follow_covered(connection, moved)
    inside = (
        sa.select(cases.c.id)
        .join(steps, steps.c.id == cases.c.step_id)
        .where(among(connection, cases.c.installment_id, moved), cases.c.state != CaseState.CLOSED)
        .where(steps.c.status.in_(NOT_BEGUN))
    )
    case_progress.release(connection, connection.scalars(inside).all(), on, why)


def _follow_covered(connection: Connection, moved: Collection[int]) -> None:
    """A promise or plan goes with the installments that it covers."""
    table = agreement_installments
    here = (
        sa.select(sa.func.min(installments.c.client_id))
        .join(table, table.c.installment_id == installments.c.id)
        .where(table.c.agreement_id == agreements.c.id)
        .where(among(connection, installments.c.id, moved))
        .correlate(agreements)
        .scalar_subquery()
    )
    about = sa.select(table.c.agreement_id).where(among(connection, table.c.installment_id, moved))
    connection.execute(
        sa.update(agreements).where(agreements.c.id.in_(about)).values(client_id=here)
    )


class Succession(msgspec.Struct, frozen=True):
    """A client that is gone, and the one that goes on for it."""

    old_id: int
    new_id: int
    old: str
    new: str


class _Decided(msgspec.Struct, frozen=True):
    """What the office decided about a client."""

    iter_override: str | None
    operator_id: int | None
    responsible_id: int | None
    office_excluded: bool
    successor_id: int | None


def take_over(connection: Connection, source_id: int, on: date) -> list[Succession]:
    """Whoever follows a client that is gone takes over what the office decided of it, once.

    A former code that is still alive is another client, whatever the ERP says: nothing goes
    over. Never by VAT number, for branches share one.
    """
    pairs = records(connection, Succession, _pairs(source_id))
    for pair in pairs:
        _decisions(connection, pair.old_id, pair.new_id)
        for table in (conversations, documents, payments, attachments, replies):
            moved = sa.update(table).where(table.c.client_id == pair.old_id)
            connection.execute(moved.values(client_id=pair.new_id))
        whole = agreements.c.installment_id.is_(None)
        kept = sa.update(agreements).where(agreements.c.client_id == pair.old_id, whole)
        connection.execute(kept.values(client_id=pair.new_id))
        _bad_addresses(connection, pair.old_id, pair.new_id)
        _corrections(connection, pair.old_id, pair.new_id)
        _consents(connection, pair.old_id, pair.new_id)
        _contacts(connection, pair.old_id, pair.new_id)
        agenda.review_client(connection, pair.new_id, on)
        totals.changed(connection, (pair.old_id, pair.new_id), on)
    return pairs


def _pairs(source_id: int) -> sa.Select[Any]:
    old, new = clients.alias("old"), clients.alias("new")
    alive = sa.exists().where(
        installments.c.client_id == old.c.id, OPEN, installments.c.absences == 0
    )
    return (
        sa.select(
            *columns_of(
                Succession,
                successors,
                old_id=old.c.id,
                new_id=new.c.id,
                old=old.c.code,
                new=new.c.code,
            )
        )
        .distinct()
        .select_from(successors)
        .join(old, sa.and_(old.c.source_id == source_id, old.c.code == successors.c.old))
        .join(new, sa.and_(new.c.source_id == source_id, new.c.code == successors.c.new))
        .where(old.c.gone_on.is_not(None), old.c.successor_id.is_(None), ~alive)
        .where(new.c.gone_on.is_(None), old.c.id != new.c.id)
        .order_by(old.c.code, new.c.code)
    )


def _decisions(connection: Connection, old_id: int, new_id: int) -> None:
    old, new = _decided(connection, old_id), _decided(connection, new_id)
    if old.successor_id is not None:
        return  # two codes claim it: the first has it
    taken_over = sa.update(clients).where(clients.c.id == new_id)
    connection.execute(
        taken_over.values(
            iter_override=new.iter_override or old.iter_override,
            operator_id=new.operator_id or old.operator_id,
            responsible_id=new.responsible_id or old.responsible_id,
            office_excluded=new.office_excluded or old.office_excluded,
        )
    )
    written(connection, clients.name, new_id)
    followed = sa.update(clients).where(clients.c.id == old_id)
    connection.execute(followed.values(successor_id=new_id))


def _decided(connection: Connection, client_id: int) -> _Decided:
    query = sa.select(*columns_of(_Decided, clients)).where(clients.c.id == client_id)
    return one_record(connection, _Decided, query)


def _bad_addresses(connection: Connection, old_id: int, new_id: int) -> None:
    """What bounced for the old code would bounce for the new one."""
    table, other = bad_addresses, bad_addresses.alias("other")
    names = [column.name for column in table.columns if column.name not in ("id", "client_id")]
    known = sa.exists().where(
        other.c.client_id == new_id,
        other.c.medium == table.c.medium,
        other.c.address == table.c.address,
    )
    rows = sa.select(sa.literal(new_id), *(table.c[name] for name in names))
    connection.execute(
        sa.insert(table).from_select(
            ["client_id", *names], rows.where(table.c.client_id == old_id, ~known)
        )
    )


def _corrections(connection: Connection, old_id: int, new_id: int) -> None:
    """Addresses that a person corrected for the old code, where the new one has none of its own."""
    table, other = client_corrections, client_corrections.alias("other")
    own = sa.exists().where(
        other.c.client_id == new_id, other.c.field == table.c.field, other.c.ended_on.is_(None)
    )
    moved = sa.update(table).where(table.c.client_id == old_id, table.c.ended_on.is_(None), ~own)
    connection.execute(moved.values(client_id=new_id))


def _consents(connection: Connection, old_id: int, new_id: int) -> None:
    """What the client refused or agreed to under the old code, where the new one says nothing."""
    table, other = consents, consents.alias("other")
    own = sa.exists().where(
        other.c.client_id == new_id,
        other.c.medium == table.c.medium,
        other.c.address == table.c.address,
        other.c.ended_on.is_(None),
    )
    moved = sa.update(table).where(table.c.client_id == old_id, table.c.ended_on.is_(None), ~own)
    connection.execute(moved.values(client_id=new_id))


def _contacts(connection: Connection, old_id: int, new_id: int) -> None:
    """Contacts of the old code in roles that the new one has not."""
    table, other = client_contacts, client_contacts.alias("other")
    own = sa.exists().where(
        other.c.client_id == new_id, other.c.role == table.c.role, other.c.ended_on.is_(None)
    )
    moved = sa.update(table).where(table.c.client_id == old_id, table.c.ended_on.is_(None), ~own)
    connection.execute(moved.values(client_id=new_id))
