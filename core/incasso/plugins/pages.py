"""A plugin's stream of pages, read and checked on the instance's own thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from incasso.contract.text import text
from incasso.plugins.rules import HookRule
from incasso.plugins.worker_pool import STOP


class NotAPageError(Exception):
    """A stream yielded something that is no page; the text says what."""


class Pages:
    """A plugin's stream, read page by page on the instance's own thread."""

    def __init__(self, rule: HookRule, begin: Callable[[], Any], max_page: int) -> None:
        self._rule = rule
        self._begin = begin
        self._max_page = max_page
        self._pages: Iterator[Any] | None = None

    def turn(self) -> Any:
        """The next page, checked; STOP at the end."""
        if self._pages is None:
            self._pages = self._started()
        page = next(self._pages, STOP)
        if page is not STOP:
            self._check(page)
        return page

    def close(self) -> None:
        """End the generator; harmless on a plain iterator, and twice."""
        pages, self._pages = self._pages, None
        if (close := getattr(pages, "close", None)) is not None:
            close()

    def _started(self) -> Iterator[Any]:
        pages = self._begin()
        if not isinstance(pages, Iterator):
            raise NotAPageError(
                text("gave {given}, not an iterator of pages", given=type(pages).__name__)
            )
        return pages

    def _check(self, page: Any) -> None:
        if not self._rule.result.fits(page):
            given, wanted = type(page).__name__, self._rule.result.wanted
            raise NotAPageError(text("gave {given}, not {wanted}", given=given, wanted=wanted))
        if len(page.items) > self._max_page:
            raise NotAPageError(
                text(
                    "gave a page of {count} items; its own limit is {most}",
                    count=len(page.items),
                    most=self._max_page,
                )
            )
        if page.rows and len(page.rows) != len(page.items):
            raise NotAPageError(
                text(
                    "gave {rows} rows for {items} items",
                    rows=len(page.rows),
                    items=len(page.items),
                )
            )
        if strange := {type(item) for item in page.items} - self._rule.result.pages_of:
            names = sorted(kind.__name__ for kind in strange)
            wanted = self._rule.result.wanted
            raise NotAPageError(text("gave {names} inside {wanted}", names=names, wanted=wanted))
