"""The fast reading of text files with a key column: unchanged rows are recognised unparsed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import msgspec
import xxhash

from incasso.api import ControlTotals, InstallmentItem, InstallmentRecord, Known, Page, Unreadable
from incasso_csv.files.lines import Block, blocks, split, text_row
from incasso_csv.files.shape import chunks, digest_of
from incasso_csv.files.tables import Row, SheetTable, TextTable
from incasso_csv.layouts.detect import Found
from incasso_csv.layouts.entries import Broken, Entry
from incasso_csv.layouts.flat import Flat, is_supplier
from incasso_csv.layouts.unclaimed import passed_over, suppliers_passed_over
from incasso_csv.reading.ledger import BadShare, refuse_if_rewritten
from incasso_csv.records.keys import NO_KEY
from incasso_csv.records.plain import PlainReader
from incasso_csv.records.recognised import NamedRows
from incasso_csv.records.record import RecordReader
from incasso_csv.records.refused_credits import credits_refused
from incasso_csv.settings import CsvSettings

_TOTAL_WORDS: Final = (b"tot", b"saldo", b"riport")
_BEFORE_TOTALS: Final = frozenset({b"", b"sub", b"grand", b"a"})


@dataclass
class KeyedLedger:
    """A file whose rows have a key column and can be read independently.

    Memory stays flat. A key that occurs twice is passed on twice: only the hub can distinguish a
    repetition from a contradiction.
    """

    table: TextTable
    layout: Flat
    found: Found
    reader: RecordReader
    settings: CsvSettings
    suppliers: int = 0
    """Rows of suppliers that were passed over in the last reading."""

    def __post_init__(self) -> None:
        heading, shape = self.layout.heading, self.table.shape
        self._rows = replace(self.layout, first_data=0)
        self._named = NamedRows(self.table, self.layout, "key", self.found.seed)
        usual = not (self.reader.positive_credit_notes or self.settings.client_accounts)
        suits = usual and PlainReader.suits(heading)
        self._plain = PlainReader(heading, shape.separator, self.settings) if suits else None

    def pages(self, known: Known | None, size: int) -> Iterator[Page[InstallmentItem]]:
        """The ledger in pages; the last one is complete if everything was read."""
        share = BadShare(self.settings.max_bad_share, self.reader.file)
        self.suppliers = 0
        self.reader.refused_credits.clear()
        for block in self._named.blocks(size):
            yield self._page(block, known, share)
        share.refuse_if_too_many()
        mark = digest_of(self.table.path, self.found.seed)
        refuse_if_rewritten(self.table)
        yield Page(
            complete=self.settings.read == "full" and share.good > 0,
            file=self.reader.file,
            mark=mark,
            warnings=(
                *passed_over(self.found.unclaimed, self.reader.file),
                *suppliers_passed_over(self.suppliers, self.reader.file),
                *credits_refused(self.reader.refused_credits, self.reader.file),
            ),
        )

    def control_totals(self) -> ControlTotals:
        """None: a file that states totals is read the other way."""
        return ControlTotals()

    def keys(self, rows: Sequence[bytes]) -> list[str]:
        """The key cell of each row; empty where there is none."""
        return self._named.keys(rows)

    def _page(self, block: Block, known: Known | None, share: BadShare) -> Page[InstallmentItem]:
        fresh, unchanged, recognised = self._named.sift(block, known)
        items: list[InstallmentItem] = []
        rows: list[int] = []
        for number, line, fingerprint in fresh:
            item = self.item(number, line, fingerprint)
            if item is not None:
                items.append(item)
                rows.append(number)
        share.add_all(items)
        share.good += len(unchanged) + recognised
        return Page(
            items=tuple(items), unchanged=tuple(unchanged), file=self.reader.file, rows=tuple(rows)
        )

    def item(
        self, number: int, line: bytes, fingerprint: bytes
    ) -> InstallmentRecord | Unreadable | None:
        """The result of one row: a record, a problem, nothing if it is blank or a heading."""
        text = text_row(line, self.table.shape)
        if self._plain is not None and (record := self._plain.read(text, fingerprint)) is not None:
            return record
        row = Row(number, split(text, self.table.shape.separator), text)
        item = next(self._rows.read([row]), None)
        if isinstance(item, Broken):
            return self.reader.broken(item)
        if not isinstance(item, Entry):
            return None
        if is_supplier(item.fields, self.settings.client_accounts):
            self.suppliers += 1
            return None
        judged = self.reader.installment(item)
        if isinstance(judged, Unreadable):
            self.reader.note_refused(item)
            return judged
        if not judged.key:
            return self.reader.unreadable(number, [NO_KEY], text)
        return msgspec.structs.replace(judged, fingerprint=fingerprint)

    def fingerprint(self, line: bytes) -> bytes:
        """The digest of a row under the present rules."""
        return xxhash.xxh3_128_digest(line, self.found.seed)

    def offsets(self) -> Iterator[tuple[str, int]]:
        """Each row's key and the byte at which it begins."""
        offset = self.table.shape.start
        for _, lines in blocks(self.table.path, self.table.shape, self.layout.width):
            for key, line in zip(self.keys(lines), lines, strict=True):
                yield key, offset
                offset += len(line) + 1


def by_key(
    table: TextTable | SheetTable, found: Found, reader: RecordReader, settings: CsvSettings
) -> KeyedLedger | None:
    """The fast reading, if every row can be judged alone: columns for key and client's code, no
    totals to verify."""
    layout = found.layout
    if not (isinstance(table, TextTable) and table.shape.single_bytes and isinstance(layout, Flat)):
        return None
    simple = not (layout.carries or layout.widths or layout.constants)
    if not {"key", "client"} <= layout.heading.columns.keys() or not simple:
        return None
    if any(_has_total_row(text.lower()) for text in _whole_lines(table)):
        return None
    return KeyedLedger(table, layout, found, reader, settings)


def _has_total_row(text: bytes) -> bool:
    """Whether a row begins with a word for a total; a plain search, as the whole file is read."""
    for word in _TOTAL_WORDS:
        at = text.find(word)
        while at >= 0:
            before = text[text.rfind(b"\n", 0, at) + 1 : at].strip(b" \t*\"'=,;|")
            if before in _BEFORE_TOTALS:
                return True
            at = text.find(word, at + 1)
    return False


def _whole_lines(table: TextTable) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks(table.path, table.shape.start):
        head, newline, tail = (rest + chunk).rpartition(b"\n")
        yield head + newline
        rest = tail
    yield rest
