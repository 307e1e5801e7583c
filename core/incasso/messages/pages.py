"""Pages made by others: read their words, count them, put them behind a letter of ours."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pypdf import PdfReader

from incasso.contract.text import text

MOST_PAGES: Final = 30
"""Of documents behind one letter: the post and the fax charge by the page."""

_LOOKED_AT: Final = 2

# Our own errors report what pypdf logs.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


class UnfitPagesError(Exception):
    """A PDF that cannot be printed with a letter; says why."""


class LockedPagesError(UnfitPagesError):
    """The PDF is locked by a password."""


def text_of(pdf: bytes) -> str:
    """The words of its first pages; empty for pictures of pages and for damaged files."""
    try:
        with _opened(pdf) as reader:
            return "\n".join(page.extract_text() for page in reader.pages[:_LOOKED_AT])
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
    """How many pages. Raises UnfitPagesError for a PDF that is damaged or locked."""
    with _opened(pdf) as reader:
        return len(reader.pages)


def merged_pdf(letter: bytes, enclosed: Sequence[bytes]) -> bytes:
    """The letter with the pages of the others behind it, as one PDF.

    Raises UnfitPagesError if one of them is damaged or locked.
    """
    from pypdf import PdfWriter

    writer = PdfWriter()
    for pdf in (letter, *enclosed):
        with _opened(pdf) as reader:
            writer.append(reader, import_outline=False)
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


@contextmanager
def _opened(pdf: bytes) -> Iterator[PdfReader]:
    """The library raises many kinds of errors for damaged files; all mean the same here."""
    from pypdf import PdfReader

    try:
        reader = PdfReader(BytesIO(pdf))
        if reader.is_encrypted:
            raise LockedPagesError(text("the PDF is locked by a password"))
        yield reader
    except UnfitPagesError:
        raise
    except Exception as error:
        raise UnfitPagesError(
            text("the PDF is damaged: {why}", why=" ".join(str(error).split())[:120])
        ) from None
