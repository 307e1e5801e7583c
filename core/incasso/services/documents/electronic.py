"""Electronic invoices read apart: in a child process, so that no file can harm the hub."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from incasso import apart
from incasso.contract.text import text
from incasso.contract.text_store import from_column, to_column
from incasso.fatturapa import FatturaError, Invoice, NoInvoiceError
from incasso.fatturapa import read_fattura as read_here
from incasso.fatturapa import xml_of as xml_of_here

_ERRORS = (NoInvoiceError, FatturaError)


class ReadFile(msgspec.Struct, frozen=True, array_like=True):
    """What one file of several said: its invoices, or why there are none."""

    invoices: tuple[Invoice, ...] = ()
    problem: str = ""
    """As `text_store.to_column` writes it."""
    foreign: bool = False
    """It is sound, but no invoice."""


def read_fattura(content: bytes) -> tuple[Invoice, ...]:
    """As `incasso.fatturapa.read_fattura`, read apart. Raises FatturaError for what is too much."""
    try:
        return apart.run(read_here, content, answer=tuple[Invoice, ...], errors=_ERRORS)
    except apart.ReadApartError as error:
        raise _refused(error) from None


def xml_of(content: bytes) -> bytes:
    """As `incasso.fatturapa.xml_of`, read apart; what is no envelope is taken as it is."""
    if content.startswith(b"<"):
        return xml_of_here(content)
    try:
        return apart.run(xml_of_here, content, answer=bytes, errors=_ERRORS)
    except apart.ReadApartError as error:
        raise _refused(error) from None


def read_each(contents: Sequence[bytes]) -> list[tuple[Invoice, ...] | FatturaError]:
    """Many files with one question to the child; if that fails, one by one."""
    try:
        read = apart.run(_read_each, list(contents), answer=list[ReadFile])
    except apart.ReadApartError:
        return [_alone(content) for content in contents]
    return [_unpacked(each) for each in read]


def _alone(content: bytes) -> tuple[Invoice, ...] | FatturaError:
    try:
        return read_fattura(content)
    except FatturaError as error:
        return error


def _unpacked(read: ReadFile) -> tuple[Invoice, ...] | FatturaError:
    if not read.problem:
        return read.invoices
    kind = NoInvoiceError if read.foreign else FatturaError
    return kind(from_column(read.problem))


def _read_each(contents: Sequence[bytes]) -> list[ReadFile]:
    """In the child."""
    return [_read_one(content) for content in contents]


def _read_one(content: bytes) -> ReadFile:
    try:
        return ReadFile(invoices=read_here(content))
    except FatturaError as error:
        foreign = isinstance(error, NoInvoiceError)
        return ReadFile(problem=to_column(str(error)), foreign=foreign)


def _refused(error: apart.ReadApartError) -> FatturaError:
    return FatturaError(text("the file cannot be read: {why}", why=str(error)))
