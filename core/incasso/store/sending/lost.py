"""Messages that left and that a database put back does not know: what it needs to know of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.domain.proof.left import Account, Intent, LeavingCase
from incasso.domain.recovery.iters import Mode
from incasso.domain.recovery.states import WAITING, CaseState, StepStatus
from incasso.domain.sending.delivery import DeliveryStatus
from incasso.store.ledger import totals
from incasso.store.ledger.named import NamedClient
from incasso.store.records import columns_of, records
from incasso.store.recovery import case_counts, case_progress
from incasso.store.recovery.planning_rows import new_numbers
from incasso.store.sending import lost_clients
from incasso.store.tables.ledger import installments
from incasso.store.tables.recovery import cases, iter_versions, iters, step_cases, steps
from incasso.store.tables.sending import deliveries

_AT_ONCE: Final = 500


class _Debt(msgspec.Struct, frozen=True):
    """An installment with its running case, if it has one."""

    id: int
    key: str
    case_id: int | None
    step_id: int | None
    step_status: StepStatus | None


def statuses(connection: Connection, ids: Sequence[str]) -> dict[str, DeliveryStatus]:
    """How these deliveries stand; those that are missing are left out."""
    found: dict[str, DeliveryStatus] = {}
    for start in range(0, len(ids), _AT_ONCE):
        some = deliveries.c.id.in_(ids[start : start + _AT_ONCE])
        rows = connection.execute(sa.select(deliveries.c.id, deliveries.c.status).where(some))
        found.update((row.id, DeliveryStatus(row.status)) for row in rows)
    return found


def never_begun(connection: Connection, ids: Sequence[str]) -> str | None:
    """The first of some hundred deliveries that is missing, or queued as if it had never begun.

    One that is noted because its client is missing is known.
    """
    query = sa.select(deliveries.c.id).where(
        deliveries.c.id.in_(ids), deliveries.c.status != DeliveryStatus.QUEUED
    )
    known = set(connection.scalars(query)) | lost_clients.noted(connection, ids)
    return next((each for each in ids if each not in known), None)


def write(
    connection: Connection,
    account: Account,
    client: NamedClient,
    status: DeliveryStatus,
    *,
    owner: str,
    reason: str,
) -> int:
    """Write a message that left, or may have left, with its step; how many cases it stands for.

    Accepted ones are `owner`'s to conclude. A delivery that is there and did not begin is taken
    with its step.
    """
    intent = account.intent
    step = connection.scalar(
        sa.select(deliveries.c.step_id).where(deliveries.c.id == intent.delivery)
    )
    if step is None:
        step = _new_step(connection, intent, client, reason)
        inside = _put_in(connection, intent, client, step, reason)
        connection.execute(sa.insert(deliveries), _row(account, client, step))
    else:
        inside = _keep_only(connection, intent, step, reason)
    values = {"status": status, "reason": reason, "claimed_by": owner, **_accepted(account)}
    if status is DeliveryStatus.UNCERTAIN:
        values |= {"claimed_by": "", "accepted_at": None, "accepted_on": None}
    connection.execute(
        sa.update(deliveries).where(deliveries.c.id == intent.delivery).values(values)
    )
    connection.execute(
        sa.update(steps).where(steps.c.id == step).values(status=StepStatus.WORKING, reason=reason)
    )
    return inside


def _accepted(account: Account) -> dict[str, Any]:
    intent, left = account.intent, account.left
    return {
        "sending_at": intent.at,
        "accepted_at": left.at if left else intent.at,
        "accepted_on": intent.on,
        "ref": left.ref if left else intent.ref,
        "sha256": intent.sha256,
        "prepared_ref": intent.ref,
        "asked": intent.asked,
    }


def _row(account: Account, client: NamedClient, step: int) -> dict[str, Any]:
    intent = account.intent
    return {
        "id": intent.delivery,
        "step_id": step,
        "source_id": client.source_id,
        "client_id": client.id,
        "medium": intent.medium,
        "channel": intent.channel,
        "to": intent.to,
        "status": DeliveryStatus.QUEUED,
        "attempts": 1,
        "on_date": intent.on,
    }


def _new_step(connection: Connection, intent: Intent, client: NamedClient, reason: str) -> int:
    number = next(new_numbers(connection, steps))
    connection.execute(
        sa.insert(steps).values(
            id=number,
            source_id=client.source_id,
            client_id=client.id,
            iter_version_id=_version(connection, intent),
            stage=intent.stage,
            action=intent.action,
            medium=intent.medium,
            mode=Mode.AUTO,
            status=StepStatus.WORKING,
            due_on=intent.due_on,
            total=intent.total,
            currency=intent.currency,
            language=intent.language,
            template=intent.template,
            reason=reason,
        )
    )
    return number


def _version(connection: Connection, intent: Intent) -> int | None:
    """The version of the iter; where the database lost it too, the newest that it knows."""
    query = (
        sa.select(iter_versions.c.id)
        .join(iters, iters.c.id == iter_versions.c.iter_id)
        .where(iters.c.key == intent.iter)
        .order_by((iter_versions.c.id == intent.iter_version).desc(), iter_versions.c.id.desc())
    )
    return connection.scalar(query.limit(1))


def _put_in(
    connection: Connection, intent: Intent, client: NamedClient, step: int, reason: str
) -> int:
    """The cases that the message was about come into its step, opened if need be."""
    spoken = {each.installment: each for each in intent.cases}
    version = _version(connection, intent)
    debts = _debts(connection, client, spoken)
    free = [each for each in debts if each.step_status is None or each.step_status in WAITING]
    leaving = [each.case_id for each in free if each.case_id and each.step_id]
    case_progress.release(connection, leaving, intent.on, reason)
    inside = 0
    for debt in free:
        said = spoken[debt.key]
        case = debt.case_id or _opened(connection, intent, said, client, debt.id, version)
        if case is None or _already(connection, case, said.stage):
            continue
        _join(connection, case, step, said)
        inside += 1
    return inside


def _debts(connection: Connection, client: NamedClient, keys: Collection[str]) -> list[_Debt]:
    running = sa.and_(
        cases.c.installment_id == installments.c.id, cases.c.state != CaseState.CLOSED
    )
    query = (
        sa.select(
            *columns_of(
                _Debt,
                installments,
                case_id=cases.c.id,
                step_id=cases.c.step_id,
                step_status=steps.c.status,
            )
        )
        .select_from(installments)
        .outerjoin(cases, running)
        .outerjoin(steps, steps.c.id == cases.c.step_id)
        .where(installments.c.client_id == client.id, installments.c.key.in_(keys))
    )
    return records(connection, _Debt, query.order_by(installments.c.id))


def _opened(
    connection: Connection,
    intent: Intent,
    said: LeavingCase,
    client: NamedClient,
    installment: int,
    version: int | None,
) -> int | None:
    if version is None:
        return None
    made = sa.insert(cases).values(
        source_id=client.source_id,
        client_id=client.id,
        installment_id=installment,
        iter_version_id=version,
        unpaid=said.unpaid,
        opened_on=intent.on,
        next_stage=said.stage,
    )
    case_counts.add(connection, {client.id: 1})
    totals.changed(connection, [client.id], intent.on)
    return int(connection.execute(made.returning(cases.c.id)).scalar_one())


def _already(connection: Connection, case: int, stage: str) -> bool:
    """Whether the stage of this case was carried out as far as the database knows."""
    query = (
        sa.select(step_cases.c.case_id)
        .join(steps, steps.c.id == step_cases.c.step_id)
        .where(step_cases.c.case_id == case, step_cases.c.stage == stage)
        .where(steps.c.status.in_((StepStatus.DONE, StepStatus.COUNTED)))
    )
    return connection.execute(query.limit(1)).first() is not None


def _join(connection: Connection, case: int, step: int, said: LeavingCase) -> None:
    cycle = connection.scalar(
        sa.select(sa.func.max(step_cases.c.cycle)).where(
            step_cases.c.case_id == case, step_cases.c.stage == said.stage
        )
    )
    member = {"step_id": step, "case_id": case, "stage": said.stage, "residual": said.residual}
    member["cycle"] = 0 if cycle is None else cycle + 1
    connection.execute(sa.insert(step_cases), member)
    connection.execute(sa.update(cases).where(cases.c.id == case).values(step_id=step))


def _keep_only(connection: Connection, intent: Intent, step: int, reason: str) -> int:
    """Cases that had dropped out of the message before it left go their own way."""
    query = (
        sa.select(cases.c.id, installments.c.key)
        .join(step_cases, step_cases.c.case_id == cases.c.id)
        .join(installments, installments.c.id == cases.c.installment_id)
        .where(step_cases.c.step_id == step)
    )
    members = connection.execute(query).all()
    spoken = {each.installment for each in intent.cases}
    gone = [row.id for row in members if row.key not in spoken]
    if len(gone) < len(members):
        case_progress.release(connection, gone, intent.on, reason)
    return len(members) - len(gone)
