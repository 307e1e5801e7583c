"""Lists of the ledger: clients, installments and what stands in quarantine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Row, Select

from incasso.domain.ledger.installment_status import BANK_GRACE_DAYS, Standing
from incasso.domain.orders.blocks import BlockedBy, blocked_by
from incasso.store.lists.blocked import ACTIVE, is_ours
from incasso.store.lists.filters import (
    ClientFilter,
    InstallmentFilter,
    QuarantineFilter,
    narrow,
    narrow_days,
    narrow_who,
)
from incasso.store.lists.rows import Fields, in_order, money, pages, sources_by_name
from incasso.store.tables import ledger, recovery
from incasso.store.tables.ledger import sources
from incasso.store.tables.office import users
from incasso.store.tables.orders import order_blocks

BANK_GRACE = timedelta(days=BANK_GRACE_DAYS)
"""A presented bill comes back days after its due date, or not at all: DESIGN §3.2 rule 1."""
AT_BANK = Standing.AT_BANK.value
"""What an ERP whose bank takes longer says of a bill it still waits for (`erp_hold`)."""

_clients, _installments, _quarantine = ledger.clients, ledger.installments, ledger.quarantine
_operator = users.alias("operator")
_responsible = users.alias("responsible")

_CANONICAL = (
    "key client document_kind document_number document_date installment_number due_date amount "
    "residual currency payment_method unpaid_on presented_on agent depot area notes "
    "document bill_number base_residual reminded_on reminders erp_hold"
).split()
_CLIENT_COLUMNS = (
    "code name vat tax_code is_person address zip city province country language email pec phone "
    "mobile fax contact_person contact_role call_hours agent depot area category payment_terms "
    "credit_limit blocked excluded seasonal rating notes public_body unpaid_count formerly"
).split()


def clients(connection: Connection, wanted: ClientFilter, on: date) -> Iterator[Fields]:
    """Clients by source and code: the canonical columns, and who works them."""
    query = (
        sa.select(
            _clients,
            sources.c.name.label("source"),
            sources.c.currency.label("own_currency"),
            _operator.c.login.label("operator"),
            _responsible.c.login.label("responsible"),
            order_blocks.c.made_on.label("block_since"),
            order_blocks.c.reason.label("block_reason"),
            is_ours().label("ours"),
        )
        .join(sources, sources.c.id == _clients.c.source_id)
        .outerjoin(order_blocks, ACTIVE)
        .outerjoin(_operator, _operator.c.id == _clients.c.operator_id)
        .outerjoin(_responsible, _responsible.c.id == _clients.c.responsible_id)
    )
    query = narrow_who(query, wanted)
    for column, value in (
        (_operator.c.login, wanted.operator),
        (_clients.c.category, wanted.category),
        (_clients.c.seasonal, wanted.seasonal),
    ):
        query = narrow(query, column, value)
    if wanted.blocked is not None:
        blocked = sa.or_(_clients.c.blocked, order_blocks.c.id.is_not(None))
        query = query.where(blocked == wanted.blocked)
    if wanted.excluded is not None:
        excluded = sa.or_(_clients.c.excluded, _clients.c.office_excluded)
        query = query.where(excluded == wanted.excluded)
    if wanted.overdue is not None:
        query = query.where(_has_overdue(on) == wanted.overdue)
    for source, _ in sources_by_name(connection, wanted.source):
        of_source = query.where(_clients.c.source_id == source)
        for page in pages(connection, of_source.order_by(in_order(connection, _clients.c.code))):
            yield from (_client(row) for row in page)


def installments(connection: Connection, wanted: InstallmentFilter, on: date) -> Iterator[Fields]:
    """Installments by source and key, with the days they are late on a business date."""
    # The columns are the fields, in their order: a row becomes a dict in one step.
    query: Select[Any] = (
        sa.select(
            *(
                _clients.c.code.label(name) if name == "client" else _installments.c[name]
                for name in _CANONICAL
            ),
            sources.c.name.label("source"),
            _installments.c.status,
            sa.literal(0).label("overdue_days"),
            _running_case().label("case"),
            effective_due_date().label("effective_due_date"),
            _clients.c.name.label("client_name"),
            sources.c.currency.label("own_currency"),
        )
        .select_from(_installments)
        .join(sources, sources.c.id == _installments.c.source_id)
        .join(_clients, _clients.c.id == _installments.c.client_id)
    )
    query = _narrow_installments(query, wanted, on)
    names = query.selected_columns.keys()
    for source, _ in sources_by_name(connection, wanted.source):
        of_source = query.where(_installments.c.source_id == source)
        in_turn = of_source.order_by(in_order(connection, _installments.c.key))
        for page in pages(connection, in_turn):
            yield from (_installment(dict(zip(names, row, strict=True)), on) for row in page)


def quarantine(connection: Connection, wanted: QuarantineFilter) -> Iterator[Fields]:
    """Rows that could not be taken in, newest run last, in the order of the file."""
    table = _quarantine
    query = sa.select(table, sources.c.name.label("source")).join(
        sources, sources.c.id == table.c.source_id
    )
    for column, value in (
        (sources.c.name, wanted.source),
        (table.c.run_id, wanted.run),
        (table.c.file, wanted.file),
    ):
        query = narrow(query, column, value)
    if not wanted.resolved:
        query = query.where(table.c.resolved_run_id.is_(None))
    for page in pages(connection, query.order_by(table.c.id)):
        yield from (_quarantined(row) for row in page)


def effective_due_date() -> ColumnElement[Any]:
    """The due date with its extension, if there is one."""
    extended = (
        sa.select(sa.func.max(recovery.agreements.c.until_on))
        .where(
            recovery.agreements.c.installment_id == _installments.c.id,
            recovery.agreements.c.kind == "extension",
            recovery.agreements.c.status == "active",
        )
        .correlate(_installments)
        .scalar_subquery()
    )
    return sa.type_coerce(sa.func.coalesce(extended, _installments.c.due_date), sa.Date())


def is_overdue(on: date) -> ColumnElement[bool]:
    """Open, owed and past its effective due date; a bill at the bank has some days' grace."""
    return sa.and_(
        _installments.c.status == "open",
        _installments.c.residual > 0,
        _installments.c.due_date < on,
        effective_due_date() < on,
        ~at_the_bank(on, effective_due_date()),
    )


def at_the_bank(on: date, due: ColumnElement[date]) -> ColumnElement[bool]:
    """Presented and within its grace days, or as the ERP says."""
    return sa.or_(
        _installments.c.erp_hold == AT_BANK,
        sa.and_(
            _installments.c.presented_on.is_not(None),
            _installments.c.unpaid_on.is_(None),
            due >= on - BANK_GRACE,
        ),
    )


def _has_overdue(on: date) -> ColumnElement[bool]:
    of_client = sa.select(1).where(_installments.c.client_id == _clients.c.id, is_overdue(on))
    return of_client.correlate(_clients).exists()


def _narrow_installments(query: Select[Any], wanted: InstallmentFilter, on: date) -> Select[Any]:
    query = narrow_who(query, wanted)
    if wanted.operator is not None:
        query = query.join(_operator, _operator.c.id == _clients.c.operator_id)
        query = query.where(_operator.c.login == wanted.operator)
    query = narrow(query, _installments.c.status, wanted.status)
    query = narrow(query, _installments.c.payment_method, wanted.payment_method)
    if wanted.unpaid is not None:
        query = query.where(_installments.c.unpaid_on.is_not(None) == wanted.unpaid)
    if wanted.held is not None:
        query = query.where((_installments.c.erp_hold != "") == wanted.held)
    query = narrow_days(query, _installments.c.due_date, wanted.due_from, wanted.due_to)
    if wanted.band is not None:
        first, last = wanted.band
        query = query.where(is_overdue(on), effective_due_date() <= on - timedelta(days=first))
        if last is not None:
            query = query.where(effective_due_date() >= on - timedelta(days=last))
    return query


def _running_case() -> ColumnElement[Any]:
    cases = recovery.cases
    return (
        sa.select(cases.c.id)
        .where(cases.c.installment_id == _installments.c.id, cases.c.state != "closed")
        .correlate(_installments)
        .scalar_subquery()
    )


def _client(row: Row[Any]) -> Fields:
    fields: Fields = {name: getattr(row, name) for name in _CLIENT_COLUMNS}
    fields["credit_limit"] = money(row.credit_limit, row.own_currency)
    return fields | {
        "source": row.source,
        "operator": row.operator,
        "responsible": row.responsible,
        "office_excluded": row.office_excluded,
        "iter_override": row.iter_override,
        "gone_on": row.gone_on,
        # `blocked` above is the ERP's flag as read, whoever set it.
        "orders_blocked_by": _who_blocks(row),
        "orders_blocked_since": row.block_since,
        "orders_blocked_reason": row.block_reason,
    }


def _installment(fields: Fields, on: date) -> Fields:
    fields["overdue_days"] = _overdue_days(fields, on)
    fields["amount"] = money(fields["amount"], fields["currency"])
    fields["residual"] = money(fields["residual"], fields["currency"])
    fields["base_residual"] = money(fields["base_residual"], fields.pop("own_currency"))
    return fields


def _overdue_days(fields: Fields, on: date) -> int:
    """Days past the effective due date; none for what is closed, in credit or at the bank."""
    if fields["status"] != "open" or fields["residual"] <= 0:
        return 0
    due: date = fields["effective_due_date"]
    if fields["erp_hold"] == AT_BANK:
        return 0
    if fields["presented_on"] and not fields["unpaid_on"] and on <= due + BANK_GRACE:
        return 0
    return max(0, (on - due).days)


def _quarantined(row: Row[Any]) -> Fields:
    return {
        "id": row.id,
        "source": row.source,
        "run": row.run_id,
        "file": row.file,
        "row": row.row,
        "field": row.field,
        "problem": row.problem,
        "hint": row.hint,
        "record": row.record,
        "key": row.key,
        "code": row.code,
        "resolved_by_run": row.resolved_run_id,
    }


def _who_blocks(row: Row[Any]) -> BlockedBy | None:
    hub = row.block_since is not None
    return blocked_by(hub=hub, erp_flag=row.blocked, ours=row.ours)
