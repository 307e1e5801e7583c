"""The data of a page of messages, read in a few statements whatever the page's size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.contract.ledger import DocumentKind, PaymentMethod
from incasso.store.ledger.charges import charges_asked
from incasso.store.records import columns_of, records
from incasso.store.tables.ledger import agents, clients, depots, installments, sources
from incasso.store.tables.office import users
from incasso.store.tables.recovery import cases, step_cases, steps


class StepLine(msgspec.Struct, frozen=True):
    """One case of a step with its installment as it is now."""

    step_id: int
    case_id: int
    id: int
    source_id: int
    key: str
    private_stages: Any
    responsible_id: int | None
    operator_id: int | None
    planned: int
    """The residual that the step was planned with."""
    document: str
    document_kind: DocumentKind
    document_number: str
    document_date: date | None
    installment_number: int
    due_date: date
    amount: int
    residual: int
    charges: int
    """Bank charges asked beside it, because it came back."""
    currency: str
    payment_method: PaymentMethod
    unpaid_on: date | None
    bill_number: str
    reminded_on: date | None
    agent: str
    depot: str


class MessageClient(msgspec.Struct, frozen=True):
    """A client with the fields that messages use."""

    id: int
    source_id: int
    code: str
    name: str
    vat: str
    tax_code: str
    is_person: bool
    address: str
    zip: str
    city: str
    province: str
    country: str
    language: str
    email: str
    pec: str
    phone: str
    mobile: str
    fax: str
    contact_person: str
    agent: str
    depot: str
    operator_id: int | None
    responsible_id: int | None


class OurPerson(msgspec.Struct, frozen=True):
    """An agent or a depot."""

    code: str
    name: str
    email: str


class OfficePerson(msgspec.Struct, frozen=True):
    """A person of the office who may work."""

    id: int
    name: str
    email: str


class LastRead(msgspec.Struct, frozen=True):
    """The business day and the instant of a source's last good sync."""

    source: str
    on: date | None
    at: datetime | None


def lines(
    connection: Connection, step_ids: Sequence[int], *, leaving: bool = True
) -> dict[int, list[StepLine]]:
    """Cases and installments of each step as they are now, oldest due date first.

    Those that stand at the step; all that it was made about if not `leaving`: cases do not stand at
    a task outside every iter.
    """
    stands = cases.c.step_id == step_cases.c.step_id if leaving else sa.true()
    columns = columns_of(
        StepLine,
        installments,
        step_id=step_cases.c.step_id,
        case_id=cases.c.id,
        private_stages=cases.c.private_stages,
        responsible_id=cases.c.responsible_id,
        operator_id=cases.c.operator_id,
        planned=step_cases.c.residual,
        charges=charges_asked(installments, sources),
    )
    query = (
        sa.select(*columns)
        .select_from(step_cases)
        .join(cases, cases.c.id == step_cases.c.case_id)
        .join(installments, installments.c.id == cases.c.installment_id)
        .join(sources, sources.c.id == installments.c.source_id)
        .where(step_cases.c.step_id.in_(step_ids), stands)
        .order_by(step_cases.c.step_id, installments.c.due_date, installments.c.id)
    )
    found: dict[int, list[StepLine]] = defaultdict(list)
    for line in records(connection, StepLine, query):
        found[line.step_id].append(line)
    return found


def without_their_stage(connection: Connection, step_ids: Sequence[int]) -> list[int]:
    """The cases in those of the steps that none of their cases gives the words any more."""
    speaks = sa.exists().where(
        _member.c.step_id == steps.c.id,
        _member.c.case_id == _speaker.c.id,
        _member.c.stage == steps.c.stage,
        _speaker.c.iter_version_id == steps.c.iter_version_id,
    )
    query = (
        sa.select(step_cases.c.case_id)
        .join(steps, steps.c.id == step_cases.c.step_id)
        .join(cases, sa.and_(cases.c.id == step_cases.c.case_id, cases.c.step_id == steps.c.id))
        .where(steps.c.id.in_(step_ids), ~speaks)
    )
    return list(connection.scalars(query.order_by(step_cases.c.case_id)))


_member, _speaker = step_cases.alias(), cases.alias()


def stages_of_cases(
    connection: Connection, step_ids: Collection[int]
) -> dict[tuple[int, int], tuple[str, bool]]:
    """The stage of each case in its step, and whether the case is about a bill that came back."""
    query = (
        sa.select(step_cases.c.step_id, step_cases.c.case_id, step_cases.c.stage, cases.c.unpaid)
        .join(cases, cases.c.id == step_cases.c.case_id)
        .where(step_cases.c.step_id.in_(step_ids))
    )
    return {
        (step, case): (stage, unpaid) for step, case, stage, unpaid in connection.execute(query)
    }


def private_stages(connection: Connection, step_ids: Collection[int]) -> dict[int, Any]:
    """The private stages of steps about cases whose iter a person changed; most have none."""
    query = (
        sa.select(step_cases.c.step_id, cases.c.private_stages)
        .join(cases, cases.c.id == step_cases.c.case_id)
        .where(step_cases.c.step_id.in_(step_ids), cases.c.private_stages.is_not(None))
    )
    return {row.step_id: row.private_stages for row in connection.execute(query)}


def clients_by_id(connection: Connection, ids: Collection[int]) -> dict[int, MessageClient]:
    """Clients as they are now."""
    query = sa.select(*columns_of(MessageClient, clients)).where(clients.c.id.in_(ids))
    return {client.id: client for client in records(connection, MessageClient, query)}


def people(
    connection: Connection, table: sa.Table, source_id: int, codes: Iterable[str]
) -> dict[str, OurPerson]:
    """Agents or depots of one source by code."""
    query = sa.select(*columns_of(OurPerson, table)).where(
        table.c.source_id == source_id, table.c.code.in_(list(codes))
    )
    return {person.code: person for person in records(connection, OurPerson, query)}


def users_by_id(connection: Connection, ids: Collection[int]) -> dict[int, OfficePerson]:
    """Active users."""
    query = sa.select(*columns_of(OfficePerson, users)).where(users.c.id.in_(ids), users.c.active)
    return {user.id: user for user in records(connection, OfficePerson, query)}


def last_reads(connection: Connection) -> list[LastRead]:
    """When each source was last read successfully."""
    columns = columns_of(
        LastRead,
        sources,
        source=sources.c.name,
        on=sources.c.last_good_sync_on,
        at=sources.c.last_good_sync_at,
    )
    return records(connection, LastRead, sa.select(*columns))


def update_totals(connection: Connection, totals: Mapping[int, int]) -> None:
    """What each step asks for now, minor units."""
    rows = [{"b_step": step, "b_total": total} for step, total in totals.items()]
    if rows:
        connection.execute(_TOTAL, rows)


def update_residuals(connection: Connection, lines: Iterable[StepLine]) -> None:
    """Updates the residual of each case in its step to what `lines` read."""
    changed = [
        {"b_step": line.step_id, "b_case": line.case_id, "b_residual": line.residual}
        for line in lines
    ]
    if changed:
        connection.execute(_RESIDUAL, changed)


AGENTS: Final = agents
DEPOTS: Final = depots
_TOTAL: Final = (
    sa.update(steps)
    .where(steps.c.id == sa.bindparam("b_step"))
    .values(total=sa.bindparam("b_total"))
)
_RESIDUAL: Final = (
    sa.update(step_cases)
    .where(
        step_cases.c.step_id == sa.bindparam("b_step"),
        step_cases.c.case_id == sa.bindparam("b_case"),
    )
    .values(residual=sa.bindparam("b_residual"))
)
