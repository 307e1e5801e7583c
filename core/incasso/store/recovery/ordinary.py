"""What planning reads of ordinary installments: one narrow row each, of a page in one query.

Why: on a first day nearly every installment is open, without a case, an agreement, a returned bill
or anything else of its own. Twenty columns of each, only to find that nineteen of them are as
usual, cost as much as all that comes after.

Must equal: `facts.FactsReader` gives the same facts for them. `tests/recovery/test_two_lanes.py`
holds it.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import date
from typing import Any, Final

import sqlalchemy as sa
from msgspec.structs import asdict
from sqlalchemy import Connection

from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.recovery.states import AgreementStatus, CaseState
from incasso.store.recovery import agenda
from incasso.store.recovery.agenda import Page
from incasso.store.recovery.due_installments import (
    CREDITS,
    DueInstallment,
    Shared,
    clients_with_credits,
)
from incasso.store.recovery.facts import FactsReader
from incasso.store.recovery.facts_clients import RuleColumns
from incasso.store.recovery.planning import clients_with_waiting_steps
from incasso.store.sql_ids import near, raw_rows
from incasso.store.tables.ledger import installments
from incasso.store.tables.recovery import agreements, cases
from incasso.store.tables.sending import bad_addresses

Row = tuple[Any, ...]
"""Client, installment, residual, whether it is odd; from `ALIKE` on what equal ones share."""

CLIENT, NUMBER, RESIDUAL, ODD, ALIKE, CURRENCY = 0, 1, 2, 3, 4, 4

_SHARED: Final = ("currency", "document_kind", "due_date")
_OF_RULES: Final = ("payment_method", "area", "depot", "agent")
"""Read if some rule looks at them. The payment method matters for presented bills too: odd ones."""

_USUAL: Final = asdict(
    Shared(
        currency="",
        status=InstallmentStatus.OPEN.value,
        document_kind="",
        payment_method="other",
        due_date=None,
        unpaid_on=None,
        presented_on=None,
        iter_override=None,
        absent=False,
        finished="",
        reminded_on=None,
        reminders=0,
        erp_hold="",
        area="",
        depot="",
        agent="",
    )
)


def shared_names(used: RuleColumns) -> tuple[str, ...]:
    """What a row holds from `ALIKE` on."""
    return (*_SHARED, *(name for name in _OF_RULES if getattr(used, name)))


def read_page(connection: Connection, page: Page, on: date, used: RuleColumns) -> list[Row]:
    """What planning has to look at of these clients, off the agenda from now on; in client order,
    each installment once.

    An installment that has gone to another client is left out: it is there under that one too.
    """
    table = installments
    shared = [table.c[name] for name in shared_names(used)]
    query = sa.select(table.c.client_id, table.c.id, table.c.residual, _odd(), *shared)
    with agenda.taking(connection, on, page) as due:
        theirs = (
            query.select_from(due)
            .join(table, table.c.id == due.c.installment_id)
            .outerjoin(cases, _RUNNING)
        )
        rows = raw_rows(connection, theirs.where(table.c.client_id.between(*page)))
    if len({row[NUMBER] for row in rows}) < len(rows):
        rows = list(set(rows))  # on the agenda for several days
    return sorted(rows)


_RUNNING: Final = sa.and_(
    cases.c.installment_id == installments.c.id, cases.c.state != CaseState.CLOSED
)


def _odd() -> sa.ColumnElement[bool]:
    """Whether anything about it is out of the ordinary: then all of it is read."""
    columns = installments.c
    return sa.or_(
        columns.status != InstallmentStatus.OPEN,
        columns.residual <= 0,
        columns.document_kind.in_(CREDITS),
        columns.unpaid_on.is_not(None),
        columns.presented_on.is_not(None),
        columns.iter_override.is_not(None),
        columns.absences > 0,
        columns.finished != "",
        columns.reminded_on.is_not(None),
        columns.reminders != 0,
        columns.erp_hold != "",
        cases.c.id.is_not(None),
    ).label("odd")


def whole(row: Row, used: RuleColumns) -> DueInstallment:
    """An ordinary row as the other lane reads it."""
    read = dict(zip(shared_names(used), row[ALIKE:], strict=True))
    shared = tuple(read.get(name, usual) for name, usual in _USUAL.items())
    return DueInstallment(row[NUMBER], row[CLIENT], row[RESIDUAL], False, row[CURRENCY], shared)


def clients_to_weigh(connection: Connection, reader: FactsReader, owners: Set[int]) -> Set[int]:
    """Those of these clients about whom there is something to weigh: credits, agreements, bad
    addresses, what they heard this week, steps that wait for a person."""
    found = clients_with_credits(connection, owners)
    found |= clients_with_waiting_steps(connection, owners)
    found |= reader.heard_this_week(connection, owners).keys()
    for query in (
        sa.select(agreements.c.client_id).where(
            near(connection, agreements.c.client_id, owners),
            agreements.c.status == AgreementStatus.ACTIVE,
        ),
        sa.select(bad_addresses.c.client_id).where(
            near(connection, bad_addresses.c.client_id, owners)
        ),
    ):
        found |= set(connection.scalars(query))
    return found & owners


def numbers_of(rows: Sequence[Row]) -> list[int]:
    """Their installments."""
    return [row[NUMBER] for row in rows]
