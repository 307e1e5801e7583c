"""A long lot in pages of placements: what follows from them is found by their numbers.

A page of rows asked for by itself would have the database sort the whole lot for each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.store.tables.placement import placements

PAGE: Final = 500
"""Placements read at once."""


def of_lot(
    connection: Connection, lot: int, *conditions: sa.ColumnElement[bool]
) -> Iterator[Sequence[int]]:
    """The numbers of a lot's placements for which conditions on `placements` hold, as they were
    when the first page was asked for: four bytes each, and what is done to one page moves no other.
    """
    query = sa.select(placements.c.id).where(placements.c.lot_id == lot, *conditions)
    numbers = list(connection.scalars(query.order_by(placements.c.id)))
    for first in range(0, len(numbers), PAGE):
        yield numbers[first : first + PAGE]
