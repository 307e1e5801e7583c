"""What a sync reads besides the ledger: documents, payments, balances. They cannot harm it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

from incasso.contract.text import text
from incasso.domain.ledger.states import RecordKind
from incasso.plugins.handles import ConnectorHandle
from incasso.services.hub.hub import Hub
from incasso.services.ledger import balances
from incasso.services.ledger.history import read_history
from incasso.services.ledger.pull import Progress
from incasso.services.ledger.sync_report import SyncReport
from incasso.store.ledger import sources
from incasso.store.ledger.sources import Source
from incasso.store.proof import journal
from incasso.store.proof.journal import Event


def read_supplementary(
    hub: Hub,
    handle: ConnectorHandle,
    source: Source,
    report: SyncReport,
    on: date,
    progress: Progress,
    *,
    full: bool,
) -> None:
    """Read them after a good sync; counts and troubles go into its report, run and journal."""
    before = asdict(report.counts)
    already = len(report.warnings)
    _history(hub, handle, source, report, on, progress, full=full)
    _balances(hub, handle, source, report, on)
    counts, warnings = asdict(report.counts), report.warnings[already:]
    fresh = {name: count for name, count in counts.items() if count != before[name]}
    if not fresh and not warnings:
        return
    event = Event(
        kind="sync.beside",
        actor="sync",
        on=on,
        source=report.source,
        subject=f"run {report.run}",
        facts={**fresh, "warnings": warnings},
    )
    with hub.store.write() as connection:
        sources.set_counts(connection, report.run, counts)
        journal.record(connection, [event], at=hub.now())


def _history(
    hub: Hub,
    handle: ConnectorHandle,
    source: Source,
    report: SyncReport,
    on: date,
    progress: Progress,
    *,
    full: bool,
) -> None:
    """Documents and payments too. The ledger is good whatever becomes of them."""
    found, troubles = read_history(hub, handle, source, report.run, on, progress, full=full)
    report.warnings.extend(troubles)
    counts = report.counts
    if documents := found.get(RecordKind.DOCUMENT):
        counts.documents_new, counts.documents_changed = documents.new, documents.changed
    if payments := found.get(RecordKind.PAYMENT):
        counts.payments_new, counts.payments_changed = payments.new, payments.changed
    counts.history_refused += sum(taken.refused for taken in found.values())


def _balances(
    hub: Hub, handle: ConnectorHandle, source: Source, report: SyncReport, on: date
) -> None:
    if not report.counts.full or not balances.wanted(hub, handle):
        return
    found = balances.compare(hub, handle, source, on)
    report.counts.balances_compared = found.compared
    report.counts.balances_differ = found.differing
    report.counts.balances_collected = found.explained
    if found.differing:
        report.warnings.append(
            text(
                "clients whose balance in the ERP differs: {differing}; see `incasso "
                "balances --source {name}`",
                differing=found.differing,
                name=source.name,
            )
        )
    if found.trouble:
        report.warnings.append(found.trouble)
