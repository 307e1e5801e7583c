"""Distinguishes data rows from totals, repeated headings, client lines and remarks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final

from incasso_csv.cells.values import Cell, is_blank
from incasso_csv.cells.words import normal

_TOTAL: Final = re.compile(
    r"(?:sub ?)?total[ei]?\b|tot\b|saldo (?:partita|cliente|conto|generale)|saldo$"
    r"|(?:a )?riport(?:o|are)\b|grand total\b"
)
_GRAND: Final = re.compile(
    r"total[ei]? (?:generale|complessivo|complessiva|scadenz\w*|documento|azienda)\b"
    r"|grand total|saldo generale"
)
_FOOTER: Final = re.compile(r"total|saldo|fine\b|pag\b|pagina|stampat|elaborat|data stampa")
_CARRIED: Final = re.compile(r"(?:a )?riport(?:o|are)\b")
_CLIENT_WORD: Final = re.compile(r"\s*(?:cliente|conto|intestatario|debitore)\b\s*[:.\-]?\s*", re.I)
_CODE_NAME: Final = re.compile(r"([A-Z]{0,4}[\d][\w.]*)[\s\-–:]+(\S.*)", re.DOTALL)
_VAT: Final = re.compile(r"p(?:art(?:ita)?)?\.?\s*iva\W*((?:[A-Z]{2})?\d{8,12})", re.IGNORECASE)
_DIGITS: Final = re.compile(r"\d+")
_LONGEST_REMARK: Final = 200


def is_blank_row(cells: Sequence[Cell]) -> bool:
    """Whether every cell is empty."""
    return all(is_blank(cell) for cell in cells)


def total_words(cells: Sequence[Cell], within: int = 2) -> str:
    """The words that mark a row as a total; empty if it is none.

    They are in its first filled cells; a note at the end of an open item says "saldo" too.
    """
    filled = (cell for cell in cells if not is_blank(cell))
    for cell in islice(filled, within):
        if isinstance(cell, str) and len(cell) < _LONGEST_REMARK:
            words = normal(cell)
            if words and _TOTAL.match(words):
                return words
    return ""


def is_grand(words: str) -> bool:
    """Whether the words mean the whole file."""
    return _GRAND.match(words) is not None


def is_carried_forward(words: str) -> bool:
    """Whether it is a page's "riporto", which repeats a sum and need not be verified."""
    return _CARRIED.match(words) is not None


def is_heading_again(cells: Sequence[Cell], names: Sequence[str]) -> bool:
    """The heading repeated at a page break, or doubled at the top."""
    if len(cells) < len(names):
        return False
    return all(
        isinstance(cell, str) and normal(cell) == normal(name)
        for cell, name in zip(cells, names, strict=False)
        if name.strip()
    )


def outline(cells: Sequence[Cell]) -> str:
    """A row without its digits: page headings differ in page number and hour only."""
    return _DIGITS.sub("#", "|".join(str(cell) for cell in cells)).rstrip("|")


def is_remark(cells: Sequence[Cell]) -> bool:
    """A title or a footer: one short text alone in its row."""
    filled = [cell for cell in cells if not is_blank(cell)]
    return (
        len(filled) == 1
        and isinstance(filled[0], str)
        and len(filled[0]) <= _LONGEST_REMARK
        and filled[0].strip().isprintable()
    )


def is_footer(row: str) -> bool:
    """Whether it ends a print: a total, a page number, when and by whom it was printed."""
    return _FOOTER.match(normal(row[:_LONGEST_REMARK])) is not None


def client_line(cells: Sequence[Cell]) -> Mapping[str, str] | None:
    """The client that a line of a hierarchical print announces; None if it announces none.

    Seen: `Cliente: 00012 ROSSI SRL`, `501.00012 - Rossi Srl`, code and name in two cells.
    """
    texts = [str(cell).strip() for cell in cells if not is_blank(cell)]
    line = " ".join(texts)
    announced = _CLIENT_WORD.match(line)
    rest = line[announced.end() :] if announced else line
    vat = _VAT.search(rest)
    if vat:
        rest = rest[: vat.start()].rstrip(" -–,;(")
    found = _CODE_NAME.fullmatch(rest)
    if not found and not (announced and rest):
        return None
    client = {"client": found[1], "client_name": found[2]} if found else {"client_name": rest}
    return client | ({"vat": vat[1]} if vat else {})
