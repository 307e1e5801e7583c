"""A column that looks like the client's code and is not: the ledger's own account, the company."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from incasso.api import ConfigurationError, Problem, text
from incasso_csv.cells.values import Cell, is_blank
from incasso_csv.cells.words import normal
from incasso_csv.layouts.headings import Heading

_SAMPLE: Final = 200
_SEVERAL: Final = 2
"""Names for each code, on the average: with as many the codes are not the clients'."""


def refuse_one_code(heading: Heading, rows: Sequence[Sequence[Cell]], file: str) -> None:
    """Raises ConfigurationError if the first rows give a code to several clients throughout.

    One account for occasional clients is usual; a whole file of them would make all clients one.
    """
    if not {"client", "client_name"} <= heading.columns.keys():
        return
    at = (heading.columns["client"], heading.columns["client_name"])
    names: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows[heading.row + 1 :][:_SAMPLE]:
        if max(at) < len(row) and not is_blank(row[at[0]]) and not is_blank(row[at[1]]):
            name = str(row[at[1]]).strip()
            names[str(row[at[0]]).strip()].setdefault(normal(name), name)
    if sum(map(len, names.values())) < _SEVERAL * max(1, len(names)):
        return
    code = max(names, key=lambda each: len(names[each]))
    column = heading.names[at[0]].strip() if heading.row >= 0 else str(at[0] + 1)
    raise ConfigurationError((_problem(file, column, code, list(names[code].values())[:2]),))


def _problem(file: str, column: str, code: str, names: Sequence[str]) -> Problem:
    return Problem(
        code="one_code",
        field="client",
        message=text(
            "{file}: the column {column!r} gives the code {code} to several clients ({names}): it "
            "is not the client's code",
            file=file,
            column=column,
            code=code,
            names=", ".join(names),
        ),
        hint=text(
            'say in a mapping which column is the client\'s code, or waive it: ignore = ["{name}"]',
            name=column,
        ),
    )
