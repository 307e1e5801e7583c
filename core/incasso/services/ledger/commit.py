"""Apply what a pull found, in one transaction with its quarantine, its journal and its run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import NamedTuple

from sqlalchemy import Connection

from incasso.domain.ledger.states import OF_HISTORY
from incasso.domain.money import from_minor
from incasso.locale.reasons import reason_text
from incasso.services.ledger.pull import Pull
from incasso.services.ledger.reading import ClientReading, InstallmentReading
from incasso.services.ledger.sync_report import SyncCounts
from incasso.store.ledger import apply as ledger_apply
from incasso.store.ledger import corrections, quarantine, remembering, statistics
from incasso.store.ledger import doubles as ledger_doubles
from incasso.store.ledger import news as ledger_news
from incasso.store.ledger import people as ledger_people
from incasso.store.ledger import rematch as ledger_rematch
from incasso.store.ledger import successors as ledger_successors
from incasso.store.ledger import totals as ledger_totals
from incasso.store.ledger.corrections import Overruled
from incasso.store.ledger.quarantine import Refusal
from incasso.store.ledger.rematch import Renamed
from incasso.store.ledger.successors import Succession
from incasso.store.proof.journal import Event
from incasso.store.proof.told_events import ToldEvents


class Applied(NamedTuple):
    """What became of a read: counts, and the credits and clients that got other names."""

    counts: SyncCounts
    renamed: Sequence[Renamed]
    merged: Sequence[Succession]
    doubled: Sequence[tuple[str, str]]
    overruled: Sequence[Overruled] = ()
    """Corrected addresses that the ERP has changed itself since."""


def apply(
    connection: Connection,
    found: Pull,
    news: ledger_news.News,
    *,
    source_id: int,
    run: int,
    on: date,
    closing_at: int,
    seen_before: bool,
    language: str,
) -> Applied:
    """Write the differences; gives what became of the rows. The caller's transaction.

    `seen_before`: the source is as at the last complete read, so an absence is no new one. Ends
    with the ledger's tables; run, source and journal are the caller's.
    """
    renamed = ledger_rematch.renamed(connection) if found.renumbered else ()
    counts = counted(found)
    counts.paid, counts.unpaid, counts.reopened = news.paid, len(news.unpaid), len(news.reopened)
    counts.people_changed = ledger_people.apply_people(connection, source_id, found.people)
    counts.clients_new, counts.clients_changed = ledger_apply.apply_clients(
        connection, source_id, on
    )
    counts.new, counts.changed = ledger_apply.apply_installments(
        connection, source_id, on, reason_text("client_moved", language)
    )
    statistics.renew_if_grown(
        connection,
        new=counts.new + counts.clients_new,
        read=counts.read + counts.clients_read,
    )
    counts.absent, counts.vanished = ledger_apply.apply_absences(
        connection,
        on,
        closing_at=None if found.installments.nameless or seen_before else closing_at,
    )
    counts.gone = ledger_apply.apply_gone(connection, on)
    counts.renumbered = found.renumbered
    if found.renumbered:
        ledger_rematch.set_keys(connection)
    merged = ledger_successors.take_over(connection, source_id, on)
    counts.merged = len(merged)
    overruled: Sequence[Overruled] = ()
    if counts.clients_changed or merged:
        overruled = corrections.lay_on_again(connection, source_id, on)
    touched = (counts.new, counts.changed, counts.clients_changed, counts.absent, counts.vanished)
    if any((*touched, counts.gone)):
        ledger_apply.review_touched_clients(connection, source_id, on)
    rows = counts.new + counts.changed + counts.vanished + counts.gone + counts.clients_changed
    ledger_totals.sync_changed(connection, source_id, rows, on)
    counts.resolved = keep_refused(connection, found, source_id, run)
    doubled = ledger_doubles.doubled(connection, source_id) if counts.new else ()
    for reading in (found.clients, found.installments):
        _remember(connection, source_id, reading)
    return Applied(counts, renamed, merged, doubled, overruled)


def _remember(
    connection: Connection, source_id: int, reading: ClientReading | InstallmentReading
) -> None:
    """What was read, for the next read; after a read of only a part, what it has changed."""
    if reading.complete:
        remembering.remember(
            connection, source_id, reading.record, reading.ledger, reading.key_column, reading.table
        )
    else:
        remembering.forget_staged(connection, reading.record, reading.table)
    remembering.forget_gone(connection, reading.record, reading.gone_table)


def counted(found: Pull) -> SyncCounts:
    """What the reading alone can tell."""
    altered = found.alterations
    return SyncCounts(
        clients_read=found.clients.present,
        clients_doubtful=found.clients.doubtful,
        read=found.installments.present,
        unchanged=found.installments.unchanged,
        quarantined=found.refused,
        complete=found.installments.complete,
        full=found.installments.full,
        healed=altered.healed_count + altered.clients.healed_count,
        altered=altered.remaining_count + altered.clients.remaining_count,
    )


def keep_refused(connection: Connection, found: Pull, source_id: int, run: int) -> int:
    """Quarantine what was refused and resolve what arrived well; gives the number resolved."""
    spoken = quarantine.keep(connection, source_id, run, found.refusals)
    arrived = {
        reading.record: ledger_news.arrived(
            connection,
            reading.ledger,
            reading.key_column,
            source_id,
            quarantine.waiting_keys(connection, source_id, reading.record),
            reading.known.seen,
        )
        for reading in (found.clients, found.installments)
        if not reading.full
    }

    def well(entry: Refusal) -> bool:
        if entry.record in OF_HISTORY:
            return False  # documents and payments are read, and settled, by themselves
        # A full read settles every entry it did not repeat: the row is well, or is no more.
        return entry.record not in arrived or entry.key in arrived[entry.record]

    return quarantine.resolve(connection, source_id, run, spoken=spoken, arrived=well)


def news_events(
    connection: Connection, news: ledger_news.News, applied: Applied, source: str, on: date
) -> ToldEvents:
    """The journal's words about single installments and clients."""
    told = ToldEvents()
    event = partial(Event, actor="sync", on=on, source=source)
    told.tell(
        applied.renamed,
        lambda row: event(
            kind="installment.renumbered",
            client=row.client,
            subject=f"installment {row.key}",
            facts={"was": row.was},
        ),
    )
    told.tell(
        applied.merged,
        lambda row: event(
            kind="client.merged",
            client=row.new,
            subject=f"client {row.new}",
            facts={"was": row.old},
        ),
    )
    told.tell(
        applied.overruled,
        lambda row: event(
            kind="client.correction_ended",
            client=row.client,
            subject=f"client {source}/{row.client}",
            facts={"field": row.field, "value": row.value, "erp_value": row.erp_value},
        ),
    )
    for kind, rows in (
        ("installment.unpaid", news.unpaid),
        ("installment.reopened", news.reopened),
        ("installment.vanished", ledger_news.vanished(connection)),
    ):
        told.tell(rows, partial(_changed, kind, source, on))
    told.tell(news.parts, partial(_came_in, source, on))
    return told


def _changed(kind: str, source: str, on: date, row: ledger_news.Change) -> Event:
    return Event(
        kind=kind,
        actor="sync",
        on=on,
        source=source,
        client=row.client,
        subject=f"installment {row.key}",
        facts={
            "residual": str(from_minor(row.residual, row.currency)),
            "currency": row.currency,
        },
    )


def _came_in(source: str, on: date, row: ledger_news.Came) -> Event:
    """A part of an installment, or its rest, came in."""
    return Event(
        kind="installment.part_paid" if row.residual else "installment.paid",
        actor="sync",
        on=on,
        source=source,
        client=row.client,
        subject=f"installment {row.key}",
        facts={
            "amount": str(from_minor(row.was_residual - row.residual, row.currency)),
            "residual": str(from_minor(row.residual, row.currency)),
            "currency": row.currency,
        },
    )
