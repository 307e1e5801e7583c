"""The quarantine: rows that were refused, each kept once until the same record arrives well."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.ledger.states import RecordKind
from incasso.store.records import columns_of
from incasso.store.tables.ledger import quarantine


class Refusal(msgspec.Struct, frozen=True):
    """One row that is not believed: what, where, why, and the cure."""

    record: RecordKind
    key: str = ""
    file: str = ""
    row: int | None = None
    field: str = ""
    code: str = ""
    problem: str = ""
    hint: str = ""
    raw: str = ""

    def identity(self) -> tuple[str, ...]:
        """The same problem of the same record, wherever it is in today's file."""
        return (self.record, self.key or self.raw, self.file, self.field, self.code, self.problem)


class _Entry(msgspec.Struct, frozen=True):
    """A refusal that waits in the quarantine."""

    id: int
    run_id: int
    refusal: Refusal


def keep(
    connection: Connection, source_id: int, run_id: int, refusals: Sequence[Refusal]
) -> set[int]:
    """Write the refused rows; one that is in quarantine already stays as it is.

    Gives the ids of the entries this read spoke of, so that the others may be resolved.
    """
    waiting = {entry.refusal.identity(): entry for entry in _open(connection, source_id)}
    fresh, spoken = [], set()
    for refusal in {refusal.identity(): refusal for refusal in refusals}.values():
        entry = waiting.get(refusal.identity())
        if entry is None:
            fresh.append(
                {"source_id": source_id, "run_id": run_id, **msgspec.structs.asdict(refusal)}
            )
            continue
        spoken.add(entry.id)
        if entry.refusal.row != refusal.row:
            moved = sa.update(quarantine).where(quarantine.c.id == entry.id)
            connection.execute(moved.values(row=refusal.row))
    if fresh:
        connection.execute(sa.insert(quarantine), fresh)
    return spoken


def resolve(
    connection: Connection,
    source_id: int,
    run_id: int,
    *,
    spoken: set[int],
    arrived: Callable[[Refusal], bool],
) -> int:
    """Close the entries whose record arrived well, or is no longer there; gives the number.

    `spoken` are the ids that `keep` gave back; entries of this run are left alone too.
    """
    resolved = [
        {"entry": entry.id}
        for entry in _open(connection, source_id)
        if entry.id not in spoken and entry.run_id != run_id and arrived(entry.refusal)
    ]
    if resolved:
        connection.execute(
            sa.update(quarantine)
            .where(quarantine.c.id == sa.bindparam("entry"))
            .values(resolved_run_id=run_id),
            resolved,
        )
    return len(resolved)


def waiting_keys(connection: Connection, source_id: int, record: RecordKind) -> list[str]:
    """Keys of the entries of one kind of record that wait for a good row."""
    query = sa.select(quarantine.c.key).where(
        quarantine.c.source_id == source_id,
        quarantine.c.resolved_run_id.is_(None),
        quarantine.c.record == record,
        quarantine.c.key != "",
    )
    return list(connection.scalars(query))


def _open(connection: Connection, source_id: int) -> list[_Entry]:
    columns = columns_of(Refusal, quarantine)
    query = sa.select(quarantine.c.id, quarantine.c.run_id, *columns).where(
        quarantine.c.source_id == source_id, quarantine.c.resolved_run_id.is_(None)
    )
    return [
        _Entry(entry, run, Refusal(*refusal)) for entry, run, *refusal in connection.execute(query)
    ]
