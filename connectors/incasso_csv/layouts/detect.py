"""Decide how a file is laid out: by its saved mapping, else by its headings and first rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import xxhash

from incasso.api import ConfigurationError, Problem, TemporaryError, text
from incasso_csv.cells.amounts import Mark, column_mark
from incasso_csv.cells.values import Cell, is_blank
from incasso_csv.cells.words import normal
from incasso_csv.files.tables import SheetTable, TextTable
from incasso_csv.layouts.entries import Entry, Layout
from incasso_csv.layouts.flat import AMOUNTS, Flat
from incasso_csv.layouts.headings import Heading, find_heading
from incasso_csv.layouts.ledger_print import LedgerPrint, looks_like_ledger
from incasso_csv.layouts.letters import refuse_letters
from incasso_csv.layouts.mapping import Section
from incasso_csv.layouts.missing_heading import no_heading
from incasso_csv.layouts.one_code import refuse_one_code
from incasso_csv.layouts.record_types import RecordTypes, looks_like_record_types
from incasso_csv.layouts.row_kinds import is_blank_row, outline
from incasso_csv.layouts.summary import find_summary
from incasso_csv.layouts.synonyms import (
    CLIENTS,
    LEDGER,
    PEOPLE,
    REQUIRED,
    Meaning,
    Vocabulary,
)
from incasso_csv.layouts.unclaimed import Unclaimed, refuse_dangerous, unclaimed
from incasso_csv.settings import CsvSettings

RULES: Final = 4
"""Increase it when the reading rules change: all fingerprints change, all rows are read again."""

Kind: TypeAlias = Literal["ledger", "clients", "people"]
_VOCABULARIES: Final[dict[Kind, Vocabulary]] = {
    "ledger": LEDGER,
    "clients": CLIENTS,
    "people": PEOPLE,
}


@dataclass(frozen=True)
class Found:
    """How one file will be read."""

    layout: Layout
    marks: dict[str, Mark]
    unclaimed: tuple[str, ...]
    """Headings that no field takes."""
    coded: bool
    """The rows of a ledger give the client's code; else names and numbers identify clients."""
    seed: int
    """Salt of the fingerprints: another layout, setting or rule gives other fingerprints."""


def detect(
    table: TextTable | SheetTable, kind: Kind, section: Section | None, settings: CsvSettings
) -> Found:
    """The layout of a table. Raises ConfigurationError that says which headings are missing,
    TemporaryError if there is a heading and nothing below it."""
    usual = _usual_mark(table, section, settings)
    layout = _layout(table, kind, section, usual, _ignored(section, settings))
    beside = _beside(table, kind, section, layout, settings)
    refuse_dangerous(beside, table.path.name)
    if isinstance(layout, Flat) and kind == "ledger":
        cells = [row.cells for row in table.head]
        refuse_one_code(layout.heading, cells, table.path.name)
        refuse_letters(layout.heading, cells, settings.method_overrides, table.path.name)
    marks = _marks(table, layout, section, settings)
    chosen = (
        settings.currency,
        settings.country,
        settings.encoding,
        dict(settings.payment_methods),
        settings.client_accounts,
        dict(settings.renamed),
    )
    described = (RULES, layout, marks, section, *chosen)
    names = tuple(column.name for column in beside)
    seed = xxhash.xxh3_64_intdigest(repr(described).encode())
    return Found(layout, marks, names, _coded(layout), seed)


def _coded(layout: Layout) -> bool:
    if isinstance(layout, Flat):
        given = "client" in layout.constants or "client" in layout.heading.columns
        return given and not layout.carries
    return not isinstance(layout, LedgerPrint) or "client" in layout.heading.columns


def _beside(
    table: TextTable | SheetTable,
    kind: Kind,
    section: Section | None,
    layout: Layout,
    settings: CsvSettings,
) -> tuple[Unclaimed, ...]:
    """The columns that no field takes, of layouts with a heading."""
    if not isinstance(layout, (Flat, LedgerPrint)) or layout.heading.row < 0:
        return ()
    below = [row.cells for row in table.head[layout.heading.row + 1 :]]
    ignored = _ignored(section, settings)
    return unclaimed(layout.heading, below, _vocabulary(kind, section, ignored), ignored)


def _ignored(section: Section | None, settings: CsvSettings) -> tuple[str, ...]:
    return (*settings.ignore, *(section.ignore if section else ()))


def _usual_mark(
    table: TextTable | SheetTable, section: Section | None, settings: CsvSettings
) -> Mark:
    """The default mark where cells are ambiguous: a comma-separated file has no decimal commas."""
    if chosen := settings.decimal or (section.decimal if section else ""):
        return chosen
    return "." if isinstance(table, TextTable) and table.shape.separator == "," else ","


def _layout(
    table: TextTable | SheetTable,
    kind: Kind,
    section: Section | None,
    usual: Mark,
    ignored: Sequence[str],
) -> Layout:
    rows = [row.cells for row in table.head]
    if section is not None and section.layout == "headerless":
        return _headerless(kind, section)
    if section is not None and section.layout == "records":
        return RecordTypes(section.records)
    if section is None and kind == "ledger":
        if (summary := find_summary(rows, usual)) is not None:
            return summary
        if looks_like_record_types(rows):
            raise ConfigurationError(
                (
                    Problem(
                        code="record_types",
                        field="mapping",
                        message=text("{name} is a print of row types", name=table.path.name),
                        hint=text('set mapping = "as400", or a copy of it with your columns'),
                    ),
                )
            )
    heading = _heading(table, kind, section, rows, ignored)
    _refuse_nothing_below(table, heading)
    if (section is not None and section.layout == "ledger") or looks_like_ledger(heading, rows):
        return LedgerPrint(heading, usual)
    return Flat(
        heading=heading,
        constants=dict(section.constants) if section else {},
        carries=_carries(kind, section, heading),
        first_data=heading.row + 1,
        titles=frozenset(outline(row) for row in rows[: heading.row] if not is_blank_row(row)),
        marker=_marker(kind, heading),
    )


def _headerless(kind: Kind, section: Section) -> Flat:
    columns = {name: at for at, name in enumerate(section.fields) if name}
    heading = Heading(row=-1, columns=columns, names=section.fields)
    widths = frozenset(section.widths) or frozenset({len(section.fields)})
    return Flat(
        heading=heading,
        constants=dict(section.constants),
        marker=_marker(kind, heading),
        widths=widths,
    )


def _heading(
    table: TextTable | SheetTable,
    kind: Kind,
    section: Section | None,
    rows: Sequence[Sequence[Cell]],
    ignored: Sequence[str],
) -> Heading:
    vocabulary = _vocabulary(kind, section, ignored)
    given = set(section.constants) if section else set()
    required = [group for group in REQUIRED[kind] if not given.intersection(group)]
    heading = find_heading(rows, vocabulary, required)
    if heading is None:
        problem = no_heading(table.path.name, required, vocabulary, rows)
        raise ConfigurationError((problem,))
    return heading


def _vocabulary(kind: Kind, section: Section | None, ignored: Sequence[str]) -> Vocabulary:
    """The headings of this kind of file, those of the mapping first; ignored ones mean nothing."""
    columns = section.columns if section else {}
    if not (columns or ignored):
        return _VOCABULARIES[kind]
    named = {normal(name): (Meaning(to, 0),) for name, to in columns.items()}
    silent: dict[str, tuple[Meaning, ...]] = {normal(name): () for name in ignored}
    return {**_VOCABULARIES[kind], **named, **silent}


def _refuse_nothing_below(table: TextTable | SheetTable, heading: Heading) -> None:
    below = table.head[heading.row + 1 :]
    if all(is_blank(cell) for row in below for cell in row.cells):
        raise TemporaryError(
            text(
                "{path} has a heading and nothing below it; nothing was changed. Did the "
                "export find no data?",
                path=table.path,
            )
        )


def _carries(kind: Kind, section: Section | None, heading: Heading) -> bool:
    """Without a column for the client, lines between the rows must name it."""
    if kind != "ledger":
        return False
    parties = {"client", "client_name", "surname", "vat", "tax_code", "tax_id"}
    named = parties.intersection(heading.columns) or (section and section.constants.get("client"))
    return not named or (section is not None and section.layout == "hierarchical")


def _marker(kind: Kind, heading: Heading) -> str:
    if kind == "ledger":
        return "due_date"
    return next((name for name in ("code", "name") if name in heading.columns), "name")


def _marks(
    table: TextTable | SheetTable, layout: Layout, section: Section | None, settings: CsvSettings
) -> dict[str, Mark]:
    """The decimal mark of each column of amounts, from its first rows, else from the others'."""
    if chosen := settings.decimal or (section.decimal if section else ""):
        return dict.fromkeys((*AMOUNTS, "credit_limit"), chosen)
    cells: dict[str, list[Cell]] = {name: [] for name in (*AMOUNTS, "credit_limit")}
    for item in layout.read(table.head):
        if isinstance(item, Entry):
            for name in cells:
                cells[name].append(item.fields.get(name, ""))
    marks = {name: column_mark(column) for name, column in cells.items()}
    known = {mark for mark in marks.values() if mark}
    common: Mark = known.pop() if len(known) == 1 else ""
    return {name: mark or common for name, mark in marks.items()}
