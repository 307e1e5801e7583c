"""Reports for people: what is owed by band, client, agent, area, and by single due date."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection

from incasso.contract.errors import IncassoError
from incasso.store.lists.credits import (
    BANDS,
    GROUPS,
    CreditFilter,
    band_name,
    credits_by,
    credits_by_band,
    credits_by_due_date,
)
from incasso.store.lists.rows import Fields

__all__ = ["BAND_NAMES", "CreditFilter", "ReportError", "credits_by_due_date", "overdue"]

BAND_NAMES = tuple(band_name(band) for band in BANDS)


class ReportError(IncassoError):
    """There is no such report."""


def overdue(
    connection: Connection, by: str, wanted: CreditFilter, on: date, *, late_only: bool = False
) -> Iterable[Fields]:
    """Open credits on a business date, summed `by` band or by a group; money per currency.

    `late_only` leaves out groups with nothing past due. Raises ReportError for an unknown group.
    """
    if by == "band":
        return credits_by_band(connection, wanted, on)
    if by not in GROUPS:
        raise ReportError(f"Credits are not summed by {by}: choose band, {', '.join(GROUPS)}.")
    rows = credits_by(connection, by, wanted, on)
    return (row for row in rows if row["overdue"]) if late_only else rows
