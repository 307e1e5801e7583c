"""The connector: open items, clients, agents and depots from CSV files and Excel workbooks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from incasso.api import (
    CallContext,
    CheckReport,
    ClientItem,
    ControlTotals,
    Cursor,
    CursorExpiredError,
    ExternalId,
    Gone,
    InstallmentItem,
    InstallmentRecord,
    Known,
    Page,
    PersonRecord,
    Problem,
    SourceRow,
    UnsupportedError,
    hookimpl,
    text,
)
from incasso_csv.files.shape import FileStamp, stamp_of
from incasso_csv.files.source import Opened, newest, open_file
from incasso_csv.layouts.detect import Kind
from incasso_csv.reading.finder import Finder, IndexedFinder, RememberedFinder
from incasso_csv.reading.keyed import KeyedLedger
from incasso_csv.reading.parties import clients_of_ledger, listed_clients, people
from incasso_csv.reading.source_rows import source_rows
from incasso_csv.reading.survey import survey
from incasso_csv.settings import CsvSettings

PAGE: Final = 5_000


class CsvConnector:
    """One source kept in files. It writes nothing. While the file is unchanged it keeps an index
    to find rows again, and the totals that the file states."""

    def __init__(self, settings: CsvSettings) -> None:
        self.settings = settings
        self._finder: Finder | None = None
        self._totals: tuple[FileStamp, ControlTotals] | None = None

    @hookimpl
    def instance_check(self, ctx: CallContext) -> CheckReport:
        """Opens and reads every configured file, and reports what was recognised."""
        facts: dict[str, str] = {}
        warnings: list[Problem] = []
        for name, kind, path in self._files():
            surveyed = survey(name, self._open(kind, path, ctx))
            facts |= surveyed.facts
            warnings += surveyed.warnings
        return CheckReport(
            remote_identity=str(self.settings.installments.absolute()),
            facts=facts,
            warnings=tuple(warnings),
        )

    @hookimpl
    def instance_close(self) -> None:
        """Drop the index; no file stays open between calls."""
        self._finder = None

    @hookimpl
    def erp_pull_clients(
        self, since: Cursor | None, known: Known, ctx: CallContext
    ) -> Iterator[Page[ClientItem]]:
        """The clients' file, or the clients that the open items name."""
        _refuse_cursor(since)
        if self.settings.clients is not None:
            opened = self._open("clients", self.settings.clients, ctx)
            yield from listed_clients(opened, known, PAGE)
        else:
            opened = self._open("ledger", self.settings.installments, ctx)
            yield from clients_of_ledger(opened, known, PAGE)

    @hookimpl
    def erp_pull_installments(
        self, since: Cursor | None, known: Known, ctx: CallContext
    ) -> Iterator[Page[InstallmentItem]]:
        """The open items; rows whose fingerprint the hub knows are only named."""
        _refuse_cursor(since)
        ledger = self._open("ledger", self.settings.installments, ctx).ledger()
        yield from ledger.pages(known, PAGE)
        self._totals = (ledger.table.stamp, ledger.control_totals())

    @hookimpl
    def erp_pull_agents(self, ctx: CallContext) -> Iterator[Page[PersonRecord]]:
        """The agents' file, nothing if none is configured."""
        if self.settings.agents is not None:
            yield from people(self._open("people", self.settings.agents, ctx), PAGE)

    @hookimpl
    def erp_pull_depots(self, ctx: CallContext) -> Iterator[Page[PersonRecord]]:
        """The depots' file, nothing if none is configured."""
        if self.settings.depots is not None:
            yield from people(self._open("people", self.settings.depots, ctx), PAGE)

    @hookimpl
    def erp_totals(self, ctx: CallContext) -> ControlTotals:
        """The totals that the file itself states; empty if it states none."""
        stamp = stamp_of(newest(self.settings.installments))
        if self._totals is None or self._totals[0] != stamp:
            ledger = self._open("ledger", self.settings.installments, ctx).ledger()
            for _ in ledger.pages(None, PAGE) if not isinstance(ledger, KeyedLedger) else ():
                pass
            self._totals = (ledger.table.stamp, ledger.control_totals())
        return self._totals[1]

    @hookimpl
    def erp_refresh_installments(
        self, external_ids: tuple[ExternalId, ...], ctx: CallContext
    ) -> tuple[InstallmentRecord | Gone, ...]:
        """The current rows of some open items; those that left the file are gone."""
        if self.settings.read == "partial":
            raise UnsupportedError(text("a partial file does not tell what is no longer open"))
        finder = self._found_again(ctx)
        found = ((key, finder.find(key)) for key in external_ids)
        return tuple(record or Gone(external_id=key) for key, record in found)

    @hookimpl
    def erp_source_rows(
        self, external_ids: tuple[ExternalId, ...], ctx: CallContext
    ) -> tuple[SourceRow, ...]:
        """The rows of the file, with their numbers."""
        ledger = self._open("ledger", self.settings.installments, ctx).ledger()
        return source_rows(ledger, external_ids)

    def _found_again(self, ctx: CallContext) -> Finder:
        """An index of the file as it is now; rebuilt when the file has changed."""
        stamp = stamp_of(newest(self.settings.installments))
        if self._finder is None or self._finder.stamp != stamp:
            ledger = self._open("ledger", self.settings.installments, ctx).ledger()
            if isinstance(ledger, KeyedLedger):
                self._finder = IndexedFinder(ledger)
            else:
                self._finder = RememberedFinder(ledger)
        return self._finder

    def _open(self, kind: Kind, path: Path, ctx: CallContext) -> Opened:
        return open_file(self.settings, kind, path, ctx.on)

    def _files(self) -> Iterator[tuple[str, Kind, Path]]:
        settings = self.settings
        kinds: tuple[tuple[str, Kind, Path | None], ...] = (
            ("installments", "ledger", settings.installments),
            ("clients", "clients", settings.clients),
            ("agents", "people", settings.agents),
            ("depots", "people", settings.depots),
        )
        return ((name, kind, path) for name, kind, path in kinds if path is not None)


def _refuse_cursor(since: Cursor | None) -> None:
    """Refuses cursors: files are read whole at every pull, so none is ever returned."""
    if since is not None:
        raise CursorExpiredError(text("a file is always read whole"))
