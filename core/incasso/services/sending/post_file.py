"""Reads the file in which people type or scan the numbers of registered letters."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Final

import msgspec

from incasso import apart
from incasso.contract.errors import IncassoError
from incasso.contract.text import text
from incasso.locale.system_words import system_words
from incasso.services.sending.post_workbook import first_sheet

LARGEST: Final = 5_000_000
_WORKBOOKS: Final = frozenset({".xlsx", ".xlsm", ".xls", ".ods"})
_REFERENCES: Final = frozenset({"riferimento", "rif", "reference", "delivery", "invio", "id"})
_NUMBERS: Final = frozenset(
    {"numero", "number", "raccomandata", "numero raccomandata", "n raccomandata", "tracking"}
    | {"codice", "barcode", "numero di spedizione", "tracking number"}
)


class PostFileError(IncassoError):
    """The file cannot be read; nothing was changed."""


class TypedNumber(msgspec.Struct, frozen=True, kw_only=True):
    """One row: `row` as a spreadsheet numbers it."""

    row: int
    reference: str
    number: str


class PostFile(msgspec.Struct, frozen=True, kw_only=True):
    """What the file holds; a plain list has numbers only, in the order of the day's list."""

    rows: tuple[TypedNumber, ...]
    is_list: bool


def read_post_file(file: Path) -> PostFile:
    """Rows with reference and number, or a plain list of numbers. Raises PostFileError."""
    rows = _workbook(file) if file.suffix.lower() in _WORKBOOKS else _text_rows(file)
    filled = [(n, [cell.strip() for cell in row]) for n, row in enumerate(rows, 1) if any(row)]
    if not filled:
        raise PostFileError(text("{file} is empty.", file=str(file)))
    _, head = filled[0]
    names = [_plain(each) for each in head]
    number = next((place for place, name in enumerate(names) if name in _NUMBERS), None)
    reference = next((place for place, name in enumerate(names) if name in _REFERENCES), None)
    if number is not None and reference is not None:
        found = tuple(_table(filled[1:], reference, number))
        return PostFile(rows=found, is_list=False)
    listed = filled[1:] if number is not None else filled
    if any(sum(map(bool, row)) > 1 for _, row in listed):
        raise PostFileError(
            text(
                "{file} has several columns and no heading that says which is which: name them "
                "“riferimento” and “numero”.",
                file=str(file),
            )
        )
    only = tuple(
        TypedNumber(row=n, reference="", number=next(filter(None, row))) for n, row in listed
    )
    return PostFile(rows=only, is_list=True)


def _table(
    rows: Sequence[tuple[int, list[str]]], reference: int, number: int
) -> Iterator[TypedNumber]:
    for row, cells in rows:
        padded = [*cells, *[""] * (max(reference, number) + 1 - len(cells))]
        typed = TypedNumber(
            row=row,
            reference=padded[reference].removeprefix("'"),
            number=padded[number].removeprefix("'"),
        )
        if typed.reference or typed.number:
            yield typed


def _text_rows(file: Path) -> list[list[str]]:
    try:
        if file.stat().st_size > LARGEST:
            raise PostFileError(text("{file} is too large.", file=str(file)))
        content = file.read_bytes()
    except OSError as error:
        why = system_words(error)
        raise PostFileError(
            text("{file} cannot be read: {why}.", file=str(file), why=why)
        ) from None
    try:
        words = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        words = content.decode("cp1252", "replace")
    head = words.partition("\n")[0]
    separator = max(";,\t", key=head.count)
    try:
        return list(csv.reader(StringIO(words, newline=""), delimiter=separator))
    except csv.Error as error:
        raise PostFileError(
            text("{file} is no CSV that can be read: {why}.", file=str(file), why=str(error))
        ) from None


def _workbook(file: Path) -> list[list[str]]:
    try:
        return apart.run(
            first_sheet, str(file.resolve()), answer=list[list[str]], bounds=apart.WORKBOOK
        )
    except (apart.ReadApartError, IncassoError) as error:
        raise PostFileError(
            text("{file} cannot be read: {why}.", file=str(file), why=str(error))
        ) from None


def _plain(heading: str) -> str:
    bare = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", " ", bare).strip()
