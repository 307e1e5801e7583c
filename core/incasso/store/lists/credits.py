"""What is owed, summed up: by band of lateness, client, agent, area, and by single due date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Row, Select

from incasso.store.lists.filters import WhoFilter, narrow_who
from incasso.store.lists.ledger import at_the_bank
from incasso.store.lists.rows import Fields, in_order, money, pages
from incasso.store.tables.ledger import clients, installments, sources
from incasso.store.tables.office import users
from incasso.store.tables.recovery import agreements

BANDS: Final = ((1, 30), (31, 60), (61, 90), (91, 180), (181, None))
"""Days late, both ends included: how Italian credit offices split what is past due."""

_operator = users.alias("operator")
_extended = (
    sa.select(agreements.c.installment_id, sa.func.max(agreements.c.until_on).label("until_on"))
    .where(agreements.c.kind == "extension", agreements.c.status == "active")
    .group_by(agreements.c.installment_id)
    .subquery("extended")
)
_residual = installments.c.residual
_due: ColumnElement[Any] = sa.func.coalesce(_extended.c.until_on, installments.c.due_date)

GROUPS: Final = {
    "source": (sources.c.name,),
    "client": (sources.c.name, clients.c.code, clients.c.name),
    "agent": (clients.c.agent,),
    "area": (clients.c.area,),
    "depot": (clients.c.depot,),
    "category": (clients.c.category,),
    "operator": (sa.func.coalesce(_operator.c.login, ""),),
    "method": (installments.c.payment_method,),
}
"""What credits may be summed by, beside the band."""


@dataclass(frozen=True, kw_only=True)
class CreditFilter(WhoFilter):
    """Whose credits; `at_least` leaves out groups that owe less, in minor units."""

    seasonal: bool | None = None


def band_name(band: tuple[int, int | None]) -> str:
    """`31-60`, or `181+`."""
    first, last = band
    return f"{first}+" if last is None else f"{first}-{last}"


def credits_by(
    connection: Connection, group: str, wanted: CreditFilter, on: date
) -> Iterator[Fields]:
    """One row per group and currency: count, total, what is not due, each band, credits.

    Raises KeyError for an unknown group. Sorted by group, then currency.
    """
    columns = [column.label(f"group_{n}") for n, column in enumerate(GROUPS[group])]
    query = _open_items(sa.select(*columns, installments.c.currency, *_sums(on)), wanted).group_by(
        *columns, installments.c.currency
    )
    ordered = query.order_by(*(in_order(connection, c) for c in columns), installments.c.currency)
    for page in pages(connection, ordered):
        yield from (_summed(row, group, len(columns)) for row in page)


def credits_by_band(connection: Connection, wanted: CreditFilter, on: date) -> list[Fields]:
    """One row per band and currency, from not due to the latest."""
    query = _open_items(sa.select(installments.c.currency, *_sums(on)), wanted)
    grouped = query.group_by(installments.c.currency).order_by(installments.c.currency)
    found: list[Fields] = []
    rows = connection.execute(grouped).all()
    for name in ("not_due", *map(band_name, BANDS), "credits"):
        for row in rows:
            values = row._mapping
            if values[f"{name} count"]:
                total = money(values[name], row.currency)
                count = values[f"{name} count"]
                found.append(
                    {"band": name, "currency": row.currency, "count": count, "total": total}
                )
    return found


def credits_by_due_date(connection: Connection, wanted: CreditFilter, on: date) -> Iterator[Fields]:
    """One row per client, due date and currency, with the days it is late; bills apart."""
    keys = (sources.c.name, clients.c.code, clients.c.name, _due)
    columns = [
        column.label(name)
        for name, column in zip(("source", "client", "client_name", "due_date"), keys, strict=True)
    ]
    total = sa.func.sum(_residual).label("total")
    at_bank = sa.case((at_the_bank(on, _due), 1), else_=0)
    summed = (sa.func.count().label("items"), total, at_bank.label("at_bank"))
    query = _open_items(sa.select(*columns, installments.c.currency, *summed), wanted).group_by(
        *keys, installments.c.currency, at_bank
    )
    texts = (in_order(connection, sources.c.name), in_order(connection, clients.c.code))
    for page in pages(connection, query.order_by(*texts, _due, installments.c.currency)):
        for row in page:
            due = (
                row.due_date if isinstance(row.due_date, date) else date.fromisoformat(row.due_date)
            )
            yield {
                "source": row.source,
                "client": row.client,
                "client_name": row.client_name,
                "due_date": due,
                "overdue_days": 0 if row.at_bank else max(0, (on - due).days),
                "currency": row.currency,
                "count": row.items,
                "total": money(row.total, row.currency),
            }


def _open_items(query: Select[Any], wanted: CreditFilter) -> Select[Any]:
    query = (
        query.select_from(installments)
        .join(clients, clients.c.id == installments.c.client_id)
        .join(sources, sources.c.id == installments.c.source_id)
        .outerjoin(_extended, _extended.c.installment_id == installments.c.id)
        .outerjoin(_operator, _operator.c.id == clients.c.operator_id)
        .where(installments.c.status == "open")
    )
    if wanted.operator is not None:
        query = query.where(_operator.c.login == wanted.operator)
    if wanted.seasonal is not None:
        query = query.where(clients.c.seasonal == wanted.seasonal)
    return narrow_who(query, wanted)


def _sums(on: date) -> list[ColumnElement[Any]]:
    """Sums and counts of each band; a bill still at the bank is not due yet."""
    at_bank = at_the_bank(on, _due)
    late = sa.and_(_residual > 0, ~at_bank)
    named = [("not_due", sa.and_(_residual > 0, sa.or_(_due >= on, at_bank)))]
    for first, last in BANDS:
        inside = [late, _due <= on - timedelta(days=first)]
        if last is not None:
            inside.append(_due >= on - timedelta(days=last))
        named.append((band_name((first, last)), sa.and_(*inside)))
    named.append(("credits", _residual <= 0))
    sums: list[ColumnElement[Any]] = [
        sa.func.count().label("items"),
        sa.func.sum(_residual).label("total"),
    ]
    for name, inside_band in named:
        sums.append(sa.func.sum(sa.case((inside_band, _residual), else_=0)).label(name))
        sums.append(sa.func.sum(sa.case((inside_band, 1), else_=0)).label(f"{name} count"))
    return sums


def _summed(row: Row[Any], group: str, keys: int) -> Fields:
    values = row._mapping
    currency = row.currency
    names = ("source", "client", "client_name") if group == "client" else (group,)
    fields: Fields = {name: values[f"group_{n}"] for n, name in enumerate(names[:keys])}
    late = sum(int(values[band_name(band)]) for band in BANDS)
    fields |= {"currency": currency, "count": row.items, "total": money(int(row.total), currency)}
    fields |= {"overdue": money(late, currency), "not_due": money(int(row.not_due), currency)}
    fields |= {band_name(b): money(int(values[band_name(b)]), currency) for b in BANDS}
    return fields | {"credits": money(int(row.credits), currency)}
