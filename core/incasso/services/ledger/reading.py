"""Take the pages of a pull: keep what differs, refuse what is not believable, mark who was seen."""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array
from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import compress
from operator import not_
from typing import Any, Final, Generic, TypeVar

import msgspec
from sqlalchemy import Connection, Table

from incasso.contract.errors import PluginCrashError, RejectedError
from incasso.contract.ledger import ClientRecord, Gone, InstallmentRecord, Unreadable
from incasso.contract.text import in_a_row, text
from incasso.contract.values import Page, Problem
from incasso.domain.fault import Fault
from incasso.domain.ledger.intake import client_problem, installment_problem
from incasso.domain.ledger.states import RecordKind
from incasso.locale.labels import RECORDS
from incasso.locale.problems import problem_of
from incasso.services.ledger.address_checks import has_faults
from incasso.services.ledger.rows import fingerprint
from incasso.store.bulk import Values, load, scratch
from incasso.store.ledger.known import KnownRow, KnownRows
from incasso.store.ledger.quarantine import Refusal
from incasso.store.ledger.staged_rows import Staged, client_values, installment_values
from incasso.store.ledger.staging import (
    absent_clients,
    gone_installments,
    read_columns,
    rows_read,
    staged_clients,
    staged_installments,
)
from incasso.store.tables.ledger import clients, installments

R = TypeVar("R", ClientRecord, InstallmentRecord)

SHOWN: Final = 10_000
"""Refused rows kept with their words; beyond it the file is wrong, not its rows."""

WARNINGS: Final = 20
"""Remarks of a connector that one sync repeats."""

_FLUSH: Final = 5_000

_NO_RECORD: Final = (Gone, Unreadable)


CHECKED: Final = 500
"""A day's changes are fewer; of a first read, which brings everybody, checking all would take as
long as reading them, and `incasso client-problems` lists them all the same."""


class Reading(ABC, Generic[R]):
    """One pull of one kind of record, on its way into the staging tables."""

    record: RecordKind
    key_column: str
    ledger: Table
    table: Table
    gone_table: Table

    def __init__(
        self, connection: Connection, known: KnownRows, on: date, own_currency: str
    ) -> None:
        self.known = known
        self.rows = 0
        self.unchanged = 0
        self.refused = 0
        self.refusals: list[Refusal] = []
        self.nameless = 0
        """Refused rows without a key: any absent record may be one of them."""
        self.repeated: Counter[str] = Counter()
        self.merged: dict[str, str] = {}
        """Keys that the ERP says are gone into others."""
        self.complete = False
        self.full = False
        """Complete, and read from the beginning: every record spoke for itself."""
        self.whole = False
        """Everything was read, though perhaps not all of it is believed."""
        self.cursor: str | None = None
        self.mark = ""
        """The state of the source that was read; empty if the source is live."""
        self.warnings: list[Problem] = []
        self._connection = connection
        self._on = on
        self._own = own_currency
        self._columns = read_columns(self.table)
        self._sequence = 0
        self._staged: list[Staged[R]] = []
        self._gone: list[tuple[int]] = []
        self._told_gone: set[int] = set()
        self._spared = array("q")

    @property
    def present(self) -> int:
        """Rows the pull brought, the refused ones included."""
        return self.rows

    def take(self, page: Page[Any]) -> None:
        """One page. `complete`, `cursor` and `mark` of the last page are the pull's."""
        self._unchanged(page.unchanged)
        self._items(page)
        self._recognised()
        self.complete, self.cursor, self.mark = page.complete, page.cursor, page.mark[:128]
        self.warnings.extend(page.warnings[: WARNINGS - len(self.warnings)])
        self.refuse_doubled(len(self.repeated))
        if len(self._staged) >= _FLUSH or self.known.read.is_full:
            self.flush()

    def end(self) -> None:
        """The pull is over: what was refused or declared gone is not absent."""
        self.flush(at_end=True)
        for row_id in self._spared:
            self.known.seen.mark(row_id)

    def flush(self, *, at_end: bool = False) -> None:
        """Put what waits into the staging tables."""
        with scratch(self._connection):
            rows = [self.values(staged) for staged in self._staged]
            load(self._connection, self.table, self._columns, rows)
            load(self._connection, self.gone_table, [self.gone_table.c.id], self._gone)
            parts = self.known.read.parts(at_end=at_end)
            named = [(self.record.value, at, part[0], part[1]) for at, part in parts]
            load(self._connection, rows_read, read_columns(rows_read), named)
        self._staged.clear()
        self._gone.clear()

    def refuse(self, refusal: Refusal, row: KnownRow | None = None) -> None:
        """Count a row that is not believed, and keep its words while there are not too many.

        The ledger's row of the same key stays as it was: it is not absent.
        """
        self.refused += 1
        if row is not None:
            self._spared.append(row[1])
        self.nameless += not refusal.key
        if len(self.refusals) < SHOWN:
            self.refusals.append(refusal)

    def refuse_doubled(self, keys: int) -> None:
        """An export written twice over is wrong as a whole. Raises RejectedError."""
        if keys > SHOWN:
            raise RejectedError(
                text(
                    "more than {shown} rows ({record}) are there more than once; the export seems "
                    "to have been written twice",
                    shown=SHOWN,
                    record=RECORDS[self.record],
                )
            )

    @abstractmethod
    def key(self, record: R) -> str:
        """What names the record in its source."""

    @abstractmethod
    def fault(self, record: R) -> Fault | None:
        """Why it is not believable, or None."""

    @abstractmethod
    def values(self, staged: Staged[R]) -> Values:
        """Its row of the staging table."""

    def _unchanged(self, keys: Sequence[str]) -> None:
        if not keys:
            return
        self.rows += len(keys)
        self.unchanged += len(keys)
        known = self.known.rows(keys)
        try:
            ids = [known[key][1] for key in keys]
        except KeyError as error:
            raise PluginCrashError(
                text("{key!r} is said to be unchanged, but the hub never had it", key=error.args[0])
            ) from None
        prints = [known[key][2] for key in keys]
        if self.known.seen.mark_new(ids):
            self.known.read.add(prints, ids)
            return
        fresh = list(map(self.known.seen.mark, ids))
        self.known.read.add_some(prints, ids, fresh)
        self.repeated.update(compress(keys, map(not_, fresh)))

    def _recognised(self) -> None:
        """What was recognised by its digest is neither in a page nor looked up."""
        number = self.known.take_recognised()
        self.rows += number
        self.unchanged += number

    def _items(self, page: Page[Any]) -> None:
        items: Sequence[Any] = page.items
        places: Sequence[int | None] = page.rows or [None] * len(items)
        others = self._not_recognised(items)
        if others is not None:
            items, places = list(compress(items, others)), list(compress(places, others))
        if not items:
            return
        names = [self._name(item) for item in items]
        known = self.known.rows([name for name in names if name])
        self.rows += len(names)
        for item, name, place in zip(items, names, places, strict=True):
            row = known.get(name)
            if isinstance(item, Unreadable):
                self.refuse(unreadable(self.record, item), row)
            elif isinstance(item, Gone):
                self.rows -= 1
                if item.merged_into:
                    self.merged[name] = item.merged_into
                if row is not None and row[1] not in self._told_gone:
                    self._told_gone.add(row[1])
                    self._gone.append((row[1],))
                    self._spared.append(row[1])
            else:
                self._record(item, row, page.file, place)

    def _not_recognised(self, items: Sequence[Any]) -> list[bool] | None:
        """The hub's own digests cover the key, so they may be recognised; None: there are none."""
        prints = [
            b"" if isinstance(item, _NO_RECORD) or item.fingerprint else fingerprint(item)
            for item in items
        ]
        return list(map(not_, self.known.recognise(prints))) if any(prints) else None

    def _record(self, record: R, row: KnownRow | None, file: str, place: int | None) -> None:
        print_: bytes = fingerprint(record)
        same = row is not None and row[2] == print_ != b""
        if not same and (wrong := self.fault(record)):
            self.refuse(refused(self.record, self.key(record), wrong, record, file, place), row)
            return
        fresh = row is None or self.known.seen.mark(row[1])
        if row is not None and not fresh:
            self.repeated[row[0]] += 1
        if row is not None and same:
            self.unchanged += 1
            if fresh:
                self.known.read.add((print_,), (row[1],))
            return
        row_id = None if row is None else row[1]
        self._sequence += 1
        self._staged.append(Staged(self._sequence, row_id, record, print_, file, place))
        self.known.read.add_staged(print_, self._sequence)

    def _name(self, item: R | Gone | Unreadable) -> str:
        return item.external_id if isinstance(item, _NO_RECORD) else self.key(item)


class ClientReading(Reading[ClientRecord]):
    """The pull of clients."""

    record = RecordKind.CLIENT
    key_column = "code"
    ledger = clients
    table = staged_clients
    gone_table = absent_clients
    checked = 0
    """New and changed clients whose addresses were looked at: the first `CHECKED` of a read."""
    doubtful = 0
    """Those of them that have an address or number that cannot be right."""

    def key(self, record: ClientRecord) -> str:
        """Its code."""
        return record.code

    def fault(self, record: ClientRecord) -> Fault | None:
        """By the domain's rules."""
        return client_problem(record, self._own)

    def values(self, staged: Staged[ClientRecord]) -> Values:
        """In the order of the table."""
        if self.checked < CHECKED:
            self.checked += 1
            self.doubtful += has_faults(staged.record)
        return client_values(staged, self._own)


class InstallmentReading(Reading[InstallmentRecord]):
    """The pull of installments."""

    record = RecordKind.INSTALLMENT
    key_column = "key"
    ledger = installments
    table = staged_installments
    gone_table = gone_installments

    def key(self, record: InstallmentRecord) -> str:
        """The ERP's key."""
        return record.key

    def fault(self, record: InstallmentRecord) -> Fault | None:
        """By the domain's rules."""
        return installment_problem(record, self._on, self._own)

    def values(self, staged: Staged[InstallmentRecord]) -> Values:
        """In the order of the table."""
        return installment_values(staged, self._own)


def unreadable(record: RecordKind, item: Unreadable) -> Refusal:
    """What a connector could not read, as a quarantine entry: the first problem, then the rest."""
    first = (
        item.problems[0]
        if item.problems
        else Problem(code="unreadable", message=text("unreadable"))
    )
    return Refusal(
        record=record,
        key=item.external_id,
        file=item.file,
        row=item.row,
        field=first.field,
        code=first.code,
        problem=in_a_row(problem.message for problem in item.problems) or first.message,
        hint=first.hint,
        raw=printable(item.raw),
    )


def refused(
    kind: RecordKind, key: str, wrong: Fault, record: Any, file: str = "", row: int | None = None
) -> Refusal:
    """A record that reads well and cannot be true, as a quarantine entry."""
    problem = problem_of(wrong)
    return Refusal(
        record=kind,
        key=printable(key[:200]),
        file=file,
        row=row,
        field=problem.field,
        code=problem.code,
        problem=printable(problem.message),
        hint=problem.hint,
        raw=printable(_shown(record)),
    )


def _shown(record: msgspec.Struct) -> str:
    values = msgspec.structs.asdict(record)
    return "; ".join(f"{name}={str(value)[:200]}" for name, value in values.items() if value)


def printable(words: str) -> str:
    """At most 2,000 characters that every database keeps."""
    encoded = words[:2000].encode("utf-8", "replace")
    kept = encoded.decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
    return words if kept == words else kept  # a Text that is printable stays one
