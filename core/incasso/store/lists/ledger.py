"""Lists of the ledger: clients, installments and what stands in quarantine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from incasso.domain.ledger.overdue import COLLECTED
from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.recovery.states import CaseState
from incasso.store.lists.filters import days, whose
from incasso.store.lists.listing import (
    Asks,
    Belongs,
    Column,
    Fields,
    Filter,
    Kind,
    Listing,
    Order,
)
from incasso.store.lists.totals import (
    cases_of_client,
    has_overdue,
    of_client,
    overdue_of_client,
    owed_by_client,
    running_cases,
)

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause

    from incasso.store.lists.paths import Paths


def _active_block(paths: Paths) -> tuple[FromClause, ColumnElement[bool]]:
    from incasso.store.lists.blocked import ACTIVE
    from incasso.store.tables.orders import order_blocks

    return order_blocks, ACTIVE


def _is_ours(paths: Paths) -> ColumnElement[bool]:
    from incasso.store.lists.blocked import is_ours

    return is_ours()


def _who_blocks(row: Fields, paths: Paths) -> str | None:
    from incasso.domain.orders.blocks import blocked_by

    hub = row["orders_blocked_since"] is not None
    return blocked_by(hub=hub, erp_flag=row["blocked"], ours=row["ours"])


def _is_blocked(paths: Paths, wanted: bool) -> ColumnElement[bool]:
    blocked: ColumnElement[bool] = paths.column("blocked")
    return (blocked | paths.column("block.id").is_not(None)) == wanted


def _is_excluded(paths: Paths, wanted: bool) -> ColumnElement[bool]:
    excluded: ColumnElement[bool] = paths.column("excluded")
    return (excluded | paths.column("office_excluded")) == wanted


CLIENTS = Listing(
    name="clients",
    help="List clients: master data, operator, responsible.",
    table="clients",
    client="",
    by_source=True,
    order=("code",),
    orders=(
        Order(name="code", by=("code",), by_source=True),
        Order(name="name", by=("name", "id")),
    ),
    dated=True,
    joins={"block": _active_block, "totals": of_client, "counted": cases_of_client},
    columns=(
        Column("code"),
        Column("name", Kind.PROSE),
        Column("vat"),
        Column("tax_code"),
        Column("is_person", Kind.FLAG),
        Column("address", Kind.PROSE),
        Column("zip"),
        Column("city"),
        Column("province"),
        Column("country"),
        Column("language"),
        Column("email", Kind.PROSE),
        Column("pec", Kind.PROSE),
        Column("phone"),
        Column("mobile"),
        Column("fax"),
        Column("contact_person", Kind.PROSE),
        Column("contact_role", Kind.PROSE),
        Column("call_hours", Kind.PROSE),
        Column("agent"),
        Column("depot"),
        Column("area"),
        Column("category"),
        Column("payment_terms", Kind.PROSE),
        Column("credit_limit", Kind.AMOUNT, currency="own_currency"),
        Column("blocked", Kind.FLAG),  # the ERP's flag as read
        Column("excluded", Kind.FLAG),
        Column("seasonal", Kind.FLAG),
        Column("rating"),
        Column("notes", Kind.PROSE),
        Column("public_body", Kind.FLAG),
        Column("unpaid_count", Kind.NUMBER),
        Column("formerly"),
        Column("source", sql="source.name"),
        Column("operator", sql="operator.login"),
        Column("responsible", sql="responsible.login"),
        Column("office_excluded", Kind.FLAG),
        Column("iter_override"),
        Column("gone_on", Kind.DAY),
        Column("orders_blocked_by", Kind.CODE, sql=None, made=_who_blocks),
        Column("orders_blocked_since", Kind.DAY, "block.made_on"),
        Column("orders_blocked_reason", Kind.PROSE, "block.reason"),
        # In the company's own currency; `exposure` has every one.
        Column("owed", Kind.AMOUNT, owed_by_client, currency="own_currency"),
        Column("overdue", Kind.AMOUNT, overdue_of_client, currency="own_currency"),
        Column("oldest_overdue_on", Kind.DAY, "totals.oldest_overdue_on"),
        Column("running_cases", Kind.NUMBER, running_cases),
        Column("own_currency", sql="source.currency", hidden=True),
        Column("ours", Kind.FLAG, _is_ours, hidden=True),
    ),
    shown="source code name city phone email agent operator",
    filters=(
        *whose(operator="operator.login"),
        Filter("category", Asks.TEXT, help="Only of this category.", among="clients.category"),
        Filter("seasonal", Asks.FLAG, help="Buys in seasons."),
        Filter("blocked", Asks.FLAG, help="Orders blocked.", where=_is_blocked),
        Filter("excluded", Asks.FLAG, help="Never dunned.", where=_is_excluded),
        Filter("overdue", Asks.FLAG, help="With something past due.", where=has_overdue),
    ),
)
"""By source and code; who works each client, and whether it may order."""


def _statuses() -> Iterable[str]:
    return InstallmentStatus


def _is_in(paths: Paths, statuses: Sequence[str]) -> ColumnElement[bool]:
    """Installments that are neither open nor paid are few, and an index has them."""
    import sqlalchemy as sa

    found = paths.column("status").in_(statuses)
    if {InstallmentStatus.OPEN, InstallmentStatus.PAID}.isdisjoint(statuses):
        paths.finds = True
        return sa.and_(found, sa.text("installments.status IN ('vanished', 'gone')"))
    return found


def _methods() -> Iterable[str]:
    from incasso.contract.ledger import PaymentMethod

    return PaymentMethod


def _running_case(paths: Paths) -> ColumnElement[Any]:
    import sqlalchemy as sa

    from incasso.store.tables.ledger import installments
    from incasso.store.tables.recovery import cases

    running = sa.select(cases.c.id).where(
        cases.c.installment_id == installments.c.id, cases.c.state != CaseState.CLOSED
    )
    return running.correlate(installments).scalar_subquery()


def _effective_due_date(paths: Paths) -> ColumnElement[date]:
    from incasso.store.ledger.overdue import effective_due_date

    return effective_due_date()


def _overdue_days(row: Fields, paths: Paths) -> int:
    from incasso.domain.ledger.overdue import overdue_days

    return overdue_days(
        paths.on,
        is_owed=row["status"] == InstallmentStatus.OPEN and row["residual"] > 0,
        effective_due=row["effective_due_date"],
        at_bank=row["at_bank"],
    )


def _at_bank(paths: Paths) -> ColumnElement[bool]:
    from incasso.store.ledger.overdue import is_at_bank

    return is_at_bank(paths.connection, paths.on)


def _charges(paths: Paths) -> ColumnElement[int]:
    from incasso.store.ledger.charges import charges_asked

    return charges_asked(paths.base, paths.table("source"))


def _is_unpaid(paths: Paths, wanted: bool) -> ColumnElement[bool]:
    came_back = paths.column("unpaid_on").is_not(None)
    paths.finds = paths.finds or wanted
    return came_back if wanted else ~came_back


def _is_held(paths: Paths, wanted: bool) -> ColumnElement[bool]:
    import sqlalchemy as sa

    held: ColumnElement[bool] = paths.column("erp_hold").not_in(("", COLLECTED))
    if not wanted:
        return ~held
    paths.finds = True
    return sa.and_(held, paths.column("erp_hold") != sa.literal_column("''"))


def _is_late(paths: Paths, band: tuple[int, int | None]) -> ColumnElement[bool]:
    from incasso.store.ledger.overdue import effective_due_date, is_overdue

    first, last = band
    # An extension only ever moves the due date on.
    paths.bounds["due_date"] = [(Asks.LAST_DAY, paths.on - timedelta(days=first))]
    overdue = is_overdue(paths.connection, paths.on)
    late = overdue & (effective_due_date() <= paths.on - timedelta(days=first))
    if last is None:
        return late
    return late & (effective_due_date() >= paths.on - timedelta(days=last))


def _situations() -> Iterable[str]:
    from incasso.domain.ledger.situation import Situation

    return Situation


def _situation(paths: Paths) -> ColumnElement[Any]:
    from incasso.store.ledger.situation import situation

    return situation(paths.connection, paths.on)


INSTALLMENTS = Listing(
    name="installments",
    help="List installments, with the days they are late on the business date.",
    table="installments",
    by_source=True,
    order=("key",),
    orders=(
        Order(name="key", by=("key",), by_source=True),
        Order(name="due", by=("due_date", "id"), where="status = 'open'"),
    ),
    dated=True,
    columns=(
        Column("key"),
        Column("client", sql="client.code"),
        Column("document_kind", Kind.CODE),
        Column("document_number"),
        Column("document_date", Kind.DAY),
        Column("installment_number", Kind.NUMBER),
        Column("due_date", Kind.DAY),
        Column("amount", Kind.AMOUNT, currency="currency"),
        Column("residual", Kind.AMOUNT, currency="currency"),
        Column("currency"),
        Column("payment_method", Kind.CODE),
        Column("unpaid_on", Kind.DAY),
        Column("presented_on", Kind.DAY),
        Column("agent"),
        Column("depot"),
        Column("area"),
        Column("notes", Kind.PROSE),
        Column("document"),
        Column("bill_number"),
        Column("base_residual", Kind.AMOUNT, currency="own_currency"),
        Column("reminded_on", Kind.DAY),
        Column("reminders", Kind.NUMBER),
        Column("erp_hold", Kind.PROSE),
        Column("source", sql="source.name"),
        Column("status", Kind.CODE),
        Column("overdue_days", Kind.NUMBER, sql=None, made=_overdue_days),
        Column("case", Kind.NUMBER, _running_case),
        Column("effective_due_date", Kind.DAY, _effective_due_date),
        Column("client_name", Kind.PROSE, "client.name"),
        Column("charges", Kind.AMOUNT, _charges, currency="currency"),
        Column("situation", Kind.CODE, _situation),
        Column("own_currency", sql="source.currency", hidden=True),
        Column("at_bank", Kind.FLAG, _at_bank, hidden=True),
    ),
    shown="source key client_name effective_due_date overdue_days residual currency "
    "payment_method situation",
    filters=(
        *whose(),
        Filter(
            "status",
            Asks.ONE_OF,
            help="Only in this status; may be repeated.",
            where=_is_in,
            known=_statuses,
        ),
        Filter(
            "situation",
            Asks.ONE_OF,
            help="Only standing like this on the business date: overdue, at_bank, unpaid, "
            "promised, …; may be repeated.",
            sql=_situation,
            known=_situations,
        ),
        Filter(
            "payment_method",
            Asks.TEXT,
            help="Only paid this way.",
            option="--method",
            known=_methods,
        ),
        Filter("unpaid", Asks.FLAG, help="Came back from the bank.", where=_is_unpaid),
        Filter(
            "held",
            Asks.FLAG,
            help="Held back by the ERP: legal, blocked, factoring.",
            where=_is_held,
        ),
        *days("due_date", "due_from", "due_to"),
        Filter(
            "band",
            Asks.LATENESS,
            help="Days late: 1-30, 31-60, 90+.",
            where=_is_late,
            option="--overdue",
            metavar="DAYS",
        ),
    ),
)
"""By source and key; the canonical columns first."""


def _is_waiting(paths: Paths, resolved: bool) -> ColumnElement[bool] | None:
    if resolved:
        return None
    paths.finds = True
    return paths.column("resolved_run_id").is_(None)


QUARANTINE = Listing(
    name="quarantine",
    help="List rows that could not be taken in: where, what is wrong, and the cure.",
    table="quarantine",
    belongs=Belongs.SOURCE,
    order=("id",),
    columns=(
        Column("id", Kind.NUMBER),
        Column("source", sql="source.name"),
        Column("run", Kind.NUMBER, "run_id"),
        Column("file"),
        Column("row", Kind.NUMBER),
        Column("field"),
        Column("problem", Kind.PROSE),
        Column("hint", Kind.PROSE),
        Column("record"),
        Column("key"),
        Column("code"),
        Column("resolved_by_run", Kind.NUMBER, "resolved_run_id"),
    ),
    shown="source file row field problem hint",
    filters=(
        *whose("source"),
        Filter("run", Asks.NUMBER, help="Only of this sync run.", sql="run_id"),
        Filter("file", Asks.TEXT, help="Only of this file."),
        Filter(
            "resolved",
            Asks.SWITCH,
            help="Also what arrived well later.",
            where=_is_waiting,
            option="--all",
        ),
    ),
)
"""Newest run last, in the order of the file."""
