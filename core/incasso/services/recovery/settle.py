"""Planning's verdict on promises and plans: kept or broken, and whom a broken one is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Connection

from incasso.contract.text import Text, text
from incasso.domain.money import from_minor
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.states import (
    AgreementKind,
    AgreementStatus,
    OfficeTask,
    StepStatus,
)
from incasso.services.recovery.plan_report import PlanReport, StepSort
from incasso.store.proof import journal
from incasso.store.recovery import facts_agreements, office_tasks
from incasso.store.recovery.facts_agreements import Settled
from incasso.store.recovery.facts_clients import SourceView
from incasso.store.recovery.office_tasks import NewTask, TaskClient


def settle(
    connection: Connection,
    settled: Sequence[Settled],
    sources: Mapping[int, SourceView],
    report: PlanReport,
    *,
    on: date,
    at: datetime,
    by: str,
) -> None:
    """Mark promises and plans as kept or broken; whoever works the client gets a task."""
    if not settled:
        return
    facts_agreements.write_verdicts(connection, settled, on)
    clients = office_tasks.clients_of(connection, {one.kept.client_id for one in settled})
    broken = [one for one in settled if one.verdict is AgreementStatus.BROKEN]
    report.kept += len(settled) - len(broken)
    report.broken += len(broken)
    if broken:
        tasks = _tasks(connection, broken, clients, sources, on)
        report.steps[StepSort(Action.TASK, "", StepStatus.READY)] += len(tasks)
        office_tasks.make(connection, tasks)
    events = [_event(one, clients, sources, on, by) for one in settled]
    journal.record(connection, events, at=at)


def _tasks(
    connection: Connection,
    broken: Sequence[Settled],
    clients: Mapping[int, TaskClient],
    sources: Mapping[int, SourceView],
    on: date,
) -> list[NewTask]:
    """On a working day, for the operator of the client, else for who wrote the promise down."""
    makers = office_tasks.people_called(connection, {one.kept.made_by for one in broken})
    return [
        NewTask(
            task=OfficeTask.PROMISE_BROKEN,
            source_id=one.kept.source_id,
            client_id=one.kept.client_id,
            installments=one.kept.about or frozenset(),
            currency=one.kept.currency,
            due_on=sources[one.kept.source_id].calendar.next_working(on),
            operator_id=clients[one.kept.client_id].operator_id or makers.get(one.kept.made_by),
            reason=_reason(one),
        )
        for one in broken
    ]


def _reason(one: Settled) -> Text:
    agreement, currency = one.kept.agreement, one.kept.currency
    came_in = from_minor(agreement.residual_then - agreement.residual_now, currency)
    values = {"day": one.payment_on, "came_in": came_in, "currency": currency}
    if agreement.kind is AgreementKind.PLAN:
        return text(
            "The payment of {day} was missed: the plan is broken, {came_in} {currency} came in.",
            **values,
        )
    return text("Promised by {day} and not paid: {came_in} {currency} came in since.", **values)


def _event(
    one: Settled,
    clients: Mapping[int, TaskClient],
    sources: Mapping[int, SourceView],
    on: date,
    by: str,
) -> journal.Event:
    kept, agreement = one.kept, one.kept.agreement
    return journal.Event(
        kind=f"agreement.{one.verdict.value}",
        actor=by,
        on=on,
        source=sources[kept.source_id].name,
        client=clients[kept.client_id].code,
        subject=f"agreement {kept.id}",
        facts={
            "kind": agreement.kind.value,
            "until": agreement.until_on,
            "amount": _amount(agreement.amount, kept.currency),
            "residual_then": _amount(agreement.residual_then, kept.currency),
            "residual": _amount(agreement.residual_now, kept.currency),
            "currency": kept.currency,
        },
    )


def _amount(cents: int | None, currency: str) -> str | None:
    return None if cents is None else str(from_minor(cents, currency))
