"""A plugin's stream of pages, read and checked on the instance's own thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from incasso.contract.text import Text, text
from incasso.contract.values import Page
from incasso.plugins.fields import hints, is_storable, misfits
from incasso.plugins.results import NotWantedError
from incasso.plugins.rules import HookRule
from incasso.plugins.sieve import Sieve
from incasso.plugins.worker_pool import STOP


class Pages:
    """A plugin's stream, read page by page on the instance's own thread."""

    def __init__(
        self, rule: HookRule, begin: Callable[[], Any], max_page: int, sieve: Sieve
    ) -> None:
        self._rule = rule
        self._begin = begin
        self._max_page = max_page
        self._sieve = sieve
        self._pages: Iterator[Any] | None = None

    def turn(self) -> Any:
        """The next page, its wrong items replaced; STOP at the end."""
        if self._pages is None:
            self._pages = self._started()
        page = next(self._pages, STOP)
        return page if page is STOP else self._taken(page)

    def close(self) -> None:
        """End the generator; harmless on a plain iterator, and twice."""
        pages, self._pages = self._pages, None
        if (close := getattr(pages, "close", None)) is not None:
            close()

    def _started(self) -> Iterator[Any]:
        pages = self._begin()
        if not isinstance(pages, Iterator):
            raise NotWantedError(
                text("gave {given}, not an iterator of pages", given=type(pages).__name__)
            )
        return pages

    def _taken(self, page: Any) -> Page[Any]:
        if type(page) is not Page:
            given, wanted = type(page).__name__, self._rule.result.wanted
            raise NotWantedError(text("gave {given}, not {wanted}", given=given, wanted=wanted))
        if wrong := _frame_fault(page, self._max_page):
            raise NotWantedError(wrong)
        kept = self._sieve.sift(page.items, self._rule.result.kinds, page.file, page.rows)
        return page if kept is page.items else msgspec.structs.replace(page, items=kept)


def _frame_fault(page: Page[Any], most: int) -> Text | None:
    """What is wrong with a page, its items aside. Of a page of a million keys it asks once."""
    for field, kind in (("items", object), ("unchanged", str), ("rows", int)):
        if not _is_tuple_of(kind, values := getattr(page, field)):
            return _wrong(field, type(values).__name__)
    if not is_storable("".join(page.unchanged)):
        return _wrong("unchanged", "str")
    for field in ("cursor", "complete", "file"):
        for _, words in misfits(getattr(page, field), hints(Page)[field]):
            return _wrong(field, words)
    return _count_fault(page, most)


def _count_fault(page: Page[Any], most: int) -> Text | None:
    if len(page.items) > most:
        return text(
            "gave a page of {count} items; its own limit is {most}",
            count=len(page.items),
            most=most,
        )
    if page.rows and len(page.rows) != len(page.items):
        return text(
            "gave {rows} rows for {items} items", rows=len(page.rows), items=len(page.items)
        )
    return None


def _is_tuple_of(kind: type, values: Sequence[Any]) -> bool:
    if type(values) is not tuple:
        return False
    return kind is object or all(issubclass(each, kind) for each in set(map(type, values)))


def _wrong(field: str, given: str) -> Text:
    return text("gave a page with a wrong {field}: {given}", field=field, given=given)
