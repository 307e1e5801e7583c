"""Pages: the server's own cut, and `next`: opaque, short-lived, good for one request."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

from incasso_fake_mexal.clock import Clock
from incasso_fake_mexal.wire import RefusalError, Row

SortKey: TypeAlias = tuple[tuple[int, Any], ...]
LASTS: Final = timedelta(seconds=60)
"""How long a token is good: the manual says to use it at once."""


@dataclass(frozen=True)
class Place:
    """Where a list goes on: after a record, so that what moves meanwhile is not lost."""

    request: tuple[Any, ...]
    after: SortKey | None
    given: datetime
    pages: int


class Pager:
    """Cuts lists into pages. `cut_at` is what the server gives at most, whatever `max` asks."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.cut_at = 40
        self.empty_pages = False
        """Every second page has no rows but a `next`: a filter that found nothing in 30 seconds."""
        self._open: dict[str, Place] = {}

    def forget(self) -> None:
        """The session ends (an exclusive procedure, a restart): every token is stale."""
        self._open.clear()

    def place(self, token: str | None, request: tuple[Any, ...]) -> Place:
        """Where to begin. Raises RefusalError for a token that is stale or of another request."""
        if not token:
            return Place(request, None, self.clock.now, 0)
        found = self._open.pop(token, None)
        if found is None or found.request != request:
            raise RefusalError(400, 6001, "Token next non valido")
        if self.clock.now - found.given > LASTS:
            raise RefusalError(400, 6001, "Token next scaduto")
        return found

    def page(
        self, rows: Sequence[tuple[SortKey, Row]], place: Place, most: int | None
    ) -> tuple[list[Row], str | None]:
        """The rows of a page, sorted by key, and the token of the next one."""
        left = [(k, row) for k, row in rows if place.after is None or k > place.after]
        size = min(self.cut_at, most or self.cut_at)
        if self.empty_pages and left and place.pages % 2:
            size = 0
        given, rest = left[:size], left[size:]
        if not rest:
            return [row for _, row in given], None
        after = given[-1][0] if given else place.after
        token = secrets.token_hex(16)
        self._open[token] = Place(place.request, after, self.clock.now, place.pages + 1)
        return [row for _, row in given], token


def sort_key(values: Sequence[Any]) -> SortKey:
    """Numbers before texts, each by its own order."""
    return tuple((1, v.strip()) if isinstance(v, str) else (0, v) for v in values)
