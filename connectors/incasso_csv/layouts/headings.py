"""Find the heading of a table among titles and summaries, and what each column means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from incasso.api import ConfigurationError, Problem, text
from incasso_csv.cells.values import Cell, is_blank
from incasso_csv.cells.words import normal
from incasso_csv.layouts.synonyms import Meaning, Vocabulary, meanings

_WITHIN: Final = 40
"""Rows to look through: summary blocks of eleven rows before the table have been seen."""

# "Cod." alone is ambiguous: it belongs to the column that follows it.
_VAGUE_CODES: Final = frozenset({"cod", "codice"})
_LOCAL: Final = frozenset("vl lcy interna locale local".split())
"""Words of headings whose amounts are in the company's own currency."""
_NUMERIC: Final = re.compile(r"[\d.]+", re.ASCII)


class Heading(NamedTuple):
    """Where the table begins and which column holds which field."""

    row: int
    """Position of the heading among the rows looked at; -1 for a file without one."""
    columns: dict[str, int]
    names: tuple[str, ...]

    @property
    def width(self) -> int:
        """How many cells a row of the table has."""
        return len(self.names)


def find_heading(
    rows: Sequence[Sequence[Cell]],
    vocabulary: Vocabulary,
    required: Sequence[Sequence[str]],
) -> Heading | None:
    """The first of the leading rows whose cells name every required field; None if none does.

    Raises ConfigurationError if two columns claim the same field with the same right and
    different contents.
    """
    for index, row in enumerate(rows[:_WITHIN]):
        names = tuple(cell if isinstance(cell, str) else "" for cell in row)
        if sum(bool(meanings(name, vocabulary)) for name in names) < 2:
            continue
        party = _party_column(names, rows[index + 1 :])
        others = tuple("" if at == party else name for at, name in enumerate(names))
        columns = _columns(others, vocabulary, rows[index + 1 :])
        if party >= 0:
            columns["party"] = party
        if all(any(field in columns for field in group) for group in required):
            return Heading(index, _resolved(columns, names, rows[index + 1 :]), _trimmed(names))
    return None


def _trimmed(names: tuple[str, ...]) -> tuple[str, ...]:
    """Without the empty columns that spreadsheets leave on the right."""
    last = max((i for i, name in enumerate(names) if not is_blank(name)), default=-1)
    return names[: last + 1]


def _columns(
    names: Sequence[str], vocabulary: Vocabulary, below: Sequence[Sequence[Cell]]
) -> dict[str, int]:
    """Each field's column. Claims are served by rank; a loser falls back to its next meaning."""
    claims = sorted(
        (meaning.rank, position, meaning.field)
        for position, name in enumerate(names)
        for meaning in _meanings(names, position, vocabulary)
    )
    taken: dict[str, int] = {}
    rank_of: dict[str, int] = {}
    used: set[int] = set()
    for rank, position, field in claims:
        if position in used:
            continue
        if field not in taken:
            taken[field] = position
            rank_of[field] = rank
            used.add(position)
        elif normal(names[taken[field]]) == normal(names[position]) and rank < 100:
            _refuse_difference(field, names[position], taken[field], position, below)
            used.add(position)
    return taken


def _meanings(names: Sequence[str], position: int, vocabulary: Vocabulary) -> Sequence[Meaning]:
    found = meanings(names[position], vocabulary)
    if normal(names[position]) not in _VAGUE_CODES or position + 1 >= len(names):
        return found
    neighbour = meanings(names[position + 1], vocabulary)
    follows = neighbour[0].field if neighbour else ""
    # The code of a bank or of an agent must not become the client's.
    return () if follows in ("bank", "agent", "payment_method", "area") else found


def _refuse_difference(
    field: str, name: str, first: int, second: int, below: Sequence[Sequence[Cell]]
) -> None:
    for row in below[:200]:
        cells = [row[i] if i < len(row) else "" for i in (first, second)]
        if cells[0] != cells[1]:
            raise ConfigurationError(
                (
                    Problem(
                        code="doubled_heading",
                        field=field,
                        message=text(
                            "columns {first} and {second} are both called {name!r} and differ",
                            first=first + 1,
                            second=second + 1,
                            name=name,
                        ),
                        hint=text("rename one, or say in a mapping which column is meant"),
                    ),
                )
            )


def _resolved(
    columns: dict[str, int], names: Sequence[str], below: Sequence[Sequence[Cell]]
) -> dict[str, int]:
    """The meaning of a vague heading, decided by its cells.

    `Cliente` may hold codes, `Descrizione` names where no other column does, `Pagamento` may be
    ticked with an X when the item is paid, and `Saldato` may say yes or no.
    """
    settled = dict(columns)
    if "client" not in settled and "client_name" in settled:
        found = _sample(below, settled["client_name"])
        if found and all(_NUMERIC.fullmatch(name) for name in found):
            settled["client"] = settled.pop("client_name")
    if "client" in settled and "client_name" not in settled:
        described = [at for at, name in enumerate(names) if normal(name) == "descrizione"]
        if described and described[0] not in settled.values():
            settled["client_name"] = described[0]
    said = set(_sample(below, settled.get("paid", -1)))
    if said and said <= _YES_OR_NO and not said <= {"0", "1"}:
        settled["settled"] = settled.pop("paid")
    if set(_sample(below, settled.get("payment_method", -1))) == {"x"}:
        settled["settled"] = settled.pop("payment_method")
    return _of_one_currency(settled, names)


def _of_one_currency(columns: dict[str, int], names: Sequence[str]) -> dict[str, int]:
    """Amounts in the company's own currency stand beside the code of another: `Importo (VL)`.

    What is owed is the residual, else the amount; an amount of the other kind is left.
    """
    local = {
        field: not _LOCAL.isdisjoint(normal(names[columns[field]]).split())
        for field in ("residual", "amount")
        if field in columns
    }
    if "currency" not in columns:
        return columns
    owed = local.get("residual", local.get("amount", False))
    other: set[str] = {field for field, own in local.items() if own is not owed}
    if owed:
        other.add("currency")
    return {field: at for field, at in columns.items() if field not in other}


def _sample(below: Sequence[Sequence[Cell]], position: int) -> list[str]:
    cells = (row[position] for row in below[:200] if 0 <= position < len(row))
    return [normal(str(cell)) for cell in cells if not is_blank(cell)]


_YES_OR_NO: Final = frozenset("si s no n x yes y true false vero falso ja nein oui non".split())
_PARTIES: Final = frozenset(
    "cliente clienti fornitore fornitori cli for customer customers supplier "
    "suppliers vendor vendors forn kunde lieferant client fournisseur".split()
)
_LETTERS: Final = ({"c", "f"}, {"d", "k"})
"""Clients and suppliers as letters; D and K in German and in SAP."""
_KINDS_OF_PARTY: Final = re.compile(r"anag|tipo|type|c f$|client[ei] fornitor|soggett|kontoart")


def _party_column(names: Sequence[str], below: Sequence[Sequence[Cell]]) -> int:
    """The column that tells clients from suppliers, whatever its heading; -1 if there is none."""
    for position, name in enumerate(names):
        seen = set(_sample(below, position))
        if not seen:
            continue
        only_clients = seen == {"c"} and _KINDS_OF_PARTY.match(normal(name))
        if seen <= _PARTIES or seen in _LETTERS or only_clients:
            return position
    return -1
