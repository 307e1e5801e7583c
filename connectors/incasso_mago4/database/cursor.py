"""Where a pull stopped: an instant of the server's own clock, and by which reading."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

import msgspec

from incasso.api import Cursor, CursorExpiredError
from incasso.api import text as sentence
from incasso_mago4.settings import Mago4Settings

EARLIEST: Final = datetime.combine(date(1900, 1, 1), time.min)


class _Stored(msgspec.Struct, frozen=True):
    since: str
    reading: int


@dataclass(frozen=True)
class Position:
    """Changes from `since` on are still to be reported. Local time of the server."""

    since: datetime
    reading: int

    @classmethod
    def after(
        cls,
        highest: datetime | None,
        clock: datetime | None,
        settings: Mago4Settings,
        reading: int,
    ) -> Position:
        """Behind the last change and behind the server's clock, whichever is earlier.

        A workstation whose clock is ahead must not hide what others write meanwhile; the overlap
        covers clocks that are behind.
        """
        known = [mark for mark in (highest, clock) if mark is not None]
        begin = min(known) if known else EARLIEST
        return cls(max(begin, EARLIEST) - timedelta(minutes=settings.overlap_minutes), reading)

    @classmethod
    def of(cls, cursor: Cursor, reading: int) -> Position:
        """Raises CursorExpiredError for a text that is none, or one of other settings."""
        try:
            stored = msgspec.json.decode(cursor, type=_Stored)
            since = datetime.fromisoformat(stored.since)
        except (msgspec.DecodeError, ValueError):
            raise CursorExpiredError(sentence("this is no cursor of a Mago4 company")) from None
        if stored.reading != reading:
            raise CursorExpiredError(
                sentence("the settings changed since; everything is read anew")
            )
        return cls(since, stored.reading)

    @property
    def text(self) -> Cursor:
        """As the hub stores it."""
        stored = _Stored(since=self.since.isoformat(), reading=self.reading)
        return msgspec.json.encode(stored).decode()
