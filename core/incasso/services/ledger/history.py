"""Documents and payments in: read after the open items, without ever putting those at risk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Column, Connection, Table

from incasso.contract.capabilities import ConnectorCapability
from incasso.contract.errors import CursorExpiredError, PluginError
from incasso.contract.ledger import DocumentRecord, Gone, PaymentRecord, Unreadable
from incasso.contract.text import text
from incasso.contract.values import Page
from incasso.domain.fault import Fault, fault
from incasso.domain.ledger.faults import RecordFault
from incasso.domain.ledger.intake_history import document_problem, payment_problem
from incasso.domain.ledger.states import RecordKind
from incasso.locale.labels import RECORDS
from incasso.plugins.handles import ConnectorHandle
from incasso.services.hub.hub import Hub
from incasso.services.ledger.pull import FULL_READ_DAYS, Progress
from incasso.services.ledger.reading import SHOWN, refused, unreadable
from incasso.services.ledger.rows import document_row, payment_row
from incasso.store.ledger import history, quarantine
from incasso.store.ledger.quarantine import Refusal
from incasso.store.ledger.sources import Source
from incasso.store.tables.history import documents, payments
from incasso.store.tables.ledger import sources

UNKNOWN_CLIENT = fault(RecordFault.UNKNOWN_CLIENT, "client")


@dataclass(frozen=True, kw_only=True)
class Stream:
    """One kind of history: how it is pulled, judged and kept."""

    record: RecordKind
    needs: ConnectorCapability
    table: Table
    pull: Callable[[ConnectorHandle, str | None, date], Iterator[Page[Any]]]
    fault: Callable[[Any, date], Fault | None]
    values: Callable[[Any], dict[str, Any]]
    cursor: Column[str | None]
    """Of the source: where its pull stopped."""
    since: Callable[[Source], str | None]
    """The same as the sync found it."""


DOCUMENTS: Final = Stream(
    record=RecordKind.DOCUMENT,
    needs=ConnectorCapability.DOCUMENT_LIST,
    table=documents,
    pull=ConnectorHandle.pull_documents,
    fault=document_problem,
    values=document_row,
    cursor=sources.c.documents_cursor,
    since=lambda source: source.documents_cursor,
)
PAYMENTS: Final = Stream(
    record=RecordKind.PAYMENT,
    needs=ConnectorCapability.PAYMENTS,
    table=payments,
    pull=ConnectorHandle.pull_payments,
    fault=payment_problem,
    values=payment_row,
    cursor=sources.c.payments_cursor,
    since=lambda source: source.payments_cursor,
)


@dataclass(kw_only=True)
class Taken:
    """What became of one stream."""

    read: int = 0
    new: int = 0
    changed: int = 0
    gone: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    refused: int = 0
    well: set[str] = field(default_factory=set)
    """Keys that waited in quarantine and have arrived well."""


def read_history(
    hub: Hub,
    handle: ConnectorHandle,
    source: Source,
    run: int,
    on: date,
    progress: Progress,
    *,
    full: bool = False,
) -> tuple[dict[RecordKind, Taken], list[str]]:
    """Read documents and payments where the connector has them; also what went wrong, in words.

    They go on from their cursors, and from the beginning once a week or if `full`. Each page is
    its own transaction, so memory stays flat and a failure keeps the pages before it. Absence
    means nothing here: connectors leave old years out.
    """
    last = source.history_read_on
    anew = full or last is None or on < last or on - last >= timedelta(days=FULL_READ_DAYS)
    found: dict[RecordKind, Taken] = {}
    troubles: list[str] = []
    for stream in (DOCUMENTS, PAYMENTS):
        if not handle.can(stream.needs):
            continue
        taking = _StreamReading(hub, handle, source.id, run, on, stream, progress)
        try:
            found[stream.record] = taking.take(None if anew else stream.since(source))
        except PluginError as error:
            troubles.append(
                text(
                    "the {what} could not be read: {error}",
                    what=RECORDS[stream.record],
                    error=str(error),
                )
            )
    if found and anew and not troubles:
        with hub.store.write() as connection:
            history.set_read_on(connection, source.id, on)
    return found, troubles


class _StreamReading:
    """One stream of one source on its way in."""

    def __init__(
        self,
        hub: Hub,
        handle: ConnectorHandle,
        source_id: int,
        run: int,
        on: date,
        stream: Stream,
        progress: Progress,
    ) -> None:
        self._hub, self._handle, self._on = hub, handle, on
        self._source_id, self._run = source_id, run
        self._stream, self._progress = stream, progress

    def take(self, since: str | None) -> Taken:
        """Every page. Raises the errors of the connector."""
        try:
            return self._pull(since)
        except CursorExpiredError:
            return self._pull(None)

    def _pull(self, since: str | None) -> Taken:
        taken, complete = Taken(), False
        with self._hub.store.read() as connection:
            waiting = set(quarantine.waiting_keys(connection, self._source_id, self._stream.record))
        for page in self._stream.pull(self._handle, since, self._on):
            with self._hub.store.write() as connection:
                self._page(connection, page, taken, waiting)
            complete = page.complete and since is None
            self._progress(f"{self._stream.record}s", taken.read)
        with self._hub.store.write() as connection:
            self._settle(connection, taken, complete)
        return taken

    def _page(
        self, connection: Connection, page: Page[Any], taken: Taken, waiting: set[str]
    ) -> None:
        good = self._believed(page, taken)
        known = history.client_ids(connection, self._source_id, {one.client for one in good})
        rows = {}
        for record in good:
            if record.client not in known:
                self._refuse(
                    taken, refused(self._stream.record, record.key, UNKNOWN_CLIENT, record)
                )
                continue
            rows[record.key] = {**self._stream.values(record), "client_id": known[record.client]}
        new, changed = history.upsert(
            connection, self._stream.table, self._source_id, list(rows.values())
        )
        gone = [one.external_id for one in page.items if isinstance(one, Gone)]
        taken.gone += history.mark_gone(
            connection, self._stream.table, self._source_id, gone, self._on
        )
        taken.new, taken.changed = taken.new + new, taken.changed + changed
        taken.well |= waiting & {*rows, *gone}
        if page.cursor is not None:
            history.set_cursor(connection, self._source_id, self._stream.cursor, page.cursor)

    def _believed(self, page: Page[Any], taken: Taken) -> Sequence[DocumentRecord | PaymentRecord]:
        good = []
        for one in page.items:
            if isinstance(one, Gone):
                continue
            taken.read += 1
            if isinstance(one, Unreadable):
                self._refuse(taken, unreadable(self._stream.record, one))
            elif wrong := self._stream.fault(one, self._on):
                self._refuse(taken, refused(self._stream.record, one.key, wrong, one))
            else:
                good.append(one)
        return good

    def _refuse(self, taken: Taken, refusal: Refusal) -> None:
        taken.refused += 1
        if len(taken.refusals) < SHOWN:
            taken.refusals.append(refusal)

    def _settle(self, connection: Connection, taken: Taken, complete: bool) -> None:
        """Quarantine what was refused; what arrived well since, or is no more, is resolved."""
        spoken = quarantine.keep(connection, self._source_id, self._run, taken.refusals)
        quarantine.resolve(
            connection,
            self._source_id,
            self._run,
            spoken=spoken,
            arrived=lambda entry: (
                entry.record == self._stream.record and (complete or entry.key in taken.well)
            ),
        )
