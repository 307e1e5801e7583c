"""Find what a person means by a client code, an installment key, a case or a step number."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, Literal, TypeAlias

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Select

from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.office.actor import Scope
from incasso.domain.recovery.states import CaseState
from incasso.store.ledger.overdue import effective_due_date
from incasso.store.office.scope import within
from incasso.store.tables import recovery
from incasso.store.tables.ledger import clients, installments, sources

SubjectKind: TypeAlias = Literal["client", "installment", "case", "step"]
_cases, _steps, _step_cases = recovery.cases, recovery.steps, recovery.step_cases


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What an act or a question is about; `id` is that of its own table."""

    kind: SubjectKind
    id: int
    source_id: int
    source: str
    client_id: int
    client: str
    key: str = ""
    """The installment's key, of installments and cases."""

    @property
    def whole_client(self) -> Subject:
        """Its client."""
        return replace(self, kind="client", id=self.client_id, key="")

    def __str__(self) -> str:
        """As it can be typed again without doubt."""
        if self.kind == "client":
            return f"client {self.source}/{self.client}"
        if self.kind == "installment":
            return f"installment {self.source}/{self.key}"
        return f"{self.kind}:{self.id}"


NOBODY: Final = Subject(kind="client", id=0, source_id=0, source="", client_id=0, client="")
"""Instead of a client, of what came in and is nobody's yet."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """An open installment an act touches, with its running case if it has one; minor units."""

    installment_id: int
    key: str
    client_id: int
    residual: int
    currency: str
    due_date: date
    effective_due_date: date
    case_id: int | None
    case_state: str | None
    case_container: str | None


def clients_called(
    connection: Connection, scope: Scope, code: str, source: str | None
) -> list[Subject]:
    """Clients with exactly this code, in one source or in any."""
    query = _in_source(_client_columns(scope).where(clients.c.code == code), source)
    return [_subject("client", row) for row in connection.execute(query)]


def installments_called(
    connection: Connection, scope: Scope, key: str, source: str | None
) -> list[Subject]:
    """Installments with exactly this key, in one source or in any."""
    query = _client_columns(scope, installments.c.id, installments.c.key).join(
        installments, installments.c.client_id == clients.c.id
    )
    query = _in_source(query.where(installments.c.key == key), source)
    return [_subject("installment", row) for row in connection.execute(query)]


def case_numbered(connection: Connection, scope: Scope, number: int) -> Subject | None:
    """The case with this id."""
    query = (
        _client_columns(scope, _cases.c.id, installments.c.key)
        .join(_cases, _cases.c.client_id == clients.c.id)
        .join(installments, installments.c.id == _cases.c.installment_id)
        .where(_cases.c.id == number)
    )
    row = connection.execute(query).one_or_none()
    return _subject("case", row) if row else None


def step_numbered(connection: Connection, scope: Scope, number: int) -> Subject | None:
    """The step with this id."""
    query = (
        _client_columns(scope, _steps.c.id)
        .join(_steps, _steps.c.client_id == clients.c.id)
        .where(_steps.c.id == number)
    )
    row = connection.execute(query).one_or_none()
    return _subject("step", row) if row else None


def targets(connection: Connection, subject: Subject) -> list[Target]:
    """The open installments of a subject, oldest due date first."""
    query = (
        sa.select(
            installments.c.id.label("installment_id"),
            installments.c.key,
            installments.c.client_id,
            installments.c.residual,
            installments.c.currency,
            installments.c.due_date,
            effective_due_date().label("effective_due_date"),
            _cases.c.id.label("case_id"),
            _cases.c.state.label("case_state"),
            _cases.c.container.label("case_container"),
        )
        .outerjoin(
            _cases,
            sa.and_(
                _cases.c.installment_id == installments.c.id, _cases.c.state != CaseState.CLOSED
            ),
        )
        .where(installments.c.status == InstallmentStatus.OPEN, _belongs(subject))
        .order_by(installments.c.due_date, installments.c.id)
    )
    return [Target(**row._mapping) for row in connection.execute(query)]


def _belongs(subject: Subject) -> ColumnElement[bool]:
    if subject.kind == "client":
        return installments.c.client_id == subject.id
    if subject.kind == "installment":
        return installments.c.id == subject.id
    of_case = sa.select(_cases.c.installment_id)
    if subject.kind == "case":
        return installments.c.id.in_(of_case.where(_cases.c.id == subject.id))
    of_step = of_case.join(_step_cases, _step_cases.c.case_id == _cases.c.id)
    return installments.c.id.in_(of_step.where(_step_cases.c.step_id == subject.id))


def client_numbered(connection: Connection, scope: Scope, number: int) -> Subject | None:
    """The client with this id."""
    query = _client_columns(scope).where(clients.c.id == number)
    row = connection.execute(query).one_or_none()
    return _subject("client", row) if row else None


def _client_columns(scope: Scope, *own: ColumnElement[Any]) -> Select[Any]:
    """Of the clients that the scope lets through."""
    return (
        sa.select(
            *(own or (clients.c.id,)),
            sources.c.id.label("source_id"),
            sources.c.name.label("source"),
            clients.c.id.label("client_id"),
            clients.c.code.label("client"),
        )
        .select_from(clients)
        .join(sources, sources.c.id == clients.c.source_id)
        .where(within(scope))
        .order_by(sources.c.name, clients.c.code)
    )


def _in_source(query: Select[Any], source: str | None) -> Select[Any]:
    return query if source is None else query.where(sources.c.name == source)


def _subject(kind: SubjectKind, row: sa.Row[Any]) -> Subject:
    return Subject(kind=kind, **row._mapping)
