"""Write small ledgers and read them through the connector, as the hub would."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl

from incasso.api import (
    CallContext,
    ClientRecord,
    Gone,
    InstallmentItem,
    InstallmentRecord,
    Page,
    Unreadable,
)
from incasso_csv.connector import CsvConnector
from incasso_csv.settings import CsvSettings

ON = date(2026, 11, 2)
HEAD = (
    "key,client,document_kind,document_number,document_date,installment_number,due_date,amount,"
    "residual,currency,payment_method,unpaid_on,presented_on,agent,depot,area,notes"
)


class NoHttp:
    """A file connector asks nobody."""

    def request(self, method: str, url: str, **_: Any) -> Any:
        """Refuse."""
        raise AssertionError(f"{method} {url}: a file connector calls nobody")


def context() -> CallContext:
    """What the hub would pass."""
    return CallContext(
        instance_id="acme",
        idempotency_key="k",
        attempt=1,
        deadline=datetime(2026, 11, 2, 9, tzinfo=UTC),
        dry_run=False,
        http=NoHttp(),
        log=logging.getLogger("csv"),
        now=lambda: datetime(2026, 11, 2, 8, tzinfo=UTC),
        on=ON,
    )


@dataclass
class Stored:
    """What the hub already holds: the fingerprints of an earlier reading."""

    held: dict[str, bytes] = field(default_factory=dict)
    asked: int = 0

    def fingerprints(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        """The known ones among the keys."""
        self.asked += len(keys)
        return {key: self.held[key] for key in keys if key in self.held}

    def recognise(self, fingerprints: Sequence[bytes]) -> Sequence[bool]:
        """None: every row is asked for by its key."""
        return [False] * len(fingerprints)

    def take(self, records: Sequence[InstallmentRecord]) -> None:
        """Keep what a reading brought."""
        self.held.update({record.key: record.fingerprint for record in records})


@dataclass
class Reading:
    """Everything one pull brought."""

    pages: list[Page[InstallmentItem]]

    @property
    def records(self) -> list[InstallmentRecord]:
        """The open items."""
        return [i for page in self.pages for i in page.items if isinstance(i, InstallmentRecord)]

    @property
    def bad(self) -> list[Unreadable]:
        """The rows for quarantine."""
        return [i for page in self.pages for i in page.items if isinstance(i, Unreadable)]

    @property
    def unchanged(self) -> list[str]:
        """Keys that were only named."""
        return [key for page in self.pages for key in page.unchanged]

    @property
    def complete(self) -> bool:
        """Whether absences mean something; only the last page may say so."""
        assert not any(page.complete for page in self.pages[:-1])
        return self.pages[-1].complete

    @property
    def sums(self) -> dict[str, tuple[int, Decimal]]:
        """Per currency: how many items are open and their residual."""
        still_open = [record for record in self.records if record.residual]
        count = Counter(record.currency for record in still_open)
        return {
            currency: (
                count[currency],
                sum((r.residual for r in still_open if r.currency == currency), Decimal(0)),
            )
            for currency in count
        }

    @property
    def complaints(self) -> list[tuple[int | None, str, str]]:
        """Row, field and code of every bad row's first problem."""
        return [(b.row, b.problems[0].field, b.problems[0].code) for b in self.bad]

    def one(self, number: str) -> InstallmentRecord:
        """The only record with that document number."""
        (record,) = (r for r in self.records if r.document_number == number)
        return record


def connector(path: Path, **settings: Any) -> CsvConnector:
    """The connector for one ledger file."""
    return CsvConnector(CsvSettings(installments=path, **settings))


def pull(source: CsvConnector, known: Stored | None = None) -> Reading:
    """Read the open items."""
    return Reading(list(source.erp_pull_installments(None, known or Stored(), context())))


def read(path: Path, known: Stored | None = None, **settings: Any) -> Reading:
    """Read the open items of one file."""
    return pull(connector(path, **settings), known)


def clients_of(path: Path, **settings: Any) -> dict[str, ClientRecord]:
    """The clients that a source tells of, by code."""
    pages = connector(path, **settings).erp_pull_clients(None, Stored(), context())
    items = [item for page in pages for item in page.items]
    assert not any(isinstance(item, Gone | Unreadable) for item in items)
    return {item.code: item for item in items if isinstance(item, ClientRecord)}


def text(path: Path, content: str, encoding: str = "utf-8") -> Path:
    """Write a text file, without the blank line that triple quotes begin with."""
    path.write_bytes(content.removeprefix("\n").encode(encoding))
    return path


def sheet(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    """Write a workbook with one sheet."""
    book = openpyxl.Workbook()
    table = book.active
    assert table is not None
    for row in rows:
        table.append(list(row))
    book.save(path)
    return path


def as_sheet(path: Path, content: str, separator: str = ";") -> Path:
    """The same text table as a workbook of text cells."""
    lines = content.removeprefix("\n").splitlines()
    return sheet(path, [[cell or None for cell in line.split(separator)] for line in lines])
