"""Ledger in: read a source, refuse what is not believable, apply the differences in one go."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime

from sqlalchemy import Connection

from incasso.contract.capabilities import ConnectorCapability, Family
from incasso.contract.connector import ControlTotals
from incasso.contract.errors import ConfigurationError, PluginError
from incasso.contract.text import in_a_row, text
from incasso.contract.values import Problem
from incasso.domain.acts.work import Work
from incasso.domain.ledger.freshness import is_trusted
from incasso.domain.ledger.states import RunStatus
from incasso.domain.ledger.trust import disagreements, objections
from incasso.domain.money import to_minor
from incasso.domain.office.actor import Actor
from incasso.locale.problems import sentence
from incasso.plugins.handles import ConnectorHandle
from incasso.services.hub.broke import broke
from incasso.services.hub.hub import Hub
from incasso.services.ledger import client_alterations, stated_totals
from incasso.services.ledger.alterations import events_of, rows_held, settle, warnings_of
from incasso.services.ledger.commit import apply, counted, news_events
from incasso.services.ledger.pull import Progress, Pull, pull
from incasso.services.ledger.supplementary import read_supplementary
from incasso.services.ledger.sync_report import SyncCounts, SyncReport
from incasso.services.office.actors import begin
from incasso.services.office.assign import assign
from incasso.store.bulk import session, transaction
from incasso.store.ledger import news as ledger_news
from incasso.store.ledger import quarantine, sources, totals
from incasso.store.ledger import staging as ledger_staging
from incasso.store.ledger.sources import Source
from incasso.store.proof import journal
from incasso.store.proof.journal import Event
from incasso.store.proof.told_events import ToldEvents
from incasso.store.recovery import agenda

__all__ = ["SyncCounts", "SyncReport", "sync"]

_log = logging.getLogger(__name__)

OVERTAKEN = text("another sync of this source began meanwhile; this one changed nothing")


def sync(
    hub: Hub,
    actor: Actor,
    source: str,
    on: date,
    confirm: bool = False,
    progress: Progress | None = None,
    *,
    full: bool = False,
) -> SyncReport:
    """Read one source and bring the ledger level with it; the business date is `on`.

    All or nothing: differences wait in temporary tables, the guard judges them, and one
    transaction applies them. `confirm` lets a read pass that the guard would stop. A second sync
    of the same content changes no row of the ledger; the run itself is always recorded. `full`
    reads everything where a cursor would do. What the connector cannot do is in the report, not
    raised, and so is whatever else breaks. Raises ConfigurationError for a source that no table of
    plugins.toml names, ActorError.
    """
    handle = _connector(hub, source)
    begin(hub, actor, Work.CONFIRM if confirm else Work.SYNC, on)
    by = actor.trace("sync")
    with session(hub.store) as connection:
        row, run = _begin(hub, connection, handle, on)
        found = None
        try:
            found = pull(hub, handle, row, connection, on, progress or _no_progress, full=full)
            reasons = _objections(hub, handle, found, on)
            if reasons and not confirm:
                return _stop(hub, connection, handle, found, row, run, on, by, reasons)
            report = _apply(hub, connection, found, row, run, on, by, reasons)
        except PluginError as error:
            cure = error.hint if isinstance(error, ConfigurationError) else ""
            return _fail(hub, connection, source, run, str(error), cure)
        except Exception as error:
            # Whatever this source brought must not keep the others from being read.
            _log.exception("the sync of %s broke", source)
            return _fail(
                hub,
                connection,
                source,
                run,
                text("the hub broke off; nothing was changed: {error}", error=broke(error)),
            )
        except BaseException:
            _fail(hub, connection, source, run, text("the hub broke off; nothing was changed"))
            raise
        finally:
            if found is not None:
                found.close()
            ledger_staging.drop(connection)
    if report.good:
        try:
            read_supplementary(hub, handle, row, report, on, progress or _no_progress, full=full)
        except Exception as error:
            _log.exception("what %s has beside its ledger broke", source)
            report.warnings.append(
                text(
                    "documents, payments and balances were not read to the end: {error}",
                    error=broke(error),
                )
            )
        report.counts.assigned = assign(hub, actor, source, on).assigned
    return report


def _no_progress(_what: str, _rows: int) -> None:
    """No-op progress callback."""


def _connector(hub: Hub, source: str) -> ConnectorHandle:
    tables = hub.config.tables.get(Family.CONNECTOR, {})
    if source in tables:
        return hub.registry.connector(source)
    names = sorted(tables) or text("none is configured")
    problem = Problem(
        code="unknown_source",
        field=source,
        message=text("there is no such source"),
        hint=text("the sources are: {names}", names=names),
    )
    raise ConfigurationError([problem])


def _begin(
    hub: Hub, connection: Connection, handle: ConnectorHandle, on: date
) -> tuple[Source, int]:
    company = hub.config.company(handle.id)
    with transaction(connection):
        row = sources.source_of(
            connection,
            handle.id,
            country=company.country,
            province=company.province,
            currency=company.currency,
            bank_grace_days=company.bank_grace_days,
            promise_grace_days=company.promise_grace_days,
            returned_bill_charges=to_minor(company.returned_bill_charges, company.currency),
            writes_back=handle.can(ConnectorCapability.WRITE_BACK) if handle.kind else None,
        )
        if row.bank_grace_days != company.bank_grace_days:
            agenda.review_bills(connection, row.id, on)
            totals.bills_changed(connection, on, row.id)
        if row.promise_grace_days != company.promise_grace_days:
            agenda.review_promised(connection, row.id, on)
        return row, sources.start_run(connection, row.id, on=on, now=hub.now())


def _objections(hub: Hub, handle: ConnectorHandle, found: Pull, on: date) -> tuple[str, ...]:
    """Everything that speaks against applying this read."""
    company = hub.config.company(handle.id)
    faults = objections(found.effect, company.max_drop)
    if found.installments.whole and handle.can(ConnectorCapability.TOTALS):
        found.stated = handle.totals(on)
        if found.installments.complete:
            faults += disagreements(found.effect, found.stated)
    return tuple(map(sentence, faults))


def _apply(
    hub: Hub,
    connection: Connection,
    found: Pull,
    source: Source,
    run: int,
    on: date,
    by: str,
    confirmed: tuple[str, ...],
) -> SyncReport:
    company = hub.config.company(source.name)
    was_trusted = is_trusted(
        source.last_good_sync_on,
        source.last_good_sync_at,
        on=on,
        now=hub.now(),
        max_age_hours=company.max_age_hours,
    )
    # What a person confirmed needs no second absence.
    closing_at = 1 if confirmed else company.absences
    seen = found.installments.mark
    with transaction(connection):
        if not sources.still_running(connection, run):
            return SyncReport(
                source=source.name, run=run, status=RunStatus.FAILED, reasons=(OVERTAKEN,)
            )
        agenda.take_turn_of_source(connection, source.id)
        news = ledger_news.news(connection)
        applied = apply(
            connection,
            found,
            news,
            source_id=source.id,
            run=run,
            on=on,
            closing_at=closing_at,
            seen_before=not confirmed and bool(seen) and seen == source.read_mark,
            language=hub.config.language,
        )
        if not was_trusted:
            agenda.review_postponed(connection, source.id, on)
        report = SyncReport(
            source=source.name,
            run=run,
            status=RunStatus.GOOD,
            reasons=confirmed,
            confirmed=bool(confirmed),
            counts=applied.counts,
            warnings=[
                *map(_remark, found.warnings),
                *([_doubled(applied.doubled)] if applied.doubled else []),
                *stated_totals.differences(
                    connection, source.id, found.stated or ControlTotals(), found.refused
                ),
                *_told(found, source),
            ],
            before=found.effect.before,
            after=found.effect.after,
        )
        settle(connection, source, found.alterations, on, whole=found.installments.full)
        client_alterations.settle(
            connection, source, found.alterations.clients, on, whole=found.clients.full
        )
        events = news_events(connection, news, applied, source.name, on)
        events.add(*client_alterations.events_of(found.alterations.clients, source, on))
        events.add(*events_of(found.alterations, source.name, on))
        held = rows_held(connection, source, found.alterations, report.counts)
        now = hub.now()
        _end(hub, connection, report, on, by, events, held, now)
        cursors = {"clients": found.clients.cursor, "installments": found.installments.cursor}
        sources.mark_good(
            connection,
            source.id,
            on=on,
            now=now,
            cursors=cursors,
            read_mark=seen if found.installments.complete else None,
            open_totals=report.totals(),
            rows_held=held,
        )
    return report


def _told(found: Pull, source: Source) -> list[str]:
    """What was changed outside the hub, in words."""
    of_clients = client_alterations.warnings_of(found.alterations.clients, source.currency)
    return [*warnings_of(found.alterations), *of_clients]


def _remark(remark: Problem) -> str:
    if not remark.hint:
        return remark.message
    return text("{problem} ({cure})", problem=remark.message, cure=remark.hint)


def _doubled(pairs: Sequence[tuple[str, str]]) -> str:
    key, alike = pairs[0]
    return text(
        "{n} new items look like others under another key, such as {key} and {alike}: same client, "
        "document, due date and amount; look whether a fiscal year was read twice",
        n=len(pairs),
        key=key,
        alike=alike,
    )


def _stop(
    hub: Hub,
    connection: Connection,
    handle: ConnectorHandle,
    found: Pull,
    source: Source,
    run: int,
    on: date,
    by: str,
    reasons: tuple[str, ...],
) -> SyncReport:
    """The guard refused the read: only the quarantine is kept."""
    report = SyncReport(
        source=source.name,
        run=run,
        status=RunStatus.STOPPED,
        reasons=reasons,
        hint=confirm_hint(handle, empty=not found.effect.present),
        warnings=[*map(_remark, found.warnings), *_told(found, source)],
        counts=counted(found),
        before=found.effect.before,
        after=found.effect.after,
    )
    with transaction(connection):
        if sources.still_running(connection, run):
            quarantine.keep(connection, source.id, run, found.refusals)
            _end(hub, connection, report, on, by, ToldEvents())
    return report


def confirm_hint(handle: ConnectorHandle, *, empty: bool) -> str:
    """What to look at, in the words of the kind of source, and how to let the read pass."""
    kind = handle.kind
    named = (kind.if_empty if empty else "") or kind.if_doubtful if kind else ""
    return text(
        "{look}; if it is right, sync again with --confirm",
        look=named or text("look at the open items in the ERP"),
    )


def _fail(
    hub: Hub, connection: Connection, source: str, run: int, reason: str, cure: str = ""
) -> SyncReport:
    with transaction(connection):
        if sources.still_running(connection, run):
            sources.finish_run(
                connection, run, status=RunStatus.FAILED, now=hub.now(), reason=reason
            )
    return SyncReport(
        source=source,
        run=run,
        status=RunStatus.FAILED,
        reasons=(reason,),
        hint=cure or text("see `incasso check {source}`", source=source),
    )


def _end(
    hub: Hub,
    connection: Connection,
    report: SyncReport,
    on: date,
    by: str,
    events: ToldEvents,
    held: Mapping[str, int] | None = None,
    at: datetime | None = None,
) -> None:
    """Close the run and write the journal, last in the transaction.

    `held`: how many rows a good run leaves, and `at` when; `verify` holds the tables against both.
    """
    now = hub.now() if at is None else at
    counts = asdict(report.counts)
    sources.finish_run(
        connection,
        report.run,
        status=report.status,
        now=now,
        reason=in_a_row(report.reasons),
        confirmed=report.confirmed,
        counts=counts,
        totals=report.totals(),
    )
    left = {"rows_held": dict(held), "read_at": now.astimezone(UTC).isoformat()} if held else {}
    finished = Event(
        kind=f"sync.{'finished' if report.good else report.status}",
        actor=by,
        on=on,
        source=report.source,
        subject=f"run {report.run}",
        facts={**counts, "reasons": list(report.reasons), "confirmed": report.confirmed, **left},
    )
    events.add(finished)
    journal.record(connection, events, at=now)
