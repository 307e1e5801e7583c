"""Which installment took over the debt of a returned bill, where it got a new number."""

from __future__ import annotations

from collections.abc import Mapping

from incasso_mago4.codes import BILL_UNPAID
from incasso_mago4.item_rows import Rows
from incasso_mago4.raw import flag, number

ByNumber = Mapping[int, Rows]
"""The rows of one item by the number of their installment."""


def takeovers(item: ByNumber) -> dict[int, int]:
    """Old installment to the one that carries its debt now.

    Which of the two rows holds the other's number is not documented, so the bill decides: the one
    that came back is the old one; failing that, the lower number.
    """
    found: dict[int, int] = {}
    for mine, rows in item.items():
        for row in rows:
            other = number(row.reopening_number)
            if other and other != mine and other in item:
                old, new = _in_order(mine, other, item)
                found[old] = new
    return found


def _in_order(one: int, two: int, item: ByNumber) -> tuple[int, int]:
    first, second = _came_back(item[one]), _came_back(item[two])
    if first != second:
        return (one, two) if first else (two, one)
    return min(one, two), max(one, two)


def _came_back(rows: Rows) -> bool:
    return any(flag(row.outstanding) or row.bill_status == BILL_UNPAID for row in rows)
