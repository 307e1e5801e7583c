"""What the check counts on the server beside the sums: rows that do not fit together."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from incasso_mago4.codes import CUSTOMER
from incasso_mago4.database.mago import Mago


def rows_without_item(mago: Mago) -> int:
    """Rows of open items without a header."""
    header = mago.schema.relation("MA_PyblsRcvbls", "h")
    detail = mago.schema.relation("MA_PyblsRcvblsDetails", "d")
    typed = detail["CustSuppType"] == CUSTOMER if detail.has("CustSuppType") else sa.true()
    same = header["PymtSchedId"] == detail["PymtSchedId"]
    joined = detail.table.outerjoin(header.table, same)
    return _number(mago, _counted(joined).where(header["PymtSchedId"].is_(None), typed))


def items_without_customer(mago: Mago) -> int:
    """Open items of customers that do not exist."""
    header = mago.schema.relation("MA_PyblsRcvbls", "h")
    subject = mago.schema.relation("MA_CustSupp", "c")
    same = sa.and_(
        subject["CustSuppType"] == header["CustSuppType"], subject["CustSupp"] == header["CustSupp"]
    )
    open_items = sa.and_(header["CustSuppType"] == CUSTOMER, header["Settled"] == "0")
    joined = header.table.outerjoin(subject.table, same)
    return _number(mago, _counted(joined).where(open_items, subject["CustSupp"].is_(None)))


def customers(mago: Mago) -> int:
    """How many there are; suppliers are in the same table."""
    subject = mago.schema.relation("MA_CustSupp", "c")
    return _number(mago, _counted(subject.table).where(subject["CustSuppType"] == CUSTOMER))


def rows_of(mago: Mago, table: Any) -> int:
    """The rows of a table."""
    return _number(mago, _counted(table))


def _counted(source: Any) -> sa.Select[Any]:
    return sa.select(sa.func.count()).select_from(source)


def _number(mago: Mago, statement: sa.Select[Any]) -> int:
    return int(next(mago.rows(statement))[0])
