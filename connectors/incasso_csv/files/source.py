"""Opens one configured file: finds today's file, its layout and the rules to read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from incasso.api import TemporaryError, text
from incasso_csv.files.tables import SheetTable, TextTable, open_table
from incasso_csv.layouts.detect import Found, Kind, detect
from incasso_csv.layouts.entries import Item
from incasso_csv.layouts.mapping import Mapping, Section, load_mapping
from incasso_csv.reading.keyed import KeyedLedger, by_key
from incasso_csv.reading.ledger import Ledger
from incasso_csv.records.record import RecordReader
from incasso_csv.settings import CsvSettings


@dataclass(frozen=True)
class Opened:
    """One file with its layout detected, its rows not yet read."""

    table: TextTable | SheetTable
    found: Found
    reader: RecordReader
    settings: CsvSettings

    def rows(self) -> Iterator[Item]:
        """What the layout makes of every row."""
        return self.found.layout.read(self.table.rows(self.found.layout.width))

    def ledger(self) -> Ledger | KeyedLedger:
        """The open items, by the fast reading if the file allows it."""
        parts = (self.table, self.found, self.reader, self.settings)
        return by_key(*parts) or Ledger(*parts)


def open_file(settings: CsvSettings, kind: Kind, pattern: Path, on: date) -> Opened:
    """`on` is the day of reading.

    Raises TemporaryError for a file that is missing, empty, cut or being written, and
    ConfigurationError for one with an unknown layout."""
    mapping = load_mapping(settings.mapping) if settings.mapping else Mapping()
    section = {"ledger": mapping.installments, "clients": mapping.clients}.get(kind)
    path = newest(pattern)
    settings = completed(settings, mapping, section)
    table = open_table(path, settings)
    found = detect(table, kind, section, settings)
    table.refuse_if_cut(found.layout.width)
    positive = section is not None and section.credit_notes == "positive"
    reader = RecordReader(settings, path.name, found.marks, positive, on=on)
    return Opened(table, found, reader, settings)


def completed(settings: CsvSettings, mapping: Mapping, section: Section | None) -> CsvSettings:
    """The settings with the mapping's additions; where both set a value, the settings win."""
    methods = {**(section.payment_methods if section else {}), **settings.payment_methods}
    return replace(
        settings,
        encoding=settings.encoding or mapping.encoding,
        separator=settings.separator or mapping.separator,
        decimal=settings.decimal or (section.decimal if section else ""),
        payment_methods=methods,
    )


def newest(pattern: Path) -> Path:
    """The path itself, or the file with the last name if its name holds a `*`.

    Raises TemporaryError if no file matches.
    """
    if "*" not in pattern.name:
        return pattern
    matching = sorted(pattern.parent.glob(pattern.name))
    if not matching:
        raise TemporaryError(
            text("no file matches {pattern}; has the export run?", pattern=pattern)
        )
    return matching[-1]
