"""The first sheet of a workbook, as texts; works in the child process that may use so much."""

from __future__ import annotations

from itertools import islice

from incasso.contract.errors import ConfigurationError

MOST_ROWS = 20_000


def first_sheet(path: str) -> list[list[str]]:
    """Its rows. Raises ConfigurationError for what is no workbook."""
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
        sheet = book.get_sheet_by_index(0)
        rows = list(islice(sheet.iter_rows(), MOST_ROWS))
        before = [""] * (sheet.start[1] if sheet.start else 0)
        above = [[""]] * (sheet.start[0] if sheet.start else 0)
    except (python_calamine.CalamineError, OSError, IndexError) as error:
        raise ConfigurationError(str(error)) from None
    return above + [before + [_text(cell) for cell in row] for row in rows]


def _text(cell: object) -> str:
    """A number of twelve digits is a number to a spreadsheet: exact, and without its fraction."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
