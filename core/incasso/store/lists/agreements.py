"""Lists of what is agreed with clients: all of it, and promises that are due or broken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.recovery.states import OF_PAYMENTS, AgreementKind, AgreementStatus
from incasso.store.lists.filters import days, whose
from incasso.store.lists.listing import Asks, Column, Filter, Kind, Listing, Order

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import ColumnElement, Connection

    from incasso.store.lists.paths import Paths


def _kinds() -> Iterable[str]:
    return AgreementKind


def _of_payments() -> Iterable[str]:
    return OF_PAYMENTS


def _statuses() -> Iterable[str]:
    return AgreementStatus


def _covered_sum(of: ColumnElement[Any]) -> ColumnElement[int]:
    """A sum over the installments that a promise or plan covers; null for other agreements."""
    import sqlalchemy as sa

    from incasso.store.tables.ledger import installments
    from incasso.store.tables.recovery import agreement_installments as covers
    from incasso.store.tables.recovery import agreements

    query = (
        sa.select(sa.cast(sa.func.sum(of), sa.BigInteger))
        .select_from(covers)
        .join(installments, installments.c.id == covers.c.installment_id)
        .where(covers.c.agreement_id == agreements.c.id)
    )
    return query.correlate(agreements).scalar_subquery()


def _open_now() -> ColumnElement[int]:
    import sqlalchemy as sa

    from incasso.store.tables.ledger import installments

    owed = sa.and_(installments.c.status == InstallmentStatus.OPEN, installments.c.residual > 0)
    return sa.case((owed, installments.c.residual), else_=0)


def _residual(paths: Paths) -> ColumnElement[int]:
    return _covered_sum(_open_now())


def _came_in(paths: Paths) -> ColumnElement[int]:
    from incasso.store.tables.recovery import agreement_installments

    return _covered_sum(agreement_installments.c.residual_then - _open_now())


def _broken_of_client(paths: Paths) -> ColumnElement[int]:
    import sqlalchemy as sa

    from incasso.store.tables.recovery import agreements

    other = agreements.alias("other")
    broken = sa.select(sa.func.count()).where(
        other.c.client_id == agreements.c.client_id,
        other.c.status == AgreementStatus.BROKEN,
        other.c.kind.in_(OF_PAYMENTS),
    )
    return broken.correlate(agreements).scalar_subquery()


def _installments(connection: Connection, ids: Sequence[int]) -> Mapping[int, list[str]]:
    from incasso.store.recovery.agreements import keys_of

    return keys_of(connection, ids)


def _payments(connection: Connection, ids: Sequence[int]) -> Mapping[int, list[dict[str, str]]]:
    from incasso.domain.money import from_minor
    from incasso.store.recovery.agreements import payments_of

    return {
        number: [
            {"on": one.due_on.isoformat(), "amount": str(from_minor(one.amount, one.currency))}
            for one in payments
        ]
        for number, payments in payments_of(connection, ids).items()
    }


AGREEMENTS: Final = Listing(
    name="agreements",
    help="List what is agreed with clients: holds, promises, plans, disputes, extensions.",
    table="agreements",
    order=("made_on", "id"),
    columns=(
        Column("id", Kind.NUMBER),
        Column("source", sql="source.name"),
        Column("client", sql="client.code"),
        Column("kind", Kind.CODE, words="agreement_kind"),
        Column("status", Kind.CODE, words="agreement_status"),
        Column("from_on", Kind.DAY),
        Column("until_on", Kind.DAY),
        Column("amount", Kind.AMOUNT, currency="currency"),
        Column("currency"),
        Column("installments", Kind.KEYS, sql=None, collected=_installments),
        Column("residual", Kind.AMOUNT, _residual, currency="currency"),
        Column("came_in", Kind.AMOUNT, _came_in, currency="currency"),
        Column("payments", Kind.DATA, sql=None, collected=_payments),
        Column("method", Kind.CODE, words="promised_method"),
        Column("grace_days", Kind.NUMBER),
        Column("renews", Kind.NUMBER, "renews_id"),
        Column("renewal", Kind.NUMBER),
        Column("down_payment", Kind.AMOUNT, currency="currency"),
        Column("interest", Kind.AMOUNT, currency="currency"),
        Column("interest_rate"),
        Column("acceleration", Kind.FLAG),
        Column("reason", Kind.PROSE),
        Column("code"),
        Column("department", Kind.PROSE),
        Column("assignee"),
        Column("answer", Kind.PROSE),
        Column("result", Kind.CODE, words="dispute_result"),
        Column("approved_by"),
        Column("owner"),
        Column("made_by"),
        Column("made_on", Kind.DAY),
        Column("ended_on", Kind.DAY),
        Column("ended_by"),
        Column("operator", sql="client.operator.login"),
        Column("client_name", Kind.PROSE, "client.name"),
    ),
    shown="id client client_name kind status until_on amount currency reason operator",
    filters=(
        *whose(),
        Filter("kind", Asks.ONE_OF, help="Only of this kind; may be repeated.", known=_kinds),
        Filter(
            "status", Asks.ONE_OF, help="Only in this status; may be repeated.", known=_statuses
        ),
        *days("until_on", "until_from", "until_to"),
    ),
)
"""By the day on which they were made."""


def _is_promise(paths: Paths) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = paths.column("kind").in_(OF_PAYMENTS)
    return condition


def _is_due(paths: Paths, wanted: bool) -> ColumnElement[bool]:
    """In force, and a payment whose day has come is not in yet; interest pays no debt."""
    import sqlalchemy as sa

    from incasso.store.tables.recovery import agreement_dates, agreements

    asked = (
        sa.select(sa.func.coalesce(sa.func.sum(agreement_dates.c.amount), 0))
        .where(
            agreement_dates.c.agreement_id == agreements.c.id, agreement_dates.c.due_on <= paths.on
        )
        .correlate(agreements)
        .scalar_subquery()
    )
    of_debt = agreements.c.amount - sa.func.coalesce(agreements.c.interest, 0)
    behind = asked * of_debt > sa.func.coalesce(_came_in(paths), 0) * agreements.c.amount
    due: ColumnElement[bool] = sa.and_(agreements.c.status == AgreementStatus.ACTIVE, behind)
    return due if wanted else ~due


def _is_broken(paths: Paths, wanted: bool) -> ColumnElement[bool]:
    broken: ColumnElement[bool] = paths.column("status") == AgreementStatus.BROKEN
    return broken if wanted else ~broken


def _is_of_now(paths: Paths, everything: bool) -> ColumnElement[bool] | None:
    """In force; or broken, still owed and not made again."""
    import sqlalchemy as sa

    from incasso.store.tables.recovery import agreements

    if everything:
        return None
    again = agreements.alias("again")
    renewed = sa.exists().where(again.c.renews_id == agreements.c.id).correlate(agreements)
    broken = sa.and_(agreements.c.status == AgreementStatus.BROKEN, ~renewed, _residual(paths) > 0)
    return sa.or_(agreements.c.status == AgreementStatus.ACTIVE, broken)


def _payment_on(connection: Connection, ids: Sequence[int]) -> Mapping[int, date | None]:
    from incasso.store.recovery.facts_agreements import judgements

    return {number: found.payment_on for number, found in judgements(connection, ids).items()}


def _waits_until(connection: Connection, ids: Sequence[int]) -> Mapping[int, date | None]:
    from incasso.store.recovery.facts_agreements import judgements

    return {number: found.until for number, found in judgements(connection, ids).items()}


PROMISES: Final = Listing(
    name="promises",
    help="List promises and plans: in force, due on the business date, and broken.",
    table="agreements",
    order=("until_on", "id"),
    orders=(
        Order(
            name="until",
            by=("until_on", "id"),
            where="kind IN ('promise', 'plan') AND until_on IS NOT NULL",
        ),
    ),
    only=_is_promise,
    dated=True,
    columns=(
        Column("id", Kind.NUMBER),
        Column("source", sql="source.name"),
        Column("client", sql="client.code"),
        Column("client_name", Kind.PROSE, "client.name"),
        Column("kind", Kind.CODE, words="agreement_kind"),
        Column("amount", Kind.AMOUNT, currency="currency"),
        Column("currency"),
        Column("came_in", Kind.AMOUNT, _came_in, currency="currency"),
        Column("residual", Kind.AMOUNT, _residual, currency="currency"),
        Column("until", Kind.DAY, "until_on"),
        Column("payment_on", Kind.DAY, sql=None, collected=_payment_on),
        Column("waits_until", Kind.DAY, sql=None, collected=_waits_until),
        Column("status", Kind.CODE, words="agreement_status"),
        Column("operator", sql="client.operator.login"),
        Column("broken", Kind.NUMBER, _broken_of_client),
        Column("renewal", Kind.NUMBER),
        Column("method", Kind.CODE, words="promised_method"),
        Column("installments", Kind.KEYS, sql=None, collected=_installments),
        Column("made_by"),
        Column("made_on", Kind.DAY),
    ),
    shown="id client_name kind amount currency until waits_until status operator broken",
    filters=(
        *whose(),
        Filter("kind", Asks.ONE_OF, help="Only of this kind; may be repeated.", known=_of_payments),
        Filter("due", Asks.FLAG, help="A payment whose day has come is not in.", where=_is_due),
        Filter("broken", Asks.FLAG, help="Broken.", where=_is_broken),
        Filter(
            "everything",
            Asks.SWITCH,
            help="Also what was kept, released, made again or paid.",
            where=_is_of_now,
            option="--all",
        ),
        *days("until_on", "until_from", "until_to"),
    ),
)
"""By the last day promised."""
