"""The quarantine: rows that were refused, each kept once until the same record arrives well."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.store.tables.ledger import quarantine


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """One row that is not believed: what, where, why, and the cure."""

    record: str
    """client, installment, person or file."""
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


def keep(
    connection: Connection, source_id: int, run_id: int, refusals: Sequence[Refusal]
) -> set[int]:
    """Write the refused rows; one that is in quarantine already stays as it is.

    Gives the ids of the entries this read spoke of, so that the others may be resolved.
    """
    waiting = {refusal.identity(): entry for entry, refusal in _open(connection, source_id)}
    fresh, spoken = [], set()
    for refusal in {refusal.identity(): refusal for refusal in refusals}.values():
        entry = waiting.get(refusal.identity())
        if entry is None:
            fresh.append(
                {"source_id": source_id, "run_id": run_id, **msgspec.structs.asdict(refusal)}
            )
            continue
        spoken.add(entry.id)
        if entry.row != refusal.row:
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
        for entry, refusal in _open(connection, source_id)
        if entry.id not in spoken and entry.run_id != run_id and arrived(refusal)
    ]
    if resolved:
        connection.execute(
            sa.update(quarantine)
            .where(quarantine.c.id == sa.bindparam("entry"))
            .values(resolved_run_id=run_id),
            resolved,
        )
    return len(resolved)


def waiting_keys(connection: Connection, source_id: int, record: str) -> list[str]:
    """Keys of the entries of one kind of record that wait for a good row."""
    query = sa.select(quarantine.c.key).where(
        quarantine.c.source_id == source_id,
        quarantine.c.resolved_run_id.is_(None),
        quarantine.c.record == record,
        quarantine.c.key != "",
    )
    return list(connection.scalars(query))


def _open(connection: Connection, source_id: int) -> list[tuple[sa.Row[Any], Refusal]]:
    query = sa.select(quarantine).where(
        quarantine.c.source_id == source_id, quarantine.c.resolved_run_id.is_(None)
    )
    return [
        (row, Refusal(**{name: getattr(row, name) for name in Refusal.__struct_fields__}))
        for row in connection.execute(query)
    ]
