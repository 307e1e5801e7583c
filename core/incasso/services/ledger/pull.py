"""Read one source into the staging tables: clients, people and installments, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, Table

from incasso.contract.capabilities import ConnectorCapability, Family
from incasso.contract.connector import ControlTotals
from incasso.contract.errors import CursorExpiredError
from incasso.contract.ledger import PersonRecord, Unreadable
from incasso.contract.values import Page, Problem
from incasso.domain.ledger.intake import person_problem
from incasso.domain.ledger.states import RecordKind
from incasso.domain.ledger.trust import ReadEffect as Effect
from incasso.plugins.handles import ConnectorHandle
from incasso.plugins.settings.company import CompareRows
from incasso.services.hub.hub import Hub
from incasso.services.ledger.alterations import Alterations, look, take_stock
from incasso.services.ledger.cross_checks import (
    effect,
    mark_returned_bills,
    match_renumbered,
    refuse_repeated_keys,
    refuse_unknown_clients,
)
from incasso.services.ledger.reading import ClientReading, InstallmentReading, refused, unreadable
from incasso.store.bulk import scratch
from incasso.store.ledger import cross_checks as staged_checks
from incasso.store.ledger import sources
from incasso.store.ledger import staging as ledger_staging
from incasso.store.ledger.known import KnownRows
from incasso.store.ledger.quarantine import Refusal
from incasso.store.ledger.sources import Source
from incasso.store.tables.ledger import clients, installments

Progress = Callable[[str, int], None]
"""Called after each page with what is read ("clients", "installments") and how many so far."""

FULL_READ_DAYS: Final = 7
"""An ERP that reports its deletions is still read whole once a week: reports get lost."""


@dataclass(kw_only=True)
class Pull:
    """Everything one read found; the rows themselves wait in the staging tables."""

    clients: ClientReading
    installments: InstallmentReading
    people: dict[str, dict[str, PersonRecord]] = field(default_factory=dict)
    people_refused: list[Refusal] = field(default_factory=list)
    renumbered: int
    """Credits that the ERP gave another key."""
    effect: Effect
    stated: ControlTotals | None = None
    """The source's own totals, where it states any of everything that it has."""
    alterations: Alterations
    look_ups: ExitStack

    @property
    def refusals(self) -> list[Refusal]:
        """Every refused row, clients first."""
        return [*self.clients.refusals, *self.people_refused, *self.installments.refusals]

    @property
    def warnings(self) -> list[Problem]:
        """What the connector remarks about what it read."""
        return [*self.clients.warnings, *self.installments.warnings]

    @property
    def refused(self) -> int:
        """How many rows were refused, those without words included."""
        return self.clients.refused + len(self.people_refused) + self.installments.refused

    def close(self) -> None:
        """Give the look-up connections back."""
        self.look_ups.close()


def pull(
    hub: Hub,
    handle: ConnectorHandle,
    source: Source,
    connection: Connection,
    on: date,
    progress: Progress,
    *,
    full: bool = False,
) -> Pull:
    """Read the source and set it against the ledger; nothing but temporary tables is written.

    `full` reads everything even if a cursor would do. Raises the errors of the connector.
    """
    since = (None, None) if full else _since(handle, source, connection, on)
    how: CompareRows = "always" if full else hub.config.company(handle.id).compare_rows
    try:
        return _pull(hub, handle, source, connection, on, since, progress, how)
    except CursorExpiredError:
        return _pull(hub, handle, source, connection, on, (None, None), progress, how)


def _since(
    handle: ConnectorHandle, source: Source, connection: Connection, on: date
) -> tuple[str | None, str | None]:
    """Where to go on from, for clients and installments; None reads everything.

    The first sync of a business day reads everything, since only that shows what disappeared; later
    ones of the day go on from the cursors. An ERP that reports its deletions goes on for a week.
    """
    last = sources.last_full_on(connection, source.id)
    days = FULL_READ_DAYS if handle.can(ConnectorCapability.DELETIONS) else 1
    if last is None or on < last or on - last >= timedelta(days=days):
        return None, None
    return source.clients_cursor, source.installments_cursor


def _pull(
    hub: Hub,
    handle: ConnectorHandle,
    source: Source,
    connection: Connection,
    on: date,
    since: tuple[str | None, str | None],
    progress: Progress,
    how: CompareRows,
) -> Pull:
    source_id, own = source.id, source.currency
    ledger_staging.create(connection)
    altered = look(connection, source, on, how, full=since[1] is None)
    if altered.any:
        since = (None, None)  # what changed here did not change there: no cursor brings it
    with ExitStack() as look_ups:
        by_digest = how != "always" and not altered.any
        held = partial(_look_up, hub, source_id, look_ups, by_digest=by_digest)
        known = held(clients, "code", RecordKind.CLIENT, doubted=altered.clients.ids)
        of_clients = ClientReading(connection, known, on, own)
        known = held(installments, "key", RecordKind.INSTALLMENT, doubted=altered.ids)
        of_installments = InstallmentReading(connection, known, on, own)
        _take_all(of_clients, handle.pull_clients(since[0], on, of_clients.known), progress)
        of_clients.known.close()
        people, people_refused = _people(handle, on)
        pages = handle.pull_installments(since[1], of_installments.known, on)
        _take_all(of_installments, pages, progress)
        whole = not _partial(hub, handle.id)
        # An answer to a cursor that names every other record as unchanged is complete too.
        of_clients.complete &= whole
        of_installments.complete &= whole
        of_clients.full = of_clients.complete and since[0] is None
        of_installments.full = of_installments.complete and since[1] is None
        of_installments.whole = of_installments.complete or (whole and bool(of_installments.mark))
        _check_together(connection, source_id, of_clients, of_installments)
        renumbered = match_renumbered(connection, source_id, of_clients, of_installments)
        if not handle.can(ConnectorCapability.RETURNED_BILLS):
            mark_returned_bills(connection, source_id, on)
        if altered.any:
            take_stock(connection, altered)
        connection.commit()
        return Pull(
            clients=of_clients,
            installments=of_installments,
            people=people,
            people_refused=people_refused,
            renumbered=renumbered,
            effect=effect(connection, source_id, of_installments, altered.healed_sums),
            alterations=altered,
            look_ups=look_ups.pop_all(),
        )


def _look_up(
    hub: Hub,
    source_id: int,
    look_ups: ExitStack,
    table: Table,
    key: str,
    record: RecordKind,
    *,
    by_digest: bool,
    doubted: frozenset[int] = frozenset(),
) -> KnownRows:
    known = KnownRows(hub.store, table, key, record, source_id, doubted, by_digest=by_digest)
    return look_ups.enter_context(closing(known))


def _partial(hub: Hub, source: str) -> bool:
    """A source whose file brings only some of the items says so in its table."""
    return hub.config.tables.get(Family.CONNECTOR, {}).get(source, {}).get("read") == "partial"


def _take_all(
    reading: ClientReading | InstallmentReading, pages: Iterator[Page[Any]], progress: Progress
) -> None:
    for page in pages:
        reading.take(page)
        progress(f"{reading.record}s", reading.rows)
    reading.end()


def _check_together(
    connection: Connection,
    source_id: int,
    of_clients: ClientReading,
    of_installments: InstallmentReading,
) -> None:
    ledger_staging.finish(connection)
    with scratch(connection):
        refuse_repeated_keys(connection, of_clients)
        refuse_repeated_keys(connection, of_installments)
        refuse_unknown_clients(connection, source_id, of_installments)
        if of_clients.complete and of_clients.present:
            staged_checks.note_absent_clients(connection, source_id, of_clients.known.seen)
        if of_installments.complete:
            staged_checks.note_absent(connection, source_id, of_installments.known.seen)


def _people(
    handle: ConnectorHandle, on: date
) -> tuple[dict[str, dict[str, PersonRecord]], list[Refusal]]:
    """Agents and depots by code: hundreds, so they simply stay in memory."""
    if not handle.can(ConnectorCapability.PEOPLE):
        return {}, []
    found: dict[str, dict[str, PersonRecord]] = {}
    wrong: list[Refusal] = []
    for kind, pages in (("agents", handle.pull_agents(on)), ("depots", handle.pull_depots(on))):
        found[kind] = {}
        for record in (item for page in pages for item in page.items):
            if isinstance(record, Unreadable):
                wrong.append(unreadable(RecordKind.PERSON, record))
            elif fault := person_problem(record):
                wrong.append(refused(RecordKind.PERSON, record.code, fault, record))
            else:
                found[kind][record.code] = record
    return found, wrong
