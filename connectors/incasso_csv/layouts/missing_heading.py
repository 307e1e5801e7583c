"""What is said of a file in which no row names the columns that it must have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from incasso.api import Problem, text
from incasso_csv.cells.values import Cell
from incasso_csv.layouts.synonyms import Vocabulary, meanings

_WORDS: Final[Mapping[tuple[str, ...], str]] = {
    ("due_date",): text("due date"),
    ("amount", "residual", "debit"): text("amount, residual or dare"),
    ("name", "surname"): text("name"),
    ("code", "vat", "tax_code", "tax_id"): text("code, VAT number or tax code"),
    ("code",): text("code"),
    ("name",): text("name"),
}
"""The groups of `REQUIRED` for people."""


def no_heading(
    file: str,
    required: Sequence[Sequence[str]],
    vocabulary: Vocabulary,
    rows: Sequence[Sequence[Cell]],
) -> Problem:
    """What was wanted, and what was understood of the row that looks most like a heading."""
    understood = max(
        ([str(c).strip() for c in row if meanings(str(c), vocabulary)] for row in rows[:40]),
        key=len,
        default=[],
    )
    return Problem(
        code="no_heading",
        message=text(
            "{file} has no heading with these columns: {wanted}; understood are: {known}",
            file=file,
            wanted=in_words(required),
            known=understood[:12] or text("none"),
        ),
        hint=text("give the columns their usual names, or write a mapping (docs/howto/csv.md)"),
    )


def in_words(required: Sequence[Sequence[str]]) -> list[str]:
    """The columns that a file must have, one of each group."""
    return [_WORDS[tuple(group)] for group in required]
