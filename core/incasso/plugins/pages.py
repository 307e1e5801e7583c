"""A plugin's stream of pages, read and checked on the instance's own thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from incasso.contract.text import Text, text
from incasso.contract.values import ExternalId, Page
from incasso.plugins.fields import WHOLE, hints, is_storable, misfits, shown
from incasso.plugins.results import NotWantedError
from incasso.plugins.rules import HookRule
from incasso.plugins.sieve import Sieve
from incasso.plugins.worker_pool import STOP


class Pages:
    """A plugin's stream, read page by page on the instance's own thread."""

    def __init__(
        self,
        rule: HookRule,
        begin: Callable[[], Any],
        max_page: int,
        sieve: Sieve,
        *,
        whole: bool = False,
    ) -> None:
        """`whole`: everything is asked for, not just what is new since a cursor."""
        self._rule = rule
        self._begin = begin
        self._max_page = max_page
        self._sieve = sieve
        self._pages: Iterator[Any] | None = None
        self._page_due = whole and rule.never_empty

    def turn(self) -> Any:
        """The next page, its wrong items replaced; STOP at the end."""
        if self._pages is None:
            self._pages = self._started()
        page = next(self._pages, STOP)
        if page is not STOP:
            self._page_due = False
            return self._taken(page)
        if self._page_due:  # a generator that merely returned; no ledger is read from that
            raise NotWantedError(
                text("gave no page at all: a source that holds nothing is one page without items")
            )
        return STOP

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


_MANY: Final[Mapping[str, type]] = {"items": object, "unchanged": str, "rows": int}
"""Fields of a page that hold one value for each row."""


def _frame_fault(page: Page[Any], most: int) -> Text | None:
    """What is wrong with a page, its items aside. Of a page of a million keys it asks once."""
    for field, kind in _MANY.items():
        if not _is_tuple_of(kind, values := getattr(page, field)):
            return _wrong(field, shown(values))
    for field, wanted in hints(Page).items():
        if field in _MANY:
            continue
        for path, words in misfits(getattr(page, field), wanted):
            return _wrong(field + path, words)
    key = max(page.unchanged, key=len, default="")
    for _, words in misfits(key, ExternalId):
        return _wrong("unchanged", words)
    if not is_storable("".join(page.unchanged)):
        return _wrong("unchanged", text("a text with characters that cannot be stored"))
    if page.rows and not 0 <= min(page.rows) <= max(page.rows) <= WHOLE:
        return _wrong("rows", text("a number that cannot be that of a row"))
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
    if kind is object:
        return True
    return all(issubclass(each, kind) and each is not bool for each in set(map(type, values)))


def _wrong(field: str, given: str) -> Text:
    return text("gave a page with a wrong {field}: {given}", field=field, given=given)
