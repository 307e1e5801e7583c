"""A provider's workbook: its head, and its rows of results as updates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final

from incasso.api import Page, Problem, RejectedError, ReturnSheet, UpdateItem, apart, text
from incasso_excel import sheets
from incasso_excel.headings import Found, find, own
from incasso_excel.mapping import ResultsMapping
from incasso_excel.results import Results
from incasso_excel.words import SHEETS, plain

_PAGE: Final = 500
_TOTALS: Final = ("totale", "totali", "total", "totals", "somma", "sum")


def identify(
    name: str, source: BinaryIO, password: str, mapping: ResultsMapping | None
) -> ReturnSheet:
    """The head of a workbook. Raises RejectedError for one without results in it."""
    with _on_disk(source) as path:
        seen = _look(name, path, password)
        _sheet_of(name, seen, mapping)
    hidden = seen.hidden
    return ReturnSheet(
        lot=hidden.get("lot", "")[:32],
        version=hidden.get("version", "")[:32],
        digest=hidden.get("digest", "")[:128],
    )


def read(
    name: str, source: BinaryIO, password: str, mapping: ResultsMapping | None
) -> Iterator[Page[UpdateItem]]:
    """The rows of results, in pages."""
    with _on_disk(source) as path:
        seen = _look(name, path, password)
        sheet, found = _sheet_of(name, seen, mapping)
        codes = mapping.codes() if mapping else None
        results = Results(name, found.columns, seen.hidden.get("lot", "")[:32], codes)
        warnings = _warnings(found)
        items: list[UpdateItem] = []
        rows: list[int] = []
        for number, row in _numbered(path, password, sheet, found.row):
            item = None if _is_total(row, found.columns) else results.read(number, row)
            if item is None:
                continue
            items.append(item)
            rows.append(number)
            if len(items) == _PAGE:
                yield _page(name, items, rows, warnings)
                items, rows, warnings = [], [], ()
        yield _page(name, items, rows, warnings)


def _page(
    name: str, items: list[UpdateItem], rows: list[int], warnings: tuple[Problem, ...]
) -> Page[UpdateItem]:
    return Page(items=tuple(items), file=name, rows=tuple(rows), warnings=warnings)


def _numbered(
    path: str, password: str, sheet: str, heading: int
) -> Iterator[tuple[int, list[apart.Cell]]]:
    """The rows below the heading, with their number in Excel."""
    number = 0
    try:
        for packed in apart.stream(sheets.sheet_rows, path, password, sheet, bounds=apart.WORKBOOK):
            for row in apart.unpacked_rows(packed):
                number += 1
                if number > heading + 1:
                    yield number, row
    except apart.ReadApartError as error:
        raise RejectedError(str(error), code="form") from None


def _look(name: str, path: str, password: str) -> sheets.Look:
    try:
        found: sheets.Look = apart.run(
            sheets.look, path, password, answer=sheets.Look, bounds=apart.WORKBOOK
        )
    except apart.ReadApartError as error:
        raise _no_workbook(name, str(error)) from None
    except RejectedError as error:
        raise _no_workbook(name, str(error), error.code) from None
    return found


def _sheet_of(name: str, seen: sheets.Look, mapping: ResultsMapping | None) -> tuple[str, Found]:
    """The sheet of results: the one with that name, else the first with its headings."""
    wanted = {plain(word) for word in SHEETS["results"]}
    if mapping is not None and mapping.sheet:
        wanted = {plain(mapping.sheet)}
    ordered = sorted(seen.sheets, key=lambda each: plain(each[0]) not in wanted)
    known = own() if mapping is None else mapping.headings()
    for sheet, packed in ordered:
        if (found := find(apart.unpacked_rows(packed), known)) is not None:
            return sheet, found
    if mapping is not None:
        raise _no_workbook(name, text("no sheet has the headings of the mapping"))
    raise _no_workbook(
        name, text("no sheet has the headings Affidamento, Data and Esito (or their English words)")
    )


def _is_total(row: Sequence[apart.Cell], columns: Mapping[str, int]) -> bool:
    """A row that only adds up: its first word says so, and it names no result."""
    said = [plain(str(cell)) for cell in row if str(cell).strip()]
    place = columns["kind"]
    return (
        bool(said)
        and said[0].strip(":") in _TOTALS
        and not (place < len(row) and str(row[place]).strip())
    )


def _warnings(found: Found) -> tuple[Problem, ...]:
    warnings = []
    if found.unknown:
        told = text("columns that were not read: {names}", names=", ".join(found.unknown)[:500])
        warnings.append(Problem(code="columns", message=told))
    if found.doubled:
        told = text(
            "columns that stand there twice, of which the first was read: {names}",
            names=", ".join(found.doubled)[:500],
        )
        warnings.append(Problem(code="columns", message=told))
    return tuple(warnings)


def _no_workbook(name: str, why: str, code: str = "form") -> RejectedError:
    return RejectedError(
        text("{name} is no workbook of results: {why}", name=name, why=why), code=code
    )


@contextmanager
def _on_disk(source: BinaryIO) -> Iterator[str]:
    """The file where a child process can read it."""
    source.seek(0)
    with TemporaryDirectory(prefix="incasso-") as folder:
        path = Path(folder) / "workbook"
        with path.open("wb") as target:
            copyfileobj(source, target)
        yield str(path)
