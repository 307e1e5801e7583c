"""What the child does with a PDF of others: count its pages, read its words, put PDFs together."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pypdf import PdfReader

from incasso.contract.text import text

_LOOKED_AT: Final = 2

# Our own errors report what pypdf logs.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


class UnfitPagesError(Exception):
    """A PDF that cannot be printed with a letter; says why."""


class LockedPagesError(UnfitPagesError):
    """The PDF is locked by a password."""


def words_of(pdf: bytes) -> str:
    """The words of its first pages. Raises UnfitPagesError."""
    with _opened(pdf) as reader:
        return "\n".join(page.extract_text() for page in reader.pages[:_LOOKED_AT])


def count_of(pdf: bytes) -> int:
    """How many pages. Raises UnfitPagesError."""
    with _opened(pdf) as reader:
        return len(reader.pages)


def keywords_of(pdf: bytes) -> str:
    """What the file says about itself. Raises UnfitPagesError."""
    with _opened(pdf) as reader:
        found = reader.metadata
        return "" if found is None else str(found.get("/Keywords", ""))


def merged(pdfs: Sequence[bytes]) -> bytes:
    """All their pages as one PDF. Raises UnfitPagesError."""
    from pypdf import PdfWriter

    writer = PdfWriter()
    for pdf in pdfs:
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
    except (UnfitPagesError, MemoryError):
        raise
    except Exception as error:
        raise UnfitPagesError(
            text("the PDF is damaged: {why}", why=" ".join(str(error).split())[:120])
        ) from None
