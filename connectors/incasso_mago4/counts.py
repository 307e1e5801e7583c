"""What the check counts: open items, bills at the bank, rows that do not fit together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import sqlalchemy as sa

from incasso_mago4.cents import signed_cents
from incasso_mago4.codes import BASE_ONLY, CUSTOMER, OPENING, REOPENING
from incasso_mago4.mago import Mago
from incasso_mago4.open_items import around, in_scope, start_of
from incasso_mago4.totals import summed

EXAMPLES: Final = 5


@dataclass
class Counts:
    """Figures of one company."""

    open_items: dict[str, tuple[int, Decimal]] = field(default_factory=dict)
    newest: datetime | None = None
    at_bank: int = 0
    at_bank_closed: int = 0
    disagreeing: int = 0
    examples: list[str] = field(default_factory=list)
    orphans: int = 0
    strangers: int = 0


def counts(mago: Mago) -> Counts:
    """Count on the server; nothing is read row by row."""
    found = Counts()
    told = summed(mago)
    found.newest = told.newest
    found.open_items = {iso: (items, told.sums[iso]) for iso, items in told.items.items()}
    found.at_bank, found.at_bank_closed = _one_row(mago, _at_bank(mago))
    for item, number in _odd(mago):
        found.disagreeing += 1
        if len(found.examples) < EXAMPLES:
            found.examples.append(f"{item}|{number}")
    found.orphans = _one_row(mago, _orphans(mago))[0]
    found.strangers = _one_row(mago, _strangers(mago))[0]
    return found


def _one_row(mago: Mago, statement: sa.Select[Any]) -> list[int]:
    return [int(value or 0) for value in next(mago.rows(statement))]


def _each(mago: Mago, *more: Any) -> Any:
    """One row for each installment in scope: what its rows leave, and what the flag says."""
    tables = around(mago.schema)
    counted = tables["closing"].not_in(sorted(BASE_ONLY))
    cents = sa.case((counted, signed_cents(tables["amount"], tables["sign"])), else_=0)
    opening = sa.and_(tables["row_kind"] == OPENING, tables["closing"] != REOPENING)
    columns = [
        tables["item"].label("item"),
        tables["number"].label("number"),
        sa.func.sum(cents).label("cents"),
        sa.func.min(sa.case((opening, tables.flag("closed")))).label("closed"),
        sa.func.max(tables.flag("presented")).label("presented"),
        sa.func.max(tables.flag("collected")).label("collected"),
        sa.func.max(tables.flag("outstanding")).label("outstanding"),
        sa.func.max(sa.case((opening, tables["day"]))).label("due"),
    ]
    return (
        sa.select(*columns)
        .select_from(tables.joined)
        .where(*in_scope(mago.schema, tables.header, mago.settings, mago.on))
        .group_by(tables["item"], tables["number"])
        .subquery("i")
    )


def _at_bank(mago: Mago) -> sa.Select[Any]:
    each = _each(mago)
    there = sa.and_(
        each.c.presented == "1",
        sa.func.coalesce(each.c.collected, "0") != "1",
        sa.func.coalesce(each.c.outstanding, "0") != "1",
        each.c.due >= start_of(mago.on),
    )
    closed = sa.and_(there, each.c.cents == 0)
    return sa.select(
        sa.func.sum(sa.case((there, 1), else_=0)), sa.func.sum(sa.case((closed, 1), else_=0))
    ).select_from(each)


def _odd(mago: Mago) -> Iterator[tuple[int, int]]:
    """Where flag and arithmetic differ; a bill that came back may be closed with nothing left."""
    if not around(mago.schema).detail.has("Closed"):
        return
    each = _each(mago)
    cents = int(mago.settings.tolerance * 100)
    beyond = sa.not_(each.c.cents.between(-cents, cents))
    odd = sa.or_(
        sa.and_(each.c.closed == "1", beyond), sa.and_(each.c.closed == "0", each.c.cents == 0)
    )
    for item, number in mago.rows(sa.select(each.c.item, each.c.number).where(odd)):
        yield int(item), int(number)


def _orphans(mago: Mago) -> sa.Select[Any]:
    header = mago.schema.relation("MA_PyblsRcvbls", "h")
    detail = mago.schema.relation("MA_PyblsRcvblsDetails", "d")
    typed = detail["CustSuppType"] == CUSTOMER if detail.has("CustSuppType") else sa.true()
    return (
        sa.select(sa.func.count())
        .select_from(
            detail.table.outerjoin(header.table, header["PymtSchedId"] == detail["PymtSchedId"])
        )
        .where(header["PymtSchedId"].is_(None), typed)
    )


def _strangers(mago: Mago) -> sa.Select[Any]:
    header = mago.schema.relation("MA_PyblsRcvbls", "h")
    subject = mago.schema.relation("MA_CustSupp", "c")
    same = sa.and_(
        subject["CustSuppType"] == header["CustSuppType"], subject["CustSupp"] == header["CustSupp"]
    )
    return (
        sa.select(sa.func.count())
        .select_from(header.table.outerjoin(subject.table, same))
        .where(
            header["CustSuppType"] == CUSTOMER,
            header["Settled"] == "0",
            subject["CustSupp"].is_(None),
        )
    )
