"""A plugin's stream of pages, turned and checked on the instance's own thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from incasso.plugins.rules import HookRule
from incasso.plugins.worker_pool import STOP


class NotAPageError(Exception):
    """A stream gave something that is no page; the text says what."""


class Pages:
    """A plugin's stream, turned page by page on the instance's own thread."""

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
            raise NotAPageError(f"gave {type(pages).__name__}, not an iterator of pages")
        return pages

    def _check(self, page: Any) -> None:
        if not self._rule.result.fits(page):
            raise NotAPageError(f"gave {type(page).__name__}, not {self._rule.result.told}")
        if len(page.items) > self._max_page:
            raise NotAPageError(
                f"gave a page of {len(page.items)} items; its own limit is {self._max_page}"
            )
        if page.rows and len(page.rows) != len(page.items):
            raise NotAPageError(f"gave {len(page.rows)} rows for {len(page.items)} items")
        if strange := {type(item) for item in page.items} - self._rule.result.pages_of:
            names = ", ".join(sorted(kind.__name__ for kind in strange))
            raise NotAPageError(f"gave {names} inside {self._rule.result.told}")
