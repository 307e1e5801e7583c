"""The sums per client of a whole read as a table, to lay beside the list of the ERP."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Final

from incasso.contract.errors import ConfigurationError
from incasso.contract.text import text
from incasso.domain.plain_cell import plain_cell
from incasso.locale.headings import heading
from incasso.locale.system_words import system_words
from incasso.services.ledger.survey import Survey

COLUMNS: Final = ("source", "client", "client_name", "currency", "open_items", "total", "overdue")


def check_name(path: Path) -> None:
    """Raises ConfigurationError for a file that is no .csv."""
    if path.suffix.lower() != ".csv":
        raise ConfigurationError(text("{name} must end in .csv", name=path.name))


def write_client_sums(path: Path, surveys: Iterable[Survey], language: str) -> int:
    """Write what each client has open, by source, code and currency; gives the number of lines.

    A CSV file as a spreadsheet of that language opens it: semicolons and decimal commas in
    Italian. The file is replaced as a whole. Raises ConfigurationError where it cannot be written.
    """
    lines = [line for found in surveys for line in _lines(found, language)]
    _replace(path, as_csv(lines, language))
    return len(lines)


def as_csv(lines: Iterable[tuple[str, ...]], language: str) -> bytes:
    """With headings; what a spreadsheet would take for a formula stays text."""
    out = StringIO(newline="")
    writer = csv.writer(out, delimiter=";" if language == "it" else ",")
    writer.writerow([heading(name, language) for name in COLUMNS])
    writer.writerows([[plain_cell(cell) for cell in line] for line in lines])
    return out.getvalue().encode("utf-8-sig", "replace")


def _lines(found: Survey, language: str) -> Iterator[tuple[str, ...]]:
    for (client, currency), owes in sorted(found.portrait.by_client.items()):
        yield (
            found.source,
            client,
            found.portrait.names[client],
            currency,
            str(owes.items),
            _amount(owes.total, language),
            _amount(owes.overdue, language),
        )


def _amount(amount: Decimal, language: str) -> str:
    plain = f"{amount:f}"
    return plain.replace(".", ",") if language == "it" else plain


def _replace(path: Path, content: bytes) -> None:
    try:
        part = path.with_name(f"{path.name}.part")
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        raise ConfigurationError(
            text("{path} cannot be written: {error}", path=str(path), error=system_words(error))
        ) from error
