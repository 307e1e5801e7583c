"""What planning reads of ordinary installments: one narrow row each, of a page in one query.

Why: on a first day nearly every installment is open, without an agreement, a returned bill or
anything else of its own. Twenty columns of each, only to find that nineteen of them are as usual,
cost as much as all that comes after; so what equal ones share comes as one text, and the rows are
handed on in columns, which Python goes through several times as fast as row by row.

Must equal: `facts.FactsReader` gives the same facts for them. `tests/recovery/test_two_lanes.py`
holds it.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import date
from itertools import compress, islice
from operator import le
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from msgspec.structs import asdict
from sqlalchemy import Connection

from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.recovery.states import AgreementStatus, CaseState
from incasso.store.recovery import agenda, reaching
from incasso.store.recovery.agenda import Page
from incasso.store.recovery.due_installments import (
    CREDITS,
    DueInstallment,
    Shared,
    clients_with_credits,
)
from incasso.store.recovery.facts import FactsReader
from incasso.store.recovery.facts_clients import RuleColumns
from incasso.store.recovery.facts_placed import read_placed
from incasso.store.recovery.one_text import of_one_text, one_text
from incasso.store.recovery.planning import clients_with_waiting_steps
from incasso.store.recovery.replied import unanswered
from incasso.store.sql_ids import near, raw_columns
from incasso.store.tables.ledger import installments
from incasso.store.tables.reaching import client_contacts, consents
from incasso.store.tables.recovery import agreements, cases
from incasso.store.tables.sending import bad_addresses


class Columns(NamedTuple):
    """The rows of a page, in client order: equal places belong together."""

    clients: Sequence[int] = ()
    numbers: Sequence[int] = ()
    """Of the installments."""
    residuals: Sequence[int] = ()
    alike: Sequence[str | None] = ()
    """What it shares with its like; null: something about it is out of the ordinary."""
    cases: Sequence[int | None] = ()
    """Its running case."""

    def only(self, chosen: Sequence[bool]) -> Columns:
        """The rows that are chosen."""
        return Columns(
            list(compress(self.clients, chosen)),
            list(compress(self.numbers, chosen)),
            list(compress(self.residuals, chosen)),
            list(compress(self.alike, chosen)),
            list(compress(self.cases, chosen)),
        )

    def at(self, places: Sequence[int]) -> Columns:
        """The rows at these places, in their order."""
        return Columns(
            list(map(self.clients.__getitem__, places)),
            list(map(self.numbers.__getitem__, places)),
            list(map(self.residuals.__getitem__, places)),
            list(map(self.alike.__getitem__, places)),
            list(map(self.cases.__getitem__, places)),
        )


_SHARED: Final = ("due_date", "currency", "document_kind")
_OF_RULES: Final = ("payment_method", "area", "depot", "agent")
"""Read if some rule looks at them."""

_OF_BILLS: Final = ("unpaid_on", "presented_on")
"""Of returned and presented bills only, with the payment method: it matters for them."""

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


def _shared_names(used: RuleColumns) -> tuple[str, ...]:
    return (*_SHARED, *(name for name in _OF_RULES if getattr(used, name)))


def _bill_names(used: RuleColumns) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*_shared_names(used), "payment_method", *_OF_BILLS)))


def _alike(used: RuleColumns) -> sa.ColumnElement[str | None]:
    table = installments
    plain = one_text([table.c[name] for name in _shared_names(used)])
    bill = BILL + one_text([table.c[name] for name in _bill_names(used)])
    is_plain = sa.and_(table.c.unpaid_on.is_(None), table.c.presented_on.is_(None))
    return sa.case((~_is_ordinary(), sa.null()), (is_plain, plain), else_=bill)


BILL: Final = "bill "
"""What the text of a returned or presented bill begins with; any other begins with a day."""


def read_page(connection: Connection, page: Page, on: date, used: RuleColumns) -> Columns:
    """What planning has to look at of these clients, off the agenda from now on; each installment
    once.

    An installment that has gone to another client is left out: it is there under that one too.
    """
    table = installments
    query = sa.select(
        table.c.client_id,
        table.c.id,
        table.c.residual,
        _alike(used).label("alike"),
        cases.c.id,
    )
    with agenda.taking(connection, on, page) as due:
        theirs = (
            query.select_from(due)
            .join(table, table.c.id == due.c.installment_id)
            .outerjoin(cases, sa.and_(_RUNNING, _of_page(connection, page)))
        )
        columns = raw_columns(connection, theirs.where(table.c.client_id.between(*page)))
    return _in_order(Columns(*columns))


def _in_order(rows: Columns) -> Columns:
    """By client, each installment once. SQLite gives the rows of one day that way."""
    if len(set(rows.numbers)) < len(rows.numbers):
        rows = Columns(*zip(*set(zip(*rows, strict=True)), strict=True))
    keys = [
        client << 64 | number for client, number in zip(rows.clients, rows.numbers, strict=True)
    ]
    if all(map(le, keys, islice(keys, 1, None))):
        return rows
    return rows.at(sorted(range(len(keys)), key=keys.__getitem__))


_RUNNING: Final = sa.and_(
    cases.c.installment_id == installments.c.id, cases.c.state != CaseState.CLOSED
)


def _of_page(connection: Connection, page: Page) -> sa.ColumnElement[bool]:
    """A case is always of its installment's client. PostgreSQL, which cannot know, would go through
    all running cases for each page."""
    if connection.dialect.name == "sqlite":
        return sa.true()  # it looks up each by the index of installments
    return cases.c.client_id.between(*page)


def _is_ordinary() -> sa.ColumnElement[bool]:
    """Whether nothing about it is out of the ordinary: then the shared columns are all there is."""
    columns = installments.c
    return sa.and_(
        columns.status == InstallmentStatus.OPEN,
        columns.residual > 0,
        columns.document_kind.not_in(CREDITS),
        columns.iter_override.is_(None),
        columns.absences == 0,
        columns.finished == "",
        columns.reminded_on.is_(None),
        columns.reminders == 0,
        columns.erp_hold == "",
    )


def currency_of(alike: str) -> str | None:
    """Their currency, out of what installments share; null: it cannot be told."""
    parts = of_one_text(alike)
    return parts[_SHARED.index("currency")] if len(parts) >= len(_SHARED) else None


def whole(alike: str, residual: int, used: RuleColumns) -> DueInstallment | None:
    """One of the installments that share this, as the other lane reads it. Null: one of the texts
    makes it unclear where the next begins."""
    names = _bill_names(used) if alike.startswith(BILL) else _shared_names(used)
    parts = of_one_text(alike.removeprefix(BILL))
    if len(names) != len(parts):
        return None
    read: dict[str, Any] = dict(zip(names, parts, strict=True))
    read |= {name: read.get(name) or None for name in _OF_BILLS}
    shared = tuple(read.get(name, usual) for name, usual in _USUAL.items())
    return DueInstallment(0, 0, residual, False, read["currency"], shared)


def clients_to_weigh(connection: Connection, reader: FactsReader, owners: Set[int]) -> Set[int]:
    """Those of these clients about whom there is something to weigh: credits, agreements, wrong
    addresses, refusals, contacts of their own, what they heard this week, what they wrote,
    steps that wait for a person, credits in lots."""
    found = clients_with_credits(connection, owners)
    found |= clients_with_waiting_steps(connection, owners)
    found |= reader.heard_this_week(connection, owners).keys()
    found |= unanswered(connection, owners, reader.on).keys()
    found |= read_placed(connection, owners).keys()
    for query in (
        sa.select(agreements.c.client_id).where(
            near(connection, agreements.c.client_id, owners),
            agreements.c.status == AgreementStatus.ACTIVE,
        ),
        sa.select(bad_addresses.c.client_id).where(
            near(connection, bad_addresses.c.client_id, owners)
        ),
        sa.select(consents.c.client_id).where(
            near(connection, consents.c.client_id, owners), reaching.REFUSED
        ),
        sa.select(client_contacts.c.client_id).where(
            near(connection, client_contacts.c.client_id, owners), reaching.CONTACT
        ),
    ):
        found |= set(connection.scalars(query))
    return found & owners
