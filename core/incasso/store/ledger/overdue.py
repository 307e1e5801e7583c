"""What is overdue and what the bank still has, as conditions on `installments`.

The twin of `domain.ledger.overdue`; a property test holds both equal.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection

from incasso.domain.ledger.overdue import AT_BANK, BILLS
from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.recovery.facts import Rulebook
from incasso.domain.recovery.states import AgreementKind, AgreementStatus, CaseState
from incasso.store.recovery.iters import read_rules
from incasso.store.recovery.matching import Owed, matches
from incasso.store.sql_ids import among
from incasso.store.tables.columns import quoted
from incasso.store.tables.ledger import clients, installments, sources
from incasso.store.tables.recovery import agreements, cases, iter_versions, step_cases

EXTENDS: Final = sa.and_(
    agreements.c.kind == sa.literal_column(quoted(AgreementKind.EXTENSION)),
    agreements.c.status == sa.literal_column(quoted(AgreementStatus.ACTIVE)),
)
"""As literals, so that the index of extensions serves."""


def effective_due_date() -> ColumnElement[Any]:
    """The due date, or the day it was extended to if that is later."""
    later = agreements.c.until_on > installments.c.due_date
    extended = (
        sa.select(sa.func.max(agreements.c.until_on))
        .where(
            later,
            agreements.c.installment_id == installments.c.id,
            EXTENDS,
        )
        .correlate(installments)
        .scalar_subquery()
    )
    return sa.type_coerce(sa.func.coalesce(extended, installments.c.due_date), sa.Date())


def first_due_dates(connection: Connection, ids: Collection[int]) -> dict[int, date]:
    """By step the earliest effective due date of what is in it; none for an empty step."""
    query = (
        sa.select(step_cases.c.step_id, sa.func.min(effective_due_date()).label("due"))
        .join(cases, cases.c.id == step_cases.c.case_id)
        .join(installments, installments.c.id == cases.c.installment_id)
        .where(among(connection, step_cases.c.step_id, ids))
        .group_by(step_cases.c.step_id)
    )
    return {row.step_id: row.due for row in connection.execute(query)}


def is_overdue(connection: Connection, on: date) -> ColumnElement[bool]:
    """Open, owed, past its effective due date, and no bill that the bank may still collect."""
    return sa.and_(
        installments.c.status == InstallmentStatus.OPEN,
        installments.c.residual > 0,
        installments.c.due_date < on,
        effective_due_date() < on,
        ~is_at_bank(connection, on),
    )


def overdue_installments(connection: Connection, client: int, on: date) -> frozenset[int]:
    """What is overdue of a client."""
    query = sa.select(installments.c.id).where(
        installments.c.client_id == client, is_overdue(connection, on)
    )
    return frozenset(connection.scalars(query))


def is_at_bank(connection: Connection, on: date) -> ColumnElement[bool]:
    """Whether the bank may still collect it: within the days of grace, or as the ERP says."""
    due = installments.c.due_date
    # Whose grace it is costs a look at client and case: only where the due date leaves a doubt.
    # As cases, which are worked out only as far as needed: asked for the value of an AND, SQLite
    # works out both sides, and would look at client and case of every installment.
    in_doubt = due >= on - timedelta(days=_longest_grace(connection))
    within = _days_since(connection, due, on) <= bank_grace_days(connection)
    presented = sa.and_(
        installments.c.presented_on.is_not(None),
        installments.c.unpaid_on.is_(None),
        installments.c.payment_method.in_(BILLS),
    )
    return sa.case(
        (installments.c.erp_hold == AT_BANK, sa.true()),
        (~presented, sa.false()),
        (due >= on, sa.true()),
        (in_doubt, within),
        else_=sa.false(),
    )


def bank_grace_days(connection: Connection) -> ColumnElement[int]:
    """The days of grace of the iter of its case, else of the one that would take it, else of its
    source."""
    client, source, case, version = _CLIENT, _SOURCE, _CASE, _VERSION
    running = sa.and_(case.c.installment_id == installments.c.id, case.c.state != CaseState.CLOSED)
    of_case = version.c.definition["bank_grace_days"].as_integer()
    owed = Owed(connection=connection, clients=client, sources=source)
    days = sa.case((case.c.id.is_not(None), of_case), else_=_of_iter(read_rules(connection), owed))
    return (
        sa.select(sa.func.coalesce(days, source.c.bank_grace_days))
        .select_from(client)
        .join(source, source.c.id == client.c.source_id)
        .outerjoin(case, running)
        .outerjoin(version, version.c.id == case.c.iter_version_id)
        .where(client.c.id == installments.c.client_id)
        .correlate(installments)
        .scalar_subquery()
    )


# Made once: an alias copies every column of its table, and each act counts sums.
_CLIENT: Final = clients.alias("its_client")
_SOURCE: Final = sources.alias("its_source")
_CASE: Final = cases.alias("its_case")
_VERSION: Final = iter_versions.alias("its_version")


def _longest_grace(connection: Connection) -> int:
    """No bill of this hub is left to the bank for longer."""
    of_iters = sa.select(sa.func.max(iter_versions.c.definition["bank_grace_days"].as_integer()))
    of_sources = sa.select(sa.func.max(sources.c.bank_grace_days))
    return max(connection.scalar(of_iters) or 0, connection.scalar(of_sources) or 0)


def _of_iter(rules: Rulebook, owed: Owed) -> ColumnElement[Any]:
    """The days of the published iter that would take it, null where it leaves them to the source.

    An override that names no published iter means none.
    """
    client = owed.clients
    chosen = sa.func.coalesce(
        sa.func.nullif(installments.c.iter_override, ""), client.c.iter_override, ""
    )
    none = sa.cast(sa.null(), sa.Integer)
    found = [(chosen == version.iter.key, version) for version in rules.iters]
    found += [
        (sa.and_(chosen == "", matches(version.iter.match, owed)), version)
        for version in rules.iters
    ]
    whens = [(condition, sa.literal(v.iter.bank_grace_days, sa.Integer)) for condition, v in found]
    return sa.case(*whens, else_=none) if whens else none


def _days_since(connection: Connection, day: ColumnElement[date], on: date) -> ColumnElement[Any]:
    if connection.dialect.name == "postgresql":
        return sa.type_coerce(sa.literal(on, sa.Date()) - day, sa.Integer())
    return sa.func.julianday(on.isoformat()) - sa.func.julianday(day)
