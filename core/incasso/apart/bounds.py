"""How much a reader of a foreign file may use, and what is said when that is not enough."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from incasso.contract.errors import IncassoError
from incasso.contract.text import text
from incasso.contract.values import Value


class Bounds(Value, frozen=True, kw_only=True):
    """The most that one file may cost."""

    megabytes: int
    """Of address space, with the reader's own code (about 150). macOS does not enforce it."""
    seconds: float
    """Of waiting for the reader, and of its work on the processor."""


DOCUMENT: Final = Bounds(megabytes=1024, seconds=20)
"""For an invoice, a signed envelope, a PDF: at most 10 MB, usually read in milliseconds."""

WORKBOOK: Final = Bounds(megabytes=4096, seconds=300)
"""For a workbook: a million rows of ten columns take 1,150 MB and half a minute."""


class Cause(StrEnum):
    """Why a file could not be read apart."""

    MEMORY = "memory"
    TIME = "time"
    CRASH = "crash"
    """Its reader ended or failed in a way that no reader should: the file is damaged or hostile."""


class ReadApartError(IncassoError):
    """The file could not be read within its bounds."""

    def __init__(self, cause: Cause, message: str) -> None:
        super().__init__(message)
        self.cause = cause


def out_of_memory(bounds: Bounds) -> ReadApartError:
    """The file needs too much memory."""
    said = text("it is too large: reading it needs more than {n} MB of memory", n=bounds.megabytes)
    return ReadApartError(Cause.MEMORY, said)


def out_of_time(bounds: Bounds) -> ReadApartError:
    """The file takes too long."""
    said = text("reading it takes longer than {n} seconds", n=f"{bounds.seconds:g}")
    return ReadApartError(Cause.TIME, said)


def crashed(why: str) -> ReadApartError:
    """The reader failed."""
    said = text("it is damaged in a way that makes its reader fail ({why})", why=why)
    return ReadApartError(Cause.CRASH, said)
