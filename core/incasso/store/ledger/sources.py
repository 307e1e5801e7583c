"""Sources and their sync runs: who was read when, how it ended, and whether it may be believed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec.structs import replace
from sqlalchemy import Connection

from incasso.domain.ledger.states import RunStatus
from incasso.store.records import columns_of, maybe_record, one_record, records
from incasso.store.tables.ledger import installments, sources, sync_runs

INTERRUPTED = "the run was interrupted; it changed nothing"


class Source(msgspec.Struct, frozen=True):
    """A source as it was when its sync began."""

    id: int
    name: str
    country: str
    province: str
    currency: str
    """The company's own."""
    bank_grace_days: int
    promise_grace_days: int
    returned_bill_charges: int
    """Minor units of the company's currency."""
    writes_back: bool | None
    last_good_sync_at: datetime | None
    last_good_sync_on: date | None
    clients_cursor: str | None
    installments_cursor: str | None
    documents_cursor: str | None
    payments_cursor: str | None
    history_read_on: date | None
    balances_after: str
    compared_on: date | None
    """The business day on which its installments were last held against their seals."""
    clients_compared_on: date | None
    rows_held: Mapping[str, int] | None
    """By table, as the last sync left them; None: no sync has counted them yet."""
    open_totals: Mapping[str, Any] | None
    """By currency, as the last sync left them; None: something else wrote since."""
    read_mark: str
    """Which state of the source the last complete read saw; empty for a live one."""


class _Run(msgspec.Struct, frozen=True):
    """A sync run, as far as later ones ask."""

    on_date: date
    status: RunStatus
    counts: Mapping[str, Any]


def source_of(
    connection: Connection,
    name: str,
    *,
    country: str,
    province: str,
    currency: str,
    bank_grace_days: int,
    promise_grace_days: int,
    returned_bill_charges: int = 0,
    writes_back: bool | None = None,
) -> Source:
    """The source as it was, made at its first sync; what is configured and declared is renewed.

    A connector that cannot be loaded declares nothing: None leaves what is known of it.
    """
    known = sa.select(*columns_of(Source, sources)).where(sources.c.name == name)
    found = maybe_record(connection, Source, known)
    given: dict[str, Any] = {
        "country": country,
        "province": province,
        "currency": currency,
        "bank_grace_days": bank_grace_days,
        "promise_grace_days": promise_grace_days,
        "returned_bill_charges": returned_bill_charges,
    }
    if writes_back is not None:
        given["writes_back"] = writes_back
    if found is None:
        connection.execute(sa.insert(sources).values(name=name, **given))
        return one_record(connection, Source, known)
    if replace(found, **given) != found:
        connection.execute(sa.update(sources).where(sources.c.id == found.id).values(**given))
    return found


def writes_back(connection: Connection, name: str) -> bool | None:
    """Whether the connector of a source can write into its ERP; None: no sync has found out."""
    return connection.scalar(sa.select(sources.c.writes_back).where(sources.c.name == name))


def start_run(connection: Connection, source_id: int, *, on: date, now: datetime) -> int:
    """Open a run. One that is still running is marked failed: it died, or it loses its turn.

    Two syncs of one source at a time need no lock: the later one wins, and the earlier finds
    itself marked when it comes to apply (`still_running`).
    """
    connection.execute(
        sa.update(sync_runs)
        .where(sync_runs.c.source_id == source_id, sync_runs.c.status == RunStatus.RUNNING)
        .values(status=RunStatus.FAILED, reason=INTERRUPTED, finished_at=now)
    )
    row = {"source_id": source_id, "on_date": on, "started_at": now, "status": RunStatus.RUNNING}
    return int(
        connection.execute(sa.insert(sync_runs).values(row).returning(sync_runs.c.id)).scalar_one()
    )


def still_running(connection: Connection, run_id: int) -> bool:
    """Whether no later run has taken this one's place; holds until the transaction ends."""
    query = sa.select(sync_runs.c.status).where(sync_runs.c.id == run_id).with_for_update()
    return bool(connection.execute(query).scalar_one() == RunStatus.RUNNING)


def finish_run(
    connection: Connection,
    run_id: int,
    *,
    status: RunStatus,
    now: datetime,
    reason: str = "",
    confirmed: bool = False,
    counts: Mapping[str, Any] | None = None,
    totals: Mapping[str, Any] | None = None,
) -> None:
    """Write how a run ended: good, stopped (by the guard) or failed."""
    connection.execute(
        sa.update(sync_runs)
        .where(sync_runs.c.id == run_id)
        .values(
            status=status,
            reason=reason,
            confirmed=confirmed,
            finished_at=now,
            counts=dict(counts or {}),
            totals=dict(totals or {}),
        )
    )


def set_counts(connection: Connection, run_id: int, counts: Mapping[str, Any]) -> None:
    """Counts of what was read beside the ledger come after the run has ended."""
    change = sa.update(sync_runs).where(sync_runs.c.id == run_id)
    connection.execute(change.values(counts=dict(counts)))


def mark_good(
    connection: Connection,
    source_id: int,
    *,
    on: date,
    now: datetime,
    cursors: Mapping[str, str | None],
    read_mark: str | None = None,
    open_totals: Mapping[str, Any],
    rows_held: Mapping[str, int],
) -> None:
    """Remember the last good sync, what it left, where the pulls stopped (`clients`,
    `installments`), and after a complete read the state that it saw."""
    values: dict[str, Any] = {
        "last_good_sync_at": now,
        "last_good_sync_on": on,
        "clients_cursor": cursors.get("clients"),
        "installments_cursor": cursors.get("installments"),
        "open_totals": dict(open_totals),
        "rows_held": dict(rows_held),
    }
    if read_mark is not None:
        values["read_mark"] = read_mark
    connection.execute(sa.update(sources).where(sources.c.id == source_id).values(values))


def forget_totals(connection: Connection, installment: int) -> None:
    """The hub itself has changed one installment of a source since its last sync."""
    its = sa.select(installments.c.source_id).where(installments.c.id == installment)
    change = sa.update(sources).where(sources.c.id == its.scalar_subquery())
    connection.execute(change.values(open_totals=sa.null()))


def last_good(connection: Connection) -> dict[str, datetime | None]:
    """When each source was last read well, by name."""
    query = sa.select(sources.c.name, sources.c.last_good_sync_at)
    return {row.name: row.last_good_sync_at for row in connection.execute(query)}


def last_full_on(connection: Connection, source_id: int) -> date | None:
    """The business day of the last good run that read everything from the beginning."""
    runs = _last_runs(connection, source_id, sync_runs.c.status == RunStatus.GOOD)
    return next((run.on_date for run in runs if run.counts.get("full")), None)


def unchanged_since(connection: Connection) -> dict[str, date]:
    """Sources whose good runs bring nothing new, with the day of the last that did.

    Only the last hundred runs are looked at; a source whose last run failed is no quiet one.
    """
    found = {}
    for source_id, name in connection.execute(sa.select(sources.c.id, sources.c.name)).all():
        runs = _last_runs(connection, source_id)
        if not runs or runs[0].status is not RunStatus.GOOD:
            continue
        last = next((run for run in runs if _brought_news(run.counts)), runs[-1])
        found[name] = last.on_date
    return found


def _last_runs(connection: Connection, source_id: int, *only: sa.ColumnElement[bool]) -> list[_Run]:
    query = sa.select(*columns_of(_Run, sync_runs)).where(sync_runs.c.source_id == source_id, *only)
    return records(connection, _Run, query.order_by(sync_runs.c.id.desc()).limit(100))


def _brought_news(counts: Mapping[str, Any]) -> bool:
    return any(counts.get(name) for name in ("new", "changed", "vanished", "gone", "absent"))
