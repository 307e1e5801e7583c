"""Pages made by others: read their words, count them, put them behind a letter of ours.

They are opened apart, in a child process, so that no PDF can harm the hub.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from incasso import apart
from incasso.contract.text import text
from incasso.messages import foreign_pages
from incasso.messages.foreign_pages import LockedPagesError, UnfitPagesError

__all__ = [
    "MOST_PAGES",
    "LockedPagesError",
    "UnfitPagesError",
    "keywords_of",
    "merged_pdf",
    "page_count",
    "pdf_damage",
    "text_of",
]

T = TypeVar("T")

MOST_PAGES: Final = 30
"""Of documents behind one letter: the post and the fax charge by the page."""


def text_of(pdf: bytes) -> str:
    """The words of its first pages; empty for pictures of pages and for damaged files."""
    try:
        return _apart(foreign_pages.words_of, pdf, answer=str)
    except UnfitPagesError:
        return ""


def pdf_damage(pdf: bytes) -> str:
    """Why it cannot be opened; empty for a sound PDF, also for a locked one."""
    try:
        page_count(pdf)
    except LockedPagesError:
        return ""
    except UnfitPagesError as error:
        return str(error)
    return ""


def page_count(pdf: bytes) -> int:
    """How many pages. Raises UnfitPagesError for a PDF that is damaged, locked or too much."""
    return _apart(foreign_pages.count_of, pdf, answer=int)


def keywords_of(pdf: bytes) -> str:
    """The keywords that its maker put into a PDF. Raises UnfitPagesError."""
    return _apart(foreign_pages.keywords_of, pdf, answer=str)


def merged_pdf(letter: bytes, enclosed: Sequence[bytes]) -> bytes:
    """The letter with the pages of the others behind it, as one PDF.

    Raises UnfitPagesError if one of them is damaged or locked, or if they are too much.
    """
    return _apart(foreign_pages.merged, [letter, *enclosed], answer=bytes)


def _apart(reader: Callable[[Any], T], given: Any, *, answer: type[T]) -> T:
    try:
        return apart.run(reader, given, answer=answer, errors=(LockedPagesError, UnfitPagesError))
    except apart.ReadApartError as error:
        raise UnfitPagesError(text("the PDF cannot be read: {why}", why=str(error))) from None
