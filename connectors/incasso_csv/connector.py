"""The connector: open items, clients, agents and depots from CSV files and Excel workbooks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from incasso.api import (
    CallContext,
    CheckReport,
    ClientItem,
    ClientRecord,
    Cursor,
    CursorExpiredError,
    InstallmentItem,
    Known,
    Page,
    PersonRecord,
    Problem,
    TemporaryError,
    hookimpl,
)
from incasso_csv.detect import Found, Kind, detect
from incasso_csv.entries import Broken, Entry
from incasso_csv.ledger import BadShare, Ledger, refuse_if_rewritten
from incasso_csv.mapping import Mapping, Section, load_mapping
from incasso_csv.records import RecordReader
from incasso_csv.settings import CsvSettings
from incasso_csv.tables import SheetTable, TextTable, open_table

PAGE = 5_000


class CsvConnector:
    """One source kept in files; nothing is written, nothing is remembered but the last reading."""

    def __init__(self, settings: CsvSettings) -> None:
        self.settings = settings
        self._mapping: Mapping | None = None

    @hookimpl
    def instance_check(self, ctx: CallContext) -> CheckReport:
        """Read every configured file once and tell what was understood."""
        facts: dict[str, str] = {}
        warnings: list[Problem] = []
        for kind, path in self._files().items():
            _, found, _ = self._open(kind, path)
            facts[kind] = f"{path.name}: {found.layout.name}"
        return CheckReport(
            remote_identity=str(self.settings.installments.absolute()),
            facts=facts,
            warnings=tuple(warnings),
        )

    @hookimpl
    def instance_close(self) -> None:
        """Nothing is held open between calls."""

    @hookimpl
    def erp_pull_clients(
        self, since: Cursor | None, ctx: CallContext
    ) -> Iterator[Page[ClientItem]]:
        """The clients' file, or the clients that the open items name."""
        _refuse_cursor(since)
        if self.settings.clients is not None:
            yield from self._listed_clients(self.settings.clients)
        else:
            yield from self._clients_of_ledger()

    @hookimpl
    def erp_pull_installments(
        self, since: Cursor | None, known: Known, ctx: CallContext
    ) -> Iterator[Page[InstallmentItem]]:
        """The open items; rows whose fingerprint the hub knows are only named."""
        _refuse_cursor(since)
        yield from self._ledger().pages(known, PAGE)

    @hookimpl
    def erp_pull_agents(self, ctx: CallContext) -> Iterator[Page[PersonRecord]]:
        """The agents' file, nothing if none is configured."""
        return self._people(self.settings.agents)

    @hookimpl
    def erp_pull_depots(self, ctx: CallContext) -> Iterator[Page[PersonRecord]]:
        """The depots' file, nothing if none is configured."""
        return self._people(self.settings.depots)

    def _ledger(self) -> Ledger:
        table, found, reader = self._open("ledger", self.settings.installments)
        return Ledger(table, found, reader, self.settings)

    def _files(self) -> dict[Kind, Path]:
        files: dict[Kind, Path] = {"ledger": self.settings.installments}
        if self.settings.clients is not None:
            files["clients"] = self.settings.clients
        return files

    def _open(
        self, kind: Kind, pattern: Path
    ) -> tuple[TextTable | SheetTable, Found, RecordReader]:
        mapping = self._load_mapping()
        section = {"ledger": mapping.installments, "clients": mapping.clients}.get(kind)
        path = newest(pattern)
        settings = self._with_mapping(mapping, section)
        table = open_table(path, settings)
        found = detect(table, kind, section, settings)
        table.refuse_if_cut(found.layout.width)
        reader = RecordReader(settings, path.name, found.marks, _positive(section))
        return table, found, reader

    def _load_mapping(self) -> Mapping:
        if self._mapping is None:
            chosen = self.settings.mapping
            self._mapping = load_mapping(chosen) if chosen else Mapping()
        return self._mapping

    def _with_mapping(self, mapping: Mapping, section: Section | None) -> CsvSettings:
        """The settings, completed by what the mapping says; the settings win."""
        methods = {**(section.payment_methods if section else {}), **self.settings.payment_methods}
        return replace(
            self.settings,
            encoding=self.settings.encoding or mapping.encoding,
            separator=self.settings.separator or mapping.separator,
            decimal=self.settings.decimal or (section.decimal if section else ""),
            payment_methods=methods,
        )

    def _listed_clients(self, pattern: Path) -> Iterator[Page[ClientItem]]:
        table, found, reader = self._open("clients", pattern)
        share = BadShare(self.settings.max_bad_share, reader.file)
        items: list[ClientItem] = []
        seen: dict[str, int] = {}
        for item in found.layout.read(table.rows(found.layout.width)):
            if isinstance(item, Entry):
                record = reader.client(item)
                if isinstance(record, ClientRecord):
                    first = seen.setdefault(record.code, item.row)
                    if first != item.row:
                        record = reader.unreadable(
                            item.row, [_doubled(record.code, first)], item.raw
                        )
                share.add(record)
                items.append(record)
            elif isinstance(item, Broken):
                share.add(bad := reader.broken(item))
                items.append(bad)
            if len(items) == PAGE:
                yield Page(items=tuple(items))
                items = []
        share.refuse_if_too_many()
        refuse_if_rewritten(table)
        yield Page(items=tuple(items), complete=self.settings.read == "full")

    def _clients_of_ledger(self) -> Iterator[Page[ClientItem]]:
        table, found, reader = self._open("ledger", self.settings.installments)
        clients: dict[str, ClientRecord] = {}
        for item in found.layout.read(table.rows(found.layout.width)):
            if isinstance(item, Entry) and (client := reader.debtor(item)) is not None:
                clients.setdefault(client.code, client)
        records = tuple(clients.values())
        for start in range(0, len(records), PAGE):
            yield Page(items=records[start : start + PAGE])

    def _people(self, pattern: Path | None) -> Iterator[Page[PersonRecord]]:
        if pattern is None:
            return
        table, found, reader = self._open("people", pattern)
        people = (
            reader.person(item)
            for item in found.layout.read(table.rows(found.layout.width))
            if isinstance(item, Entry)
        )
        good = {p.code: p for p in people if isinstance(p, PersonRecord)}
        yield Page(items=tuple(good.values()), complete=True)


def newest(pattern: Path) -> Path:
    """The path itself, or the file with the last name if its name holds a `*`.

    Raises TemporaryError if no file matches.
    """
    if "*" not in pattern.name:
        return pattern
    matching = sorted(pattern.parent.glob(pattern.name))
    if not matching:
        raise TemporaryError(f"no file matches {pattern}; has the export run?")
    return matching[-1]


def _refuse_cursor(since: Cursor | None) -> None:
    """Files have no memory: every pull reads them whole, so no cursor is ever handed out."""
    if since is not None:
        raise CursorExpiredError("a file is always read whole")


def _positive(section: Section | None) -> bool:
    return section is not None and section.credit_notes == "positive"


def _doubled(code: str, first: int) -> Problem:
    return Problem(
        code="duplicate_key", field="code", message=f"client {code} is already in row {first}"
    )
