"""The pulls of a replica: every row once, page by page; what did not change is only named."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Final, TypeVar

from incasso.api import (
    CursorExpiredError,
    Gone,
    InstallmentItem,
    InstallmentRecord,
    Known,
    Page,
    SourceRow,
    SqlClient,
    TemporaryError,
    Unreadable,
    text,
)
from incasso_mexal.cells import CellError, shown
from incasso_mexal.replica.queries import Query, only, rows_of, whole
from incasso_mexal.replica.rows import InstallmentReader, RowState
from incasso_mexal.replica.settings import ReplicaSettings

T = TypeVar("T")
_VERSION: Final = "replica1"
KEYS_AT_ONCE: Final = 100


class Ledger:
    """The open items of one replica, on a day."""

    def __init__(
        self,
        database: SqlClient,
        query: Query,
        reader: InstallmentReader,
        settings: ReplicaSettings,
    ) -> None:
        self._database = database
        self._query = query
        self._reader = reader
        self._settings = settings
        self._newest: datetime | None = None

    def pages(self, since: str | None, known: Known) -> Iterator[Page[InstallmentItem]]:
        """All items, or with a cursor those that changed. Raises CursorExpiredError."""
        instant = None if since is None else self._instant(since)
        statement = whole(self._query, instant)
        for rows in rows_of(self._database, statement, self._settings, self._query.name):
            yield self._page(rows, known)
        yield Page(file=self._query.name, complete=since is None, cursor=self._cursor(since))

    def refreshed(self, keys: Sequence[str]) -> tuple[InstallmentRecord | Gone, ...]:
        """One answer per key, in the order asked; what the query no longer returns is gone.

        Raises TemporaryError for an item that cannot be read any more.
        """
        found: dict[str, InstallmentRecord] = {}
        for start in range(0, len(keys), KEYS_AT_ONCE):
            statement = only(self._query, "key", keys[start : start + KEYS_AT_ONCE])
            for rows in rows_of(self._database, statement, self._settings, self._query.name):
                found.update((record.key, record) for record in map(self._again, rows))
        return tuple(found.get(key) or Gone(external_id=key) for key in keys)

    def source_rows(self, keys: Sequence[str]) -> tuple[SourceRow, ...]:
        """The rows of the query with these keys, by its own columns."""
        found: list[SourceRow] = []
        for start in range(0, len(keys), KEYS_AT_ONCE):
            statement = only(self._query, "key", keys[start : start + KEYS_AT_ONCE])
            for rows in rows_of(self._database, statement, self._settings, self._query.name):
                found += map(self._source_row, rows)
        return tuple(found)

    def _source_row(self, row: Sequence[Any]) -> SourceRow:
        fields = (
            (self._query.spelled[name], str(row[at]).strip())
            for name, at in sorted(self._query.positions.items(), key=lambda each: each[1])
            if row[at] is not None
        )
        key = str(self._query.get(row, "key")).strip()
        filled = tuple(each for each in fields if each[1])
        return SourceRow(external_id=key, where=self._query.name, fields=filled)

    def _again(self, row: Sequence[Any]) -> InstallmentRecord:
        try:
            _, fingerprint = self._reader.named(row)
            return self._reader.record(row, self._reader.judged(row), fingerprint)
        except CellError as error:
            raise TemporaryError(
                text("an open item can no longer be read: {error}", error=str(error))
            ) from None

    def _page(self, rows: Sequence[Sequence[Any]], known: Known) -> Page[InstallmentItem]:
        items: list[InstallmentItem] = []
        unchanged: list[str] = []
        named = [self._named(row) for row in rows]
        held = known.fingerprints([each[0] for each in named if not isinstance(each, Unreadable)])
        for row, each in zip(rows, named, strict=True):
            if isinstance(each, Unreadable):
                items.append(each)
                continue
            key, fingerprint = each
            if held.get(key) == fingerprint:
                unchanged.append(key)
            elif (item := self._item(row, fingerprint, key in held)) is not None:
                items.append(item)
        return Page(file=self._query.name, items=tuple(items), unchanged=tuple(unchanged))

    def _named(self, row: Sequence[Any]) -> tuple[str, bytes] | Unreadable:
        try:
            if self._query.tells_changes:
                at = self._reader.cells.instant(row, "changed_at")
                self._newest = max(filter(None, (self._newest, at)), default=None)
            return self._reader.named(row)
        except CellError as error:
            return unreadable(row, self._query, error)

    def _item(
        self, row: Sequence[Any], fingerprint: bytes, is_known: bool
    ) -> InstallmentItem | None:
        """The record; None for a settled item of old that the hub never saw."""
        try:
            judged = self._reader.judged(row)
            if not is_known and not self._matters(judged):
                return None
            return self._reader.record(row, judged, fingerprint)
        except CellError as error:
            return unreadable(row, self._query, error)

    def _matters(self, judged: RowState) -> bool:
        """Whether an item the hub never saw is reported: old settled ones are not."""
        if not judged.stands.settled:
            return True
        return judged.due >= self._reader.on - timedelta(days=self._settings.lookback_days)

    def _instant(self, cursor: str) -> datetime:
        version, _, rest = cursor.partition("|")
        mapping, _, written = rest.partition("|")
        try:
            if (version, mapping) != (_VERSION, self._mapping) or not self._query.tells_changes:
                raise ValueError(cursor)
            found = datetime.fromisoformat(written)
        except ValueError:
            raise CursorExpiredError(
                text("the query or the settings changed: all is read")
            ) from None
        return found - timedelta(minutes=self._settings.overlap_minutes)

    def _cursor(self, since: str | None) -> str | None:
        """The newest change that was seen, by the ERP's own clock."""
        if not self._query.tells_changes or self._newest is None:
            return since
        written = f"{_VERSION}|{self._mapping}|{self._newest.isoformat()}"
        return max(written, since) if since is not None else written

    @property
    def _mapping(self) -> str:
        written = f"{self._query.sql}|{self._settings.mapping()}"
        return blake2b(written.encode(), digest_size=8).hexdigest()


def pages_of(
    database: SqlClient,
    query: Query,
    settings: ReplicaSettings,
    make: Callable[[Sequence[Any]], T],
) -> Iterator[Page[Any]]:
    """The rows of a query as records; an unreadable one is reported and the rest are read."""
    for rows in rows_of(database, whole(query, None), settings, query.name):
        items: list[Any] = []
        for row in rows:
            try:
                items.append(make(row))
            except CellError as error:
                items.append(unreadable(row, query, error))
        yield Page(file=query.name, items=tuple(items))
    yield Page(file=query.name, complete=True)


def unreadable(row: Sequence[Any], query: Query, error: CellError) -> Unreadable:
    """The row as the office may look it up, with what is wrong with it."""
    named = {field: row[at] for field, at in query.positions.items()}
    key = str(named.get("key") or named.get("code") or "").strip()
    written = "; ".join(
        f"{field} {shown(value)}" for field, value in named.items() if value is not None
    )
    return Unreadable(
        external_id=key[:128], file=query.name, problems=(error.problem,), raw=written[:2000]
    )
