"""What notices tell of: the installments of other steps, as they are now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.recovery.states import StepStatus
from incasso.domain.sending.notices import NoticeKind
from incasso.store.sending import page_reads
from incasso.store.sending.page_reads import StepLine
from incasso.store.sql_ids import among
from incasso.store.tables.ledger import clients
from incasso.store.tables.notices import notice_parts, notices
from incasso.store.tables.recovery import steps
from incasso.store.tables.sending import deliveries

_part: Final = steps.alias("part")


class Part(msgspec.Struct, frozen=True):
    """A step of a client that a notice tells of."""

    notice_id: int
    step_id: int
    client_id: int
    status: StepStatus
    iter_version_id: int
    stage: str
    code: str
    name: str


def lines(connection: Connection, step_ids: Sequence[int]) -> dict[int, list[StepLine]]:
    """`page_reads.lines` of steps among which there may be notices.

    Of a step of which others were told already nothing is taken back: only what was paid is left
    out.
    """
    found = page_reads.lines(connection, step_ids)
    without = [step for step in step_ids if step not in found]
    if not without:
        return found
    of_parts = _of_parts(connection, parts(connection, without))
    for notice, mine in of_parts.items():
        found[notice] = [line for _, lines_ in mine for line in lines_]
    return found


def parts(connection: Connection, notice_ids: Collection[int]) -> list[Part]:
    """The steps that these notices tell of, by notice and client."""
    query = (
        sa.select(
            notice_parts.c.notice_id,
            _part.c.id,
            _part.c.client_id,
            _part.c.status,
            _part.c.iter_version_id,
            _part.c.stage,
            clients.c.code,
            clients.c.name,
        )
        .join(_part, _part.c.id == notice_parts.c.step_id)
        .join(clients, clients.c.id == _part.c.client_id)
        .where(among(connection, notice_parts.c.notice_id, notice_ids))
        .order_by(notice_parts.c.notice_id, clients.c.name, clients.c.code, _part.c.id)
    )
    return [Part(*row) for row in connection.execute(query)]


def by_part(
    connection: Connection, notice_ids: Collection[int]
) -> dict[int, list[tuple[Part, list[StepLine]]]]:
    """The parts of each notice that still say something, with their installments."""
    return _of_parts(connection, parts(connection, notice_ids))


def begun_cases(connection: Connection, step_ids: Collection[int]) -> set[int]:
    """The cases of these notices of which somebody else was told already: they stay where they
    are."""
    told = [each for each in parts(connection, step_ids) if each.status is StepStatus.WORKING]
    found = page_reads.lines(connection, [each.step_id for each in told])
    return {line.case_id for lines_ in found.values() for line in lines_}


def copied(connection: Connection, copies: Collection[int]) -> Mapping[int, list[StepLine]]:
    """Of copies: what the message to the client was about."""
    query = (
        sa.select(notices.c.step_id, deliveries.c.step_id)
        .join(deliveries, deliveries.c.id == notices.c.copy_of)
        .where(notices.c.kind == NoticeKind.COPY)
        .where(among(connection, notices.c.step_id, copies))
    )
    of: dict[int, int] = {row[0]: row[1] for row in connection.execute(query)}
    found = page_reads.lines(connection, list(set(of.values())), leaving=False) if of else {}
    return {copy: found.get(step, []) for copy, step in of.items()}


def _of_parts(
    connection: Connection, told: Sequence[Part]
) -> dict[int, list[tuple[Part, list[StepLine]]]]:
    steps_ = list({each.step_id for each in told})
    found = page_reads.lines(connection, steps_) if steps_ else {}
    of: dict[int, list[tuple[Part, list[StepLine]]]] = defaultdict(list)
    for each in told:
        mine = _still_open(each, found.get(each.step_id, []))
        if mine and each.status in (StepStatus.READY, StepStatus.WORKING):
            of[each.notice_id].append((each, mine))
    return of


def _still_open(part: Part, found: list[StepLine]) -> list[StepLine]:
    if part.status is StepStatus.READY:
        return found
    return [line for line in found if line.residual > 0]
