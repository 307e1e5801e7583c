"""Ways to pay as codes of one character: what they mean is asked, not guessed.

B is a transfer in one program and a bill at the bank in another, and both are waited for
differently.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from incasso.api import ConfigurationError, PaymentMethod, Problem, text
from incasso_csv.cells.values import Cell
from incasso_csv.cells.words import normal
from incasso_csv.layouts.headings import Heading

_FILLERS: Final = frozenset("x0")
"""What a cell may hold that says nothing: left to the rules for single rows."""


def refuse_letters(
    heading: Heading, rows: Sequence[Sequence[Cell]], known: Collection[str], file: str
) -> None:
    """Raises ConfigurationError with the codes that `known`, the company's own, lacks.

    `known` holds them in normal form. Rows of files without a heading are judged one by one.
    """
    at = heading.columns.get("payment_method")
    if at is None or heading.row < 0:
        return
    below = (row[at] for row in rows[heading.row + 1 :] if at < len(row))
    seen = {normal(str(cell)) for cell in below}
    letters = sorted(
        each.upper()
        for each in seen
        if len(each) == 1 and each not in _FILLERS and each not in known
    )
    if letters:
        raise ConfigurationError((_problem(heading.names[at].strip(), letters, file),))


def _problem(name: str, letters: Sequence[str], file: str) -> Problem:
    return Problem(
        code="letters_of_payment",
        field=name,
        message=text(
            "{file}: the column {name!r} gives ways to pay as codes of one character, and nothing "
            "says what they mean: {letters}",
            file=file,
            name=name,
            letters=letters,
        ),
        hint=text(
            "say it in plugins.toml: payment_methods = {{ {example} }}; possible are {methods}; "
            'or pass the column over: ignore = ["{name}"]',
            example=", ".join(f'{each} = "…"' for each in letters),
            methods=list(PaymentMethod),
            name=name,
        ),
    )
