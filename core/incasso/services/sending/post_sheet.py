"""Writes the day's list of letters that people post, as PDF and CSV, and labels for them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Final

import msgspec

from incasso.contract.errors import IncassoError
from incasso.contract.media import Medium
from incasso.contract.text import text
from incasso.domain.office.actor import Scope
from incasso.domain.plain_cell import csv_text
from incasso.domain.sending.envelope_lines import envelope_lines
from incasso.locale.system_words import system_words
from incasso.messages.countries import country_line
from incasso.messages.post_pages import (
    LABEL_FORMS,
    SheetGroup,
    SheetRow,
    labels_pdf,
    sheet_pdf,
)
from incasso.services.office.office import Office
from incasso.services.sending.post_file import PostFileError, read_post_file
from incasso.store.sending.post_day import PostedLetter, letters_of

COLUMNS: Final = ("n", "tipo", "destinatario", "indirizzo", "riferimento", "numero")
"""Of the CSV; `numero` is filled in by the office and read by `incasso post numbers`."""

_KINDS: Final = {
    Medium.REGISTERED: ("Raccomandate", "raccomandata"),
    Medium.LETTER: ("Lettere", "lettera"),
    Medium.TELEGRAM: ("Telegrammi", "telegramma"),
}


class PostSheetError(IncassoError):
    """The list cannot be written; nothing was changed."""


class WrittenSheet(msgspec.Struct, frozen=True, kw_only=True):
    """What was written for one company."""

    source: str
    letters: int
    files: tuple[Path, ...]


def write_post_sheets(
    office: Office,
    scope: Scope,
    on: date,
    channels: Collection[str],
    into: Path,
    *,
    labels: str,
    skip: int = 0,
) -> list[WrittenSheet]:
    """For each company the list of the letters that these channels took on that day, and labels.

    Safe to repeat: letters that came meanwhile stand behind the others, and a CSV that holds
    numbers which the hub does not have is left as it is. Raises PostSheetError.
    """
    if labels not in LABEL_FORMS:
        known = list(LABEL_FORMS)
        raise PostSheetError(
            text("“{form}” is no sheet of labels: {known}.", form=labels, known=known)
        )
    with office.store.read() as connection:
        found = letters_of(connection, scope, on, channels)
    by_company = [(name, list(some)) for name, some in groupby(found, lambda each: each.source)]
    for source, letters in by_company:
        _keep_typed_numbers(into / _name("distinta", source, on, "csv"), letters)
    return [
        _written(office, source, on, letters, into, labels, skip) for source, letters in by_company
    ]


def groups_of(letters: Sequence[PostedLetter]) -> Iterator[SheetGroup]:
    """The letters by kind, registered ones first, each kind numbered by itself."""
    for medium, (title, _) in _KINDS.items():
        some = [each for each in letters if each.medium == medium]
        rows = tuple(
            SheetRow(
                number=number,
                lines=_lines(each),
                reference=each.id,
                tracking=each.tracking,
            )
            for number, each in enumerate(some, 1)
        )
        if rows:
            yield SheetGroup(title=title, rows=rows)


def _lines(letter: PostedLetter) -> tuple[str, ...]:
    """The envelope's lines, the country in words."""
    *lines, last = envelope_lines(letter)
    return (*lines, country_line(last, "IT", "it") if len(last) == 2 else last)


def _written(
    office: Office,
    source: str,
    on: date,
    letters: Sequence[PostedLetter],
    into: Path,
    labels: str,
    skip: int,
) -> WrittenSheet:
    company = office.config.companies.get(source)
    sender = (company.name or source, *company.address) if company else (source,)
    groups = list(groups_of(letters))
    rows = [row for group in groups for row in group.rows]
    form = LABEL_FORMS[labels]
    files = {
        _name("distinta", source, on, "pdf"): sheet_pdf(on, sender, groups),
        _name("distinta", source, on, "csv"): _csv(groups).encode("utf-8-sig"),
        _name("etichette", source, on, "pdf"): labels_pdf(
            on, sender, rows, form, skip % (form.columns * form.rows)
        ),
    }
    try:
        into.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            temporary = into / f".{name}.new"
            temporary.write_bytes(content)
            temporary.replace(into / name)
    except OSError as error:
        raise PostSheetError(
            text(
                "{folder} cannot be written to: {why}.",
                folder=str(into),
                why=system_words(error),
            )
        ) from None
    return WrittenSheet(
        source=source, letters=len(letters), files=tuple(into / name for name in files)
    )


def _csv(groups: Sequence[SheetGroup]) -> str:
    singular = dict(_KINDS.values())
    return csv_text(
        COLUMNS,
        (
            (
                row.number,
                singular[group.title],
                row.lines[0],
                ", ".join(row.lines[1:]),
                row.reference,
                row.tracking,
            )
            for group in groups
            for row in group.rows
        ),
        separator=";",
    )


def _keep_typed_numbers(file: Path, letters: Sequence[PostedLetter]) -> None:
    """Raises PostSheetError if writing the list again would lose what somebody typed into it."""
    if not file.exists():
        return
    known = {each.id: each.tracking for each in letters}
    try:
        typed = read_post_file(file).rows
    except PostFileError:
        typed = ()
    if any(row.number.strip() and known.get(row.reference) != row.number for row in typed):
        raise PostSheetError(
            text(
                "{file} holds numbers that the hub does not have: take them in first, "
                "`incasso post numbers {file}`.",
                file=str(file),
            )
        )


def _name(what: str, source: str, on: date, suffix: str) -> str:
    return f"{what}-{source}-{on.isoformat()}.{suffix}"
