"""The statement of interest in a plain mail: columns aligned by spaces, headed once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incasso.messages.language import Language
from incasso.messages.statement import Statement, StatementPart, StatementRow

_COLUMNS: Final = ("first", "last", "days", "rate", "base", "amount")


def statement_lines(statement: Statement, language: Language) -> list[str]:
    """Its lines without notes; as wide as the amounts need."""
    heading = StatementRow(
        **{name: language.labels[f"statement_{_LABELS.get(name, name)}"] for name in _COLUMNS},
        carried="",
    )
    rows = [heading, *[row for part in statement.parts for row in part.rows]]
    wide = [max(len(getattr(row, name)) for row in rows) for name in _COLUMNS]
    whole = sum(wide) + 2 * (len(wide) - 1)
    rule = "-" * whole
    return [
        statement.title,
        rule,
        _cells(heading, wide),
        rule,
        *[line for part in statement.parts for line in _part(part, wide, whole, language)],
        rule,
        *[_ended(label, value, whole) for label, value in statement.feet],
    ]


_LABELS: Final = {"first": "from", "last": "to"}


def _part(part: StatementPart, wide: list[int], whole: int, language: Language) -> Iterator[str]:
    yield f"{part.document}, {part.due}"
    for row in part.rows:
        costs = language.labels["statement_costs"]
        yield _cells(row, wide) if row.first else _ended(costs, row.amount, whole)


def _cells(row: StatementRow, wide: list[int]) -> str:
    cells = [f"{getattr(row, name):>{room}}" for name, room in zip(_COLUMNS, wide, strict=True)]
    return "  ".join(cells)


def _ended(label: str, value: str, whole: int) -> str:
    """The amount under the last column."""
    return f"{label}{value:>{max(whole - len(label), len(value) + 2)}}"
