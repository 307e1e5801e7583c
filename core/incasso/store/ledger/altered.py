"""Rows of the ledger that somebody changed outside the hub, in a read that may heal them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.ledger.trust import Totals
from incasso.store.ledger.cross_checks import totals_coming_of, totals_leaving_of
from incasso.store.ledger.staging import (
    INSTALLMENT_COLUMNS,
    OPEN,
    altered_installments,
    staged_installments,
)
from incasso.store.records import columns_of, records
from incasso.store.seals import reseal, unlike_seal
from incasso.store.tables.ledger import clients, installments, sources


class AlteredRow(msgspec.Struct, frozen=True):
    """An installment that somebody changed outside the hub."""

    id: int
    key: str
    client: str
    currency: str
    residual: int
    is_new: bool
    """The hub never wrote it."""


def note_altered(connection: Connection, source_id: int) -> int:
    """Stage the rows of a source that somebody else changed; gives how many."""
    chosen = sa.select(installments.c.id).where(
        installments.c.source_id == source_id, unlike_seal(installments)
    )
    done = connection.execute(
        sa.insert(altered_installments).from_select(["id"], chosen),
        execution_options={"preserve_rowcount": True},
    )
    return done.rowcount


def altered_ids(connection: Connection) -> frozenset[int]:
    """The rows that `note_altered` found."""
    return frozenset(connection.scalars(sa.select(altered_installments.c.id)))


class Healing(msgspec.Struct, frozen=True):
    """A staged row beside what somebody made of it: both by column, money in minor units."""

    id: int
    key: str
    client: str
    held: Mapping[str, Any]
    given: Mapping[str, Any]

    def differences(self) -> dict[str, tuple[Any, Any]]:
        """What the database held and what the source says, of the columns that differ."""
        known = {
            name: value
            for name, value in self.given.items()
            if name != "amount" or value is not None  # many ERPs do not give it
        }
        return {
            name: (self.held[name], value)
            for name, value in known.items()
            if self.held[name] != value
        }


def healings(connection: Connection, most: int) -> list[Healing]:
    """The altered rows that this read brings again, at most so many; before it is applied."""
    staged, table = staged_installments, installments
    held = clients.alias("held_client")
    names = [name for name in INSTALLMENT_COLUMNS if name not in ("fingerprint", "key")]
    query = (
        sa.select(
            table.c.id,
            staged.c.key,
            staged.c.client,
            held.c.code,
            table.c.status,
            table.c.absences,
            *(table.c[name].label(f"held_{name}") for name in names),
            *(staged.c[name].label(f"given_{name}") for name in names),
        )
        .join(altered_installments, altered_installments.c.id == table.c.id)
        .join(staged, staged.c.known_id == table.c.id)
        .join(held, held.c.id == table.c.client_id)
        .order_by(table.c.id)
        .limit(most)
    )
    found = []
    for row in connection.execute(query).mappings():
        given = {name: row[f"given_{name}"] for name in names} | {"client": row["client"]}
        was = {name: row[f"held_{name}"] for name in names} | {"client": row["code"]}
        given["status"] = InstallmentStatus.OPEN if given["residual"] else InstallmentStatus.PAID
        was["status"] = row["status"]
        given["absences"], was["absences"] = 0, row["absences"]
        found.append(Healing(row["id"], row["key"], row["client"], was, given))
    return found


def remaining(connection: Connection, most: int) -> list[AlteredRow]:
    """The altered rows that this read does not bring, at most so many."""
    table, staged = installments, staged_installments
    brought = sa.select(staged.c.known_id).where(staged.c.known_id.is_not(None))
    query = (
        sa.select(
            *columns_of(AlteredRow, table, client=clients.c.code, is_new=table.c.seal.is_(None))
        )
        .join(altered_installments, altered_installments.c.id == table.c.id)
        .join(clients, clients.c.id == table.c.client_id)
        .where(table.c.id.not_in(brought))
        .order_by(table.c.id)
        .limit(most)
    )
    return records(connection, AlteredRow, query)


def count_remaining(connection: Connection) -> int:
    """How many of them there are."""
    brought = sa.select(staged_installments.c.known_id).where(
        staged_installments.c.known_id.is_not(None)
    )
    query = sa.select(sa.func.count()).select_from(altered_installments)
    return int(connection.scalar(query.where(altered_installments.c.id.not_in(brought))) or 0)


def totals_healed(
    connection: Connection,
) -> tuple[Mapping[str, Totals], Mapping[str, Totals]]:
    """What the altered rows of this read add to the open items of the database, and what they
    should: the guard judges the read as if they had never been changed."""
    return totals_leaving_of(connection, _known()), totals_coming_of(connection, _known())


def _known() -> sa.ColumnElement[bool]:
    return staged_installments.c.known_id.in_(sa.select(altered_installments.c.id))


def believe_source(connection: Connection) -> None:
    """Nothing happened to an altered row in the ERP: no payment is told for what is healed."""
    staged = staged_installments
    paid, still_open = (
        sa.literal(each, staged.c.was_status.type)
        for each in (InstallmentStatus.PAID, InstallmentStatus.OPEN)
    )
    connection.execute(
        sa.update(staged)
        .where(_known())
        .values(
            was_residual=staged.c.residual,
            was_currency=staged.c.currency,
            was_due_date=staged.c.due_date,
            was_status=sa.case((staged.c.residual == 0, paid), else_=still_open),
        )
    )


def accept_closed(connection: Connection) -> None:
    """A closed row that a whole read no longer brings cannot heal: it is kept as it stands."""
    altered = sa.select(altered_installments.c.id)
    reseal(connection, installments, sa.and_(installments.c.id.in_(altered), ~OPEN))


def mark_compared(connection: Connection, source_id: int, on: date) -> None:
    """The source was compared on that business day."""
    connection.execute(sa.update(sources).where(sources.c.id == source_id).values(compared_on=on))
