"""Cursors of the simple pulls: documents and payments touched since an instant."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from incasso.api import Cursor
from incasso_mago4.database.cursor import Position
from incasso_mago4.database.mago import Mago
from incasso_mago4.fingerprints import seed_of

_CLOCKS = {
    "mssql": "SELECT CURRENT_TIMESTAMP",
    "postgresql": "SELECT LOCALTIMESTAMP",
    "oracle": "SELECT CAST(SYSTIMESTAMP AS TIMESTAMP) FROM DUAL",
}


def clock_of(mago: Mago) -> datetime | None:
    """The server's own time, in its own zone; None where the database is a file."""
    if mago.client.dialect not in _CLOCKS:
        return None
    moment = next(mago.rows(_CLOCKS[mago.client.dialect]))[0]
    return moment if isinstance(moment, datetime) else None


def begin(mago: Mago, since: Cursor) -> datetime:
    """The instant to report from. Raises CursorExpiredError."""
    return Position.of(since, seed_of(mago.settings)).since


class Latest:
    """The last change seen in a pull, and the cursor that follows from it."""

    def __init__(self, mago: Mago) -> None:
        self._mago = mago
        self._clock = clock_of(mago)
        self._highest: datetime | None = None

    def saw(self, *marks: Any) -> None:
        """Instants of a row; other values are skipped."""
        for mark in marks:
            if isinstance(mark, datetime) and (self._highest is None or mark > self._highest):
                self._highest = mark

    @property
    def cursor(self) -> Cursor:
        """The cursor of the next pull."""
        settings = self._mago.settings
        return Position.after(self._highest, self._clock, settings, seed_of(settings)).text


def touched(begin: datetime, *columns: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Whether any of them is not before an instant; a column that is missing never is."""
    return sa.or_(*(column >= begin for column in columns if not isinstance(column, sa.Null)))
