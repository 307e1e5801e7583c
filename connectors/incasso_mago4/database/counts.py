"""What the check counts on the server beside the sums: rows that do not fit together."""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa

from incasso_mago4.codes import CUSTOMER
from incasso_mago4.database.mago import Mago
from incasso_mago4.raw import text


class Facts(NamedTuple):
    """What one statement asks for: each further query is a journey to the server."""

    company: str
    release: str
    """Of the database; empty where it does not say."""
    customers: int
    limits: int
    """Rows of the credit limits of the second generation; 0 where there is no such table."""


class Misfits(NamedTuple):
    """Rows that do not fit together."""

    without_item: int
    """Rows of open items without a header."""
    without_customer: int
    """Open items of customers that do not exist."""


def facts(mago: Mago) -> Facts:
    """The company as its small tables show it."""
    company = mago.schema.relation("MA_Company", "c")
    marks = mago.schema.relation("TB_DBMark", "m")
    credit = mago.schema.relation("MA_CreditCustomer", "k")
    statement = sa.select(
        _one(sa.select(company["CompanyName"]).limit(1)) if company else sa.null(),
        _one(sa.select(sa.func.max(marks["DBRelease"]))) if marks else sa.null(),
        _one(_customers(mago)),
        _one(_counted(credit.table)) if credit else sa.literal(0),
    )
    name, release, customers, limits = next(mago.rows(statement))
    return Facts(text(name), text(release), int(customers), int(limits))


def misfits(mago: Mago) -> Misfits:
    """What an accountant must look at; it reads the whole ledger."""
    parts = (_rows_without_item(mago), _items_without_customer(mago))
    row = next(mago.rows(sa.select(*map(_one, parts))))
    return Misfits(*map(int, row))


def _rows_without_item(mago: Mago) -> sa.Select[Any]:
    header = mago.schema.relation("MA_PyblsRcvbls", "h")
    detail = mago.schema.relation("MA_PyblsRcvblsDetails", "d")
    typed = detail["CustSuppType"] == CUSTOMER if detail.has("CustSuppType") else sa.true()
    same = header["PymtSchedId"] == detail["PymtSchedId"]
    joined = detail.table.outerjoin(header.table, same)
    return _counted(joined).where(header["PymtSchedId"].is_(None), typed)


def _items_without_customer(mago: Mago) -> sa.Select[Any]:
    header = mago.schema.relation("MA_PyblsRcvbls", "h")
    subject = mago.schema.relation("MA_CustSupp", "c")
    same = sa.and_(
        subject["CustSuppType"] == header["CustSuppType"], subject["CustSupp"] == header["CustSupp"]
    )
    open_items = sa.and_(header["CustSuppType"] == CUSTOMER, header["Settled"] == "0")
    joined = header.table.outerjoin(subject.table, same)
    return _counted(joined).where(open_items, subject["CustSupp"].is_(None))


def _customers(mago: Mago) -> sa.Select[Any]:
    """Suppliers are in the same table."""
    subject = mago.schema.relation("MA_CustSupp", "c")
    return _counted(subject.table).where(subject["CustSuppType"] == CUSTOMER)


def _one(statement: sa.Select[Any]) -> sa.ScalarSelect[Any]:
    return statement.scalar_subquery()


def _counted(source: Any) -> sa.Select[Any]:
    return sa.select(sa.func.count()).select_from(source)
