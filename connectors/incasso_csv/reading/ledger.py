"""Read a ledger of any layout as a stream of pages, verifying totals and counting bad rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import msgspec
import xxhash

from incasso.api import (
    ConfigurationError,
    ControlTotals,
    InstallmentItem,
    InstallmentRecord,
    Known,
    Page,
    TemporaryError,
    Unreadable,
    text,
)
from incasso_csv.files.shape import digest_of, stamp_of
from incasso_csv.files.tables import SheetTable, TextTable
from incasso_csv.layouts.detect import Found
from incasso_csv.layouts.entries import Broken, Entry, Total
from incasso_csv.layouts.flat import Flat, is_supplier
from incasso_csv.layouts.unclaimed import passed_over, suppliers_passed_over
from incasso_csv.reading.totals import TotalsCheck
from incasso_csv.records.identities import Identities
from incasso_csv.records.keys import NO_KEY, DerivedKeys
from incasso_csv.records.record import RecordReader, is_undated
from incasso_csv.records.refused_credits import credits_refused
from incasso_csv.settings import CsvSettings

_ENOUGH_TO_JUDGE = 50


@dataclass
class BadShare:
    """Counts rows, so that a file with too many bad ones is refused as a whole."""

    limit: Decimal
    file: str
    good: int = 0
    bad: int = 0
    first: Unreadable | None = None

    def add(self, item: object) -> None:
        """Count one row. Total rows are not counted."""
        if isinstance(item, Unreadable):
            self.bad += 1
            self.first = self.first or item
        else:
            self.good += 1

    def add_all(self, items: Sequence[object]) -> None:
        """Count the rows of a page."""
        for item in items:
            if isinstance(item, Unreadable):
                self.add(item)
        self.good += sum(isinstance(item, InstallmentRecord) for item in items)

    def refuse_if_too_many(self) -> None:
        """Raise ConfigurationError if more rows are bad than the settings allow.

        With fewer than 50 bad rows only a file without any good row is refused.
        """
        rows = self.good + self.bad
        too_many = self.bad > self.limit * rows and self.bad >= _ENOUGH_TO_JUDGE
        if not self.first or (self.good and not too_many):
            return
        problem = self.first.problems[0]
        raise ConfigurationError(
            (
                msgspec.structs.replace(
                    problem,
                    code="too_many_bad_rows",
                    message=text(
                        "{bad} of {rows} rows of {file} cannot be read, so nothing was changed; "
                        "row {row}: {message}",
                        bad=self.bad,
                        rows=rows,
                        file=self.file,
                        row=self.first.row,
                        message=problem.message,
                    ),
                    hint=problem.hint or text("check the layout, the mapping, or max_bad_share"),
                ),
            )
        )


@dataclass
class Ledger:
    """One reading of the open items, whatever the layout."""

    table: TextTable | SheetTable
    found: Found
    reader: RecordReader
    settings: CsvSettings
    totals: TotalsCheck = field(init=False)
    _clients: Identities | None = field(init=False, default=None)
    sound: bool = True
    """No stated total contradicts the rows."""
    suppliers: int = 0
    """Rows of suppliers that were passed over in the last reading."""

    def __post_init__(self) -> None:
        self.totals = TotalsCheck(self.found.marks)
        layout = self.found.layout
        self._keyed = isinstance(layout, Flat) and "key" in layout.heading.columns

    def items(self) -> Iterator[tuple[int, InstallmentRecord | Unreadable]]:
        """Row numbers and records with keys and fingerprints, bad rows in their place."""
        keys = DerivedKeys()
        self._clients = self._identities()
        self.suppliers = 0
        self.reader.refused_credits.clear()
        width = self.found.layout.width
        for item in self.found.layout.read(self.table.rows(width)):
            if isinstance(item, Entry):
                if is_supplier(item.fields, self.settings.client_accounts):
                    self._leave_out(item)
                else:
                    yield item.row, self._record(item, keys)
            elif isinstance(item, Broken):
                yield item.row, self.reader.broken(item)
            elif (complaint := self._verified(item)) is not None:
                yield item.row, complaint

    def _record(self, entry: Entry, keys: DerivedKeys) -> InstallmentRecord | Unreadable:
        record = self.reader.installment(entry)
        if isinstance(record, Unreadable):
            self.reader.note_refused(entry)
            return record
        digest = xxhash.xxh3_128_digest(entry.raw.encode("utf-8", "surrogatepass"), self.found.seed)
        key = record.key or keys.key(record, digest, dated=not is_undated(entry.fields))
        if self._keyed and not record.key:
            return self.reader.unreadable(entry.row, [NO_KEY], entry.raw)
        if self._clients and (uncertain := self._clients.problem(entry.fields)):
            return self.reader.unreadable(entry.row, [uncertain], entry.raw, key)
        self.totals.add(record)
        return msgspec.structs.replace(record, key=key, fingerprint=digest)

    def _identities(self) -> Identities | None:
        """Who is named in the file, read beforehand; None if a column gives the client's code."""
        if self.found.coded:
            return None
        clients = Identities(self.settings.former_codes)
        for item in self.found.layout.read(self.table.rows(self.found.layout.width)):
            if isinstance(item, Entry) and not is_supplier(
                item.fields, self.settings.client_accounts
            ):
                clients.add(item.fields)
        return clients

    def _leave_out(self, entry: Entry) -> None:
        self.suppliers += 1
        record = self.reader.installment(entry)
        if isinstance(record, InstallmentRecord):
            self.totals.add_supplier(record)

    def control_totals(self) -> ControlTotals:
        """The totals that the rows read so far state."""
        return self.totals.control_totals()

    def _verified(self, total: Total) -> Unreadable | None:
        problem = self.totals.verify(total, self.settings.currency)
        if problem is None:
            return None
        self.sound = False
        return self.reader.wrong_total(total, problem)

    def pages(self, known: Known | None, size: int) -> Iterator[Page[InstallmentItem]]:
        """The ledger in pages; the last one is complete if everything was read and agrees."""
        share = BadShare(self.settings.max_bad_share, self.reader.file)
        batch: list[tuple[int, InstallmentRecord | Unreadable]] = []
        for row, item in self.items():
            share.add(item)
            batch.append((row, item))
            if len(batch) == size:
                yield page_of(batch, known, self.reader.file)
                batch = []
        share.refuse_if_too_many()
        mark = digest_of(self.table.path, self.found.seed)
        refuse_if_rewritten(self.table)
        last = page_of(batch, known, self.reader.file)
        complete = self.settings.read == "full" and self.sound and share.good > 0
        file = self.reader.file
        warnings = (
            *passed_over(self.found.unclaimed, file),
            *suppliers_passed_over(self.suppliers, file),
            *credits_refused(self.reader.refused_credits, file),
        )
        yield msgspec.structs.replace(last, complete=complete, mark=mark, warnings=warnings)


def page_of(
    batch: list[tuple[int, InstallmentRecord | Unreadable]], known: Known | None, file: str
) -> Page[InstallmentItem]:
    """A page; records whose fingerprint the hub knows are named only."""
    keys = [item.key for _, item in batch if isinstance(item, InstallmentRecord)]
    stored = known.fingerprints(keys) if known is not None and keys else {}
    items: list[InstallmentItem] = []
    rows: list[int] = []
    unchanged: list[str] = []
    for row, item in batch:
        if isinstance(item, InstallmentRecord) and stored.get(item.key) == item.fingerprint:
            unchanged.append(item.key)
        else:
            items.append(item)
            rows.append(row)
    return Page(items=tuple(items), unchanged=tuple(unchanged), file=file, rows=tuple(rows))


def refuse_if_rewritten(table: TextTable | SheetTable) -> None:
    """Raises TemporaryError if the file was changed while it was being read."""
    if stamp_of(table.path) != table.stamp:
        raise TemporaryError(
            text(
                "{path} was rewritten while it was being read; it is read again next time",
                path=table.path,
            )
        )
